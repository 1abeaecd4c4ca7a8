#include "ui/canvas/paint.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace ottla::ui {

double text_width(const QString& text, const QFont& font) {
  return QFontMetricsF(font).horizontalAdvance(text);
}

double draw_text(QPainter& painter, const QRectF& box, const QString& text, const QFont& font,
                 const QColor& colour, Qt::Alignment alignment) {
  if (box.width() <= 0 || text.isEmpty()) return 0;
  const QFontMetricsF metrics(font);
  double width = metrics.horizontalAdvance(text);
  QString shown = text;
  if (width > box.width() + 0.5) {
    shown = metrics.elidedText(text, Qt::ElideRight, box.width());
    width = metrics.horizontalAdvance(shown);
  }
  double x = box.left();
  if (alignment & Qt::AlignRight) x = box.right() - width;
  if (alignment & Qt::AlignHCenter) x = box.center().x() - width / 2;
  // Centred on the capitals and digits, as boxes beside it are.
  double y = box.center().y() + metrics.capHeight() / 2;
  if (alignment & Qt::AlignTop) y = box.top() + metrics.ascent();
  if (alignment & Qt::AlignBottom) y = box.bottom() - metrics.descent();
  painter.setFont(font);
  painter.setPen(colour);
  painter.drawText(QPointF(x, std::round(y)), shown);
  return width;
}

void draw_box(QPainter& painter, const QRectF& box, double radius, const QColor& fill,
              const QColor& border, double border_width) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
  if (border.isValid()) {
    painter.setPen(QPen(border, border_width));
    const double inset = border_width / 2;
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius);
  } else {
    painter.setPen(Qt::NoPen);
    painter.drawRoundedRect(box, radius, radius);
  }
}

void draw_dashed_box(QPainter& painter, const QRectF& box, double radius, const QColor& fill,
                     const QColor& border, double dash, double gap) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
  QPen pen(border, 1);
  pen.setDashPattern({dash, gap});
  painter.setPen(pen);
  painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

double chip_width(const ChipLook& chip) {
  return 16 + text_width(chip.words, words(11, 500)) + (chip.glyph ? 15 : 0);
}

void draw_chip(QPainter& painter, const QRectF& box, const ChipLook& chip, const Theme& theme) {
  draw_box(painter, box, 4, tone_background(theme, chip.tone));
  const QColor colour = chip.tone == Tone::neutral ? theme.t1 : tone_colour(theme, chip.tone);
  double x = box.left() + 8;
  if (chip.glyph) {
    draw_glyph(painter, *chip.glyph, {x + 4.5, box.center().y()}, 9.5, colour, chip.turned_degrees);
    x += 15;
  }
  draw_text(painter, {x, box.top(), box.right() - 6 - x, box.height()}, chip.words, words(11, 500),
            colour);
}

Tone session_tone(double left) {
  return left > 0.5 ? Tone::good : left > 0.2 ? Tone::warning : Tone::error;
}

void draw_session_ring(QPainter& painter, QPointF centre, double radius, std::optional<double> left,
                       bool expired, const Theme& theme, double stroke) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  const QRectF circle(centre.x() - radius, centre.y() - radius, radius * 2, radius * 2);
  if (expired) {
    painter.setPen(QPen(mixed(theme.card, theme.err, 0.45), std::min(stroke, 1.5)));
    painter.drawEllipse(circle);
    return;
  }
  painter.setPen(QPen(theme.is_dark ? theme.hover : theme.line, stroke));
  painter.drawEllipse(circle);
  if (!left) return;
  const double share = std::clamp(*left, 0.0, 1.0);
  painter.setPen(QPen(tone_colour(theme, session_tone(share)), stroke, Qt::SolidLine, Qt::FlatCap));
  painter.drawArc(circle, 90 * 16, static_cast<int>(-share * 360 * 16));
}

void draw_load_bar(QPainter& painter, const QRectF& box, std::optional<double> share,
                   const Theme& theme) {
  const double radius = box.height() / 2;
  draw_box(painter, box, radius, theme.is_dark ? theme.hover : theme.line);
  if (!share) return;
  QRectF filled = box;
  filled.setWidth(std::max(box.height(), box.width() * std::clamp(*share, 0.0, 1.0)));
  draw_box(painter, filled, radius, *share > 0.85 ? theme.heat : theme.t3);
}

void draw_hatch(QPainter& painter, const QRectF& box, const QColor& colour, double step) {
  painter.save();
  painter.setClipRect(box, Qt::IntersectClip);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colour, 1));
  const double along = step * 1.41421356;
  for (double x = box.left() - box.height(); x < box.right(); x += along) {
    painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()));
  }
  painter.restore();
}

void draw_selection_ring(QPainter& painter, const QRectF& box, double radius, const Theme& theme) {
  draw_box(painter, box.adjusted(-4, -4, 4, 4), radius + 3, {}, theme.sel, 2);
}

void draw_focus_ring(QPainter& painter, const QRectF& box, double radius, const Theme& theme) {
  draw_box(painter, box.adjusted(-3, -3, 3, 3), radius + 2, {}, theme.accent, 2);
}

void draw_pop_up_shadow(QPainter& painter, const QRectF& box, double radius, const Theme& theme) {
  draw_box(painter, box.adjusted(-4, -1, 4, 7), radius + 4, with_alpha(theme.shadow, 0.12));
  draw_box(painter, box.adjusted(-1, 0, 1, 3), radius + 1, with_alpha(theme.shadow, 0.20));
}

}  // namespace ottla::ui
