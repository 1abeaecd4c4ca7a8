// Small painters that every place of the window shares: text, chips, rings, bars, hatches. They
// draw in device-independent pixels and keep no state.
#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>
#include <optional>

#include "ui/canvas/fonts.h"
#include "ui/canvas/glyphs.h"
#include "ui/canvas/theme.h"

namespace ottla::ui {

// One line of text in a box, elided at the end when it does not fit. Returns the width it took.
double draw_text(QPainter& painter, const QRectF& box, const QString& text, const QFont& font,
                 const QColor& colour, Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter);
[[nodiscard]] double text_width(const QString& text, const QFont& font);

// A rounded box with a 1 px border that lies on pixels; an invalid colour leaves out fill or
// border.
void draw_box(QPainter& painter, const QRectF& box, double radius, const QColor& fill,
              const QColor& border = {}, double border_width = 1);
void draw_dashed_box(QPainter& painter, const QRectF& box, double radius, const QColor& fill,
                     const QColor& border, double dash, double gap);

// A chip, 20 high: glyph and words on a tinted ground. `right` or `left` of the box is its anchor.
struct ChipLook {
  QString words;
  std::optional<Glyph> glyph;
  Tone tone = Tone::neutral;
  double turned_degrees = 0;
};
[[nodiscard]] double chip_width(const ChipLook& chip);
void draw_chip(QPainter& painter, const QRectF& box, const ChipLook& chip, const Theme& theme);

// A session ring: clockwise from 12 o'clock, `ok` over 50 %, `warn` to 20 %, `err` under; empty
// with a cross when it has expired, dashed when nothing is known.
void draw_session_ring(QPainter& painter, QPointF centre, double radius, std::optional<double> left,
                       bool expired, const Theme& theme, double stroke = 3);
[[nodiscard]] Tone session_tone(double left);

// A load bar: a track with its share, in `heat` above 85 %.
void draw_load_bar(QPainter& painter, const QRectF& box, std::optional<double> share,
                   const Theme& theme);

// 45 degree hatch; step 5 for truncated, 8 for the future.
void draw_hatch(QPainter& painter, const QRectF& box, const QColor& colour, double step);

// The 2 px selection ring, 2 px outside of the box.
void draw_selection_ring(QPainter& painter, const QRectF& box, double radius, const Theme& theme);
// The 2 px focus outline, 1 px off the control.
void draw_focus_ring(QPainter& painter, const QRectF& box, double radius, const Theme& theme);
// The two rects under a pop-up.
void draw_pop_up_shadow(QPainter& painter, const QRectF& box, double radius, const Theme& theme);

}  // namespace ottla::ui
