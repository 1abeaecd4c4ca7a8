// Every colour of Ottla's window: nothing outside this file names one by number.
//
// Widgets are given a `const Theme&` to a live object. When a person switches between dark and
// light the object's contents change and every widget receives a QEvent::PaletteChange, so a widget
// reads colours while it paints and keeps no copies.
#pragma once

#include <QColor>
#include <QString>
#include <array>
#include <cstdint>

#include "engine/observe/topic_state.h"
#include "engine/observe/traffic.h"

namespace ottla::ui {

// How a replica's cell is drawn: what the snapshot says of it, and the three states of a log in
// motion.
enum class CellState : std::uint8_t { leader, in_sync, out_of_sync, offline, truncated };

struct CellColours {
  QColor fill;
  QColor content;  // Glyph and number on the fill.
  QColor outline;  // Invalid: none. Drawn dashed 3-2 for an offline replica.
};

struct Theme {
  bool is_dark = true;

  // Surfaces, from the back to the front.
  QColor bg;      // Canvas, wells.
  QColor panel;   // Docks, bars.
  QColor card;    //
  QColor raised;  // Chips, headers.
  QColor hover;
  QColor line;   // Hairlines.
  QColor line2;  // Borders.

  // Text: primary, secondary, labels, disabled.
  QColor t1, t2, t3, t4;

  QColor accent, on_accent, accent_bg;  // Controls, focus, crown.
  QColor sel;                           // Selection ring, playhead.
  QColor heat;                          // Hot, overloaded.
  QColor stale;                         // Never the only copy of a fact.
  QColor ok, ok_bg, warn, warn_bg, err, err_bg, info, info_bg;

  std::array<CellColours, 5> cells;  // By CellState.
  QColor truncated_hatch;
  std::array<QColor, 8> epochs;    // By leader epoch modulo 8; 0 draws no edge.
  std::array<QColor, 6> families;  // By observe::ApiFamily.
  std::array<QColor, 8> series;    // Chart curves; a chart has at most six.
  QColor group_flag;               // Committed and read positions of a group.
  QColor shadow;                   // Under pop-ups, with the alpha of the moment.

  [[nodiscard]] const CellColours& cell(CellState state) const {
    return cells[static_cast<std::size_t>(state)];
  }
  // The edge hue of a leader epoch; invalid for epoch 0 and for none, which draw no edge.
  [[nodiscard]] QColor epoch_edge(std::int32_t leader_epoch) const;
  [[nodiscard]] QColor epoch_hue(std::int32_t leader_epoch) const;
  [[nodiscard]] QColor family(observe::ApiFamily api) const {
    return families[static_cast<std::size_t>(api)];
  }

  [[nodiscard]] static const Theme& dark();
  [[nodiscard]] static const Theme& light();
};

// The colour with an alpha of 0 to 1.
[[nodiscard]] QColor with_alpha(QColor colour, double alpha);
// `share` of `over` mixed into `under`, both opaque.
[[nodiscard]] QColor mixed(const QColor& under, const QColor& over, double share);

// Severity as words, chips and verdicts use it.
enum class Tone : std::uint8_t { neutral, good, warning, error, hot, information, accent };
[[nodiscard]] QColor tone_colour(const Theme& theme, Tone tone);
[[nodiscard]] QColor tone_background(const Theme& theme, Tone tone);

[[nodiscard]] CellState cell_state(observe::ReplicaRole role);

}  // namespace ottla::ui
