// The event log's rows: append only and bounded, the oldest first. And what of it a person wants to
// see.
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QString>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/observe/event.h"
#include "ui/models/cell.h"

namespace ottla::ui {

class EventsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum ColumnOf : int { time_column, kind_column, text_column };
  static constexpr std::size_t events_max = 100'000;
  // Trimmed by this many at once: a view pays for each removal at the front.
  static constexpr std::size_t trimmed_at_once = 5'000;

  explicit EventsModel(QObject* parent = nullptr, std::size_t bound = events_max)
      : QAbstractTableModel(parent), bound_(bound) {}

  // Times are shown since this moment.
  void setStart(Instant start);
  [[nodiscard]] Instant start() const { return start_; }
  // The last `count` of `events` are new.
  void append(const std::deque<observe::Event>& events, int count);
  void clear();

  [[nodiscard]] const observe::Event& event(int row) const {
    return events_[static_cast<std::size_t>(row)];
  }
  // The row of the event with this number, or -1.
  [[nodiscard]] int rowOf(std::uint64_t number) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  const std::size_t bound_;
  Instant start_;
  std::deque<observe::Event> events_;
};

// Which events to show; everything that is set must hold.
struct EventFilter {
  std::string words;  // Lower case; each word somewhere in the text, the kind or what it names.
  std::optional<observe::EventKind> kind;
  observe::Severity severity_min = observe::Severity::info;  // good counts as info.
  std::optional<std::pair<Instant, Instant>> span{};         // From, to and with.

  [[nodiscard]] bool passes(const observe::Event& event) const;
  bool operator==(const EventFilter&) const = default;
};

class EventFilterProxy : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  [[nodiscard]] const EventFilter& filter() const { return filter_; }
  void setFilter(EventFilter filter);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  EventFilter filter_;
};

}  // namespace ottla::ui
