#include "ui/views/inspector_writer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "ui/canvas/format.h"

namespace ottla::ui {

using namespace ottla::observe;

namespace {

constexpr std::size_t waits_shown = 6;
constexpr std::size_t events_shown = 8;
constexpr std::size_t events_searched = 20'000;

}  // namespace

void InspectorWriter::title(QString words, QString subtitle, bool mono) {
  content_.title = std::move(words);
  content_.subtitle = std::move(subtitle);
  content_.mono_title = mono;
}
void InspectorWriter::verdict(Tone tone, Glyph glyph, QString words, QString line) {
  content_.verdict = InspectorVerdict{tone, glyph, std::move(words), std::move(line)};
}
InspectorRow& InspectorWriter::field(QString label, QString value) {
  InspectorRow row;
  row.label = std::move(label);
  row.value = std::move(value);
  content_.rows.push_back(std::move(row));
  return content_.rows.back();
}
void InspectorWriter::heading(QString words, QString right) {
  InspectorRow row;
  row.kind = InspectorRow::Kind::heading;
  row.label = std::move(words);
  row.value = std::move(right);
  content_.rows.push_back(std::move(row));
}
void InspectorWriter::action(QString words, Action action) {
  if (s_.capabilities.can_inject_faults)
    content_.actions.push_back({std::move(words), {std::move(action), {}}});
}

void InspectorWriter::waits(const std::function<bool(const WaitState&)>& about) {
  std::vector<const WaitState*> found;
  for (const WaitState& wait : s_.waits) {
    if (about(wait)) found.push_back(&wait);
  }
  if (found.empty()) return;
  std::stable_sort(found.begin(), found.end(),
                   [](const WaitState* a, const WaitState* b) { return a->since < b->since; });
  const std::size_t all = found.size();
  found.resize(std::min(all, waits_shown));
  heading("Waiting, and why", QString("%1 of %2").arg(found.size()).arg(all));
  for (const WaitState* wait : found) row(row_of(*wait));
}

InspectorRow InspectorWriter::row_of(const WaitState& wait) const {
  const Duration age = s_.run.now - wait.since;
  InspectorRow row;
  row.kind = InspectorRow::Kind::wait;
  row.label = QString("%1 from %2").arg(text(wait.kind), text(wait.from));
  row.value = duration(age);
  row.line = text(wait.cause);
  row.family = family_of(wait);
  row.tone = age > Duration::seconds(1) ? Tone::error : Tone::neutral;
  return row;
}

ApiFamily InspectorWriter::family_of(const WaitState& wait) const {
  if (wait.kind == "Produce") return ApiFamily::produce;
  if (wait.kind != "Fetch") return ApiFamily::group;
  const bool from_broker = s_.broker(BrokerId(std::atoi(wait.from.c_str()))) != nullptr;
  return from_broker ? ApiFamily::replicate : ApiFamily::fetch;
}

void InspectorWriter::events(const std::function<bool(const Event&)>& about) {
  std::vector<const Event*> found;
  std::size_t all = 0;
  std::size_t searched = 0;
  for (auto e = events_.rbegin(); e != events_.rend() && searched < events_searched;
       ++e, ++searched) {
    if ((span_ && !span_->holds(e->at)) || !about(*e)) continue;
    ++all;
    if (found.size() < events_shown) found.push_back(&*e);
  }
  if (found.empty()) return;
  heading(span_ ? "Events in the chosen span" : "Recent events",
          QString("%1 of %2").arg(found.size()).arg(all));
  for (const Event* e : found) {
    InspectorRow row;
    row.kind = InspectorRow::Kind::event;
    row.value = short_time(e->at, s_.run.start);
    row.label = text(e->text);
    row.glyph = event_glyph(e->kind);
    row.tone = event_tone(e->severity);
    content_.rows.push_back(std::move(row));
  }
}

void InspectorWriter::process_events(const std::string& name) {
  events([&](const Event& e) { return e.node == name || e.peer == name; });
}

}  // namespace ottla::ui
