// The glyphs of states and faults, drawn as paths so that no font decides how they look. With all
// colour taken away they still tell every state apart.
#pragma once

#include <QColor>
#include <QPainterPath>
#include <QRectF>
#include <cstdint>
#include <string_view>

#include "engine/observe/client_state.h"
#include "engine/observe/event.h"
#include "engine/observe/node_state.h"
#include "engine/observe/traffic.h"
#include "ui/canvas/theme.h"

class QPainter;

namespace ottla::ui {

enum class Glyph : std::uint8_t {
  // Replica states.
  diamond,    // Leader.
  equal,      // Follower in sync.
  not_equal,  // Out of sync, under-replicated.
  cross,      // Offline, dead, killed.
  hatch,      // Truncated.
  plus,       // Adding.
  minus,      // Removing.
  // Group states and verdicts.
  check,
  hourglass,
  turning,  // A rebalance under way; drawn turned by the caller.
  empty_ring,
  warning,  // Triangle with a bar.
  pause,    // Two bars.
  square,   // Stopped.
  rewind,   // Double left arrow.
  clock,    // Unknown, old, slow.
  dot,
  // Faults.
  scissors,
  flame,    // Hot.
  disk,     // Cylinder with a bang.
  corrupt,  // Broken square.
  skew,     // Clock with an arrow.
  bolt,     // Any fault.
  // Others.
  arrow_up,  // Catching up, joined, started.
  arrow_down,
  crown,  // Active controller.
  play,
  lock,
};

// The glyph in a box of 8 by 8 units around the origin. `stroked` glyphs are outlines of 1.4 units.
struct GlyphShape {
  QPainterPath path;
  bool stroked = false;
};
[[nodiscard]] const GlyphShape& glyph_shape(Glyph glyph);

// Draws it `size` pixels high around `centre`.
void draw_glyph(QPainter& painter, Glyph glyph, QPointF centre, double size, const QColor& colour,
                double turned_degrees = 0);

// The shape of a request's dot: circle, square, diamond, triangle up, triangle down, plus.
[[nodiscard]] const QPainterPath& dot_shape(observe::ApiFamily family);
// `size` pixels across; filled for a request, hollow for a response (`under` fills its inside).
void draw_dot(QPainter& painter, observe::ApiFamily family, bool response, QPointF centre,
              double size, const QColor& colour, const QColor& under);

[[nodiscard]] Glyph cell_glyph(CellState state);

// A state's words, glyph and tone, the same wherever it is named.
struct StateLook {
  QString words;
  Glyph glyph = Glyph::dot;
  Tone tone = Tone::neutral;
};
[[nodiscard]] StateLook process_look(observe::ProcessStatus status);
[[nodiscard]] StateLook group_look(std::string_view kafka_state);
[[nodiscard]] StateLook member_look(observe::MemberStatus status);
[[nodiscard]] Glyph event_glyph(observe::EventKind kind);
[[nodiscard]] Tone event_tone(observe::Severity severity);
[[nodiscard]] QString family_words(observe::ApiFamily family);

}  // namespace ottla::ui
