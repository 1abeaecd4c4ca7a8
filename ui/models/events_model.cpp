#include "ui/models/events_model.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "ui/models/text.h"

namespace ottla::ui {
namespace {

bool contains_word(const std::string& text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         }) != text.end();
}

bool names(const observe::Event& event, std::string_view word) {
  if (contains_word(event.text, word) || contains_word(std::string(name(event.kind)), word)) {
    return true;
  }
  const std::array<const std::string*, 4> fields{&event.node, &event.peer, &event.topic,
                                                 &event.group};
  if (std::any_of(fields.begin(), fields.end(),
                  [&](const std::string* field) { return contains_word(*field, word); })) {
    return true;
  }
  if (!event.partition) return false;
  return contains_word(event.topic + "-" + std::to_string(event.partition->value()), word);
}

int rank(observe::Severity severity) {
  switch (severity) {
    case observe::Severity::info:
    case observe::Severity::good: return 0;
    case observe::Severity::warning: return 1;
    case observe::Severity::error: return 2;
  }
  return 0;
}

}  // namespace

void EventsModel::setStart(Instant start) {
  if (start == start_) return;
  start_ = start;
  if (!events_.empty()) emit dataChanged(index(0, time_column), index(rowCount() - 1, time_column));
}

void EventsModel::append(const std::deque<observe::Event>& events, int count) {
  const std::size_t wanted = std::min({static_cast<std::size_t>(count), events.size(), bound_});
  if (wanted == 0) return;
  if (events_.size() + wanted > bound_) {
    const std::size_t over = events_.size() + wanted - bound_;
    const std::size_t trimmed =
        std::min(events_.size(), std::max(over, std::min(trimmed_at_once, bound_ / 10)));
    beginRemoveRows({}, 0, static_cast<int>(trimmed) - 1);
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(trimmed));
    endRemoveRows();
  }
  const int first = rowCount();
  beginInsertRows({}, first, first + static_cast<int>(wanted) - 1);
  events_.insert(events_.end(), events.end() - static_cast<std::ptrdiff_t>(wanted), events.end());
  endInsertRows();
}

void EventsModel::clear() {
  if (events_.empty()) return;
  beginRemoveRows({}, 0, rowCount() - 1);
  events_.clear();
  endRemoveRows();
}

int EventsModel::rowOf(std::uint64_t number) const {
  const auto at = std::lower_bound(
      events_.begin(), events_.end(), number,
      [](const observe::Event& event, std::uint64_t n) { return event.number < n; });
  if (at == events_.end() || at->number != number) return -1;
  return static_cast<int>(at - events_.begin());
}

int EventsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(events_.size());
}

int EventsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 3;
}

QVariant EventsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const observe::Event& event = events_[static_cast<std::size_t>(index.row())];
  if (role == Qt::ToolTipRole && index.column() == text_column) return text(event.text);
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole) return {};
  switch (index.column()) {
    case time_column: return clock_text(event.at - start_);
    case kind_column: return kind_text(event.kind);
    case text_column: return text(event.text);
    default: return {};
  }
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case time_column: return QStringLiteral("Time");
    case kind_column: return QStringLiteral("Kind");
    case text_column: return QStringLiteral("Event");
    default: return {};
  }
}

bool EventFilter::passes(const observe::Event& event) const {
  if (kind && event.kind != *kind) return false;
  if (span && (event.at < span->first || span->second < event.at)) return false;
  if (rank(event.severity) < rank(severity_min)) return false;
  std::string_view left = words;
  while (!left.empty()) {
    const std::size_t space = std::min(left.find(' '), left.size());
    const std::string_view word = left.substr(0, space);
    if (!word.empty() && !names(event, word)) return false;
    left.remove_prefix(std::min(space + 1, left.size()));
  }
  return true;
}

void EventFilterProxy::setFilter(EventFilter filter) {
  if (filter == filter_) return;
  filter_ = std::move(filter);
  invalidateRowsFilter();
}

bool EventFilterProxy::filterAcceptsRow(int row, const QModelIndex&) const {
  return filter_.passes(static_cast<const EventsModel*>(sourceModel())->event(row));
}

}  // namespace ottla::ui
