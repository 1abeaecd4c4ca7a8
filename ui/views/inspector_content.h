// What the inspector says of whatever is selected, as plain rows: title, verdict, fields, what
// waits and why, and recent events. Pure, so that its words are tested without a window.
#pragma once

#include <QString>
#include <deque>
#include <optional>
#include <vector>

#include "engine/observe/command.h"
#include "engine/observe/snapshot.h"
#include "ui/canvas/glyphs.h"
#include "ui/feed/selection.h"

namespace ottla::ui {

struct InspectorRow {
  enum class Kind : std::uint8_t { field, heading, log, wait, event };
  Kind kind = Kind::field;
  QString label;  // A field's name; a wait's or event's sentence.
  QString value;  // A field's value; a wait's age; an event's time.
  QString line;   // A wait's cause.
  std::optional<Glyph> glyph;
  Tone tone = Tone::neutral;
  std::optional<observe::ApiFamily> family;  // A wait's dot.
  double share = 0;                          // A log's length, 0 to 1.
  double mark = -1;                          // The high watermark on it.
  CellState state = CellState::in_sync;
  SelectedThing link = {};  // What a click selects.
};

struct InspectorVerdict {
  Tone tone = Tone::good;
  Glyph glyph = Glyph::check;
  QString title;
  QString line;
};

struct InspectorAction {
  QString words;
  observe::Command command;
};

struct InspectorContent {
  QString title;
  bool mono_title = false;
  QString subtitle;
  std::optional<InspectorVerdict> verdict;
  std::vector<InspectorAction> actions;
  std::vector<InspectorRow> rows;
};

// With a span, the events are those in it.
[[nodiscard]] InspectorContent inspect(const observe::Snapshot& snapshot,
                                       const SelectedThing& selected,
                                       const std::deque<observe::Event>& events,
                                       const std::optional<TimeSpan>& span = std::nullopt);

}  // namespace ottla::ui
