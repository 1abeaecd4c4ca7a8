// Builds what the inspector says of one thing, row by row.
#pragma once

#include <QString>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "ui/views/inspector_content.h"

namespace ottla::ui {

[[nodiscard]] inline QString text(const std::string& words) {
  return QString::fromStdString(words);
}

class InspectorWriter {
 public:
  // The snapshot and the events outlive this. With a span, the events are those in it.
  InspectorWriter(const observe::Snapshot& snapshot, const std::deque<observe::Event>& events,
                  const std::optional<TimeSpan>& span)
      : s_(snapshot), events_(events), span_(span) {}

  void title(QString words, QString subtitle, bool mono = false);
  void verdict(Tone tone, Glyph glyph, QString words, QString line = {});
  // The row, for what else it is to say; valid until the next one.
  InspectorRow& field(QString label, QString value);
  void heading(QString words, QString right = {});
  // Offered only where faults can be injected.
  void action(QString words, observe::Action action);
  // Any other row.
  void row(InspectorRow row) { content_.rows.push_back(std::move(row)); }

  // Requests that wait, and why: the few that have waited longest.
  void waits(const std::function<bool(const observe::WaitState&)>& about);
  // The last few events, newest first.
  void events(const std::function<bool(const observe::Event&)>& about);
  void process_events(const std::string& name);

  [[nodiscard]] InspectorContent take() && { return std::move(content_); }

 private:
  [[nodiscard]] InspectorRow row_of(const observe::WaitState& wait) const;
  [[nodiscard]] observe::ApiFamily family_of(const observe::WaitState& wait) const;

  const observe::Snapshot& s_;
  const std::deque<observe::Event>& events_;
  const std::optional<TimeSpan> span_;
  InspectorContent content_;
};

}  // namespace ottla::ui
