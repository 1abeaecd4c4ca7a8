#include "ui/canvas/glyphs.h"

#include <QPainter>
#include <QPainterPathStroker>
#include <array>
#include <cmath>

namespace ottla::ui {
namespace {

QPainterPath lines(std::initializer_list<std::initializer_list<QPointF>> strokes) {
  QPainterPath path;
  for (const auto& stroke : strokes) {
    bool first = true;
    for (const QPointF& point : stroke) {
      first ? path.moveTo(point) : path.lineTo(point);
      first = false;
    }
  }
  return path;
}

QPainterPath polygon(std::initializer_list<QPointF> points) {
  QPainterPath path = lines({points});
  path.closeSubpath();
  return path;
}

QPainterPath rects(std::initializer_list<QRectF> boxes) {
  QPainterPath path;
  for (const QRectF& box : boxes) path.addRoundedRect(box, 0.5, 0.5);
  return path;
}

QPainterPath struck_bars() {
  QPainterPath path = rects({{-3.4, -2.2, 6.8, 1.5}, {-3.4, 0.7, 6.8, 1.5}});
  QPainterPathStroker stroker;
  stroker.setWidth(1.4);
  stroker.setCapStyle(Qt::RoundCap);
  return path.united(stroker.createStroke(lines({{{1.9, -3.6}, {-1.9, 3.6}}})));
}

QPainterPath turning_arrow() {
  QPainterPath path;
  const QRectF circle(-3, -3, 6, 6);
  path.arcMoveTo(circle, 60);
  path.arcTo(circle, 60, 275);
  path.moveTo(3.6, -3.8);
  path.lineTo(1.7, -2.5);
  path.lineTo(3.4, -0.6);
  return path;
}

QPainterPath hourglass() {
  return lines({{{-2.8, -3.4}, {2.8, -3.4}, {-2.8, 3.4}, {2.8, 3.4}, {-2.8, -3.4}}});
}

QPainterPath clock_face(bool arrow) {
  QPainterPath path;
  path.addEllipse(QPointF(0, 0), 3.3, 3.3);
  path.moveTo(0, -1.9);
  path.lineTo(0, 0.2);
  path.lineTo(1.5, 1.1);
  if (arrow) path.addPath(lines({{{2.2, -4}, {4, -3.4}, {3.2, -1.7}}}));
  return path;
}

QPainterPath scissors() {
  QPainterPath path = lines({{{3.6, -3.2}, {-1.6, 1.5}}, {{3.6, 3.2}, {-1.6, -1.5}}});
  path.addEllipse(QPointF(-2.5, 2.3), 1.3, 1.3);
  path.addEllipse(QPointF(-2.5, -2.3), 1.3, 1.3);
  return path;
}

QPainterPath flame() {
  QPainterPath path(QPointF(0.3, -4.2));
  path.cubicTo(0.8, -2.2, 3.1, -1.2, 3.1, 1.1);
  path.cubicTo(3.1, 3, 1.7, 4.1, 0, 4.1);
  path.cubicTo(-1.7, 4.1, -3.1, 3, -3.1, 1.1);
  path.cubicTo(-3.1, -0.2, -2.4, -1.2, -1.7, -1.9);
  path.cubicTo(-1.6, -1, -1.2, -0.5, -0.6, -0.3);
  path.cubicTo(-0.8, -1.8, -0.5, -3.2, 0.3, -4.2);
  path.closeSubpath();
  return path;
}

QPainterPath cylinder() {
  QPainterPath path;
  path.addEllipse(QRectF(-3.2, -3.8, 6.4, 2.2));
  path.moveTo(-3.2, -2.7);
  path.lineTo(-3.2, 2.6);
  path.cubicTo(-3.2, 4.1, 3.2, 4.1, 3.2, 2.6);
  path.lineTo(3.2, -2.7);
  path.addPath(lines({{{0, -0.6}, {0, 1.2}}, {{0, 2.3}, {0, 2.35}}}));
  return path;
}

QPainterPath padlock() {
  QPainterPath path;
  path.addRoundedRect(QRectF(-2.8, -0.4, 5.6, 4), 0.8, 0.8);
  path.moveTo(-1.7, -0.4);
  path.cubicTo(-1.9, -4.6, 1.9, -4.6, 1.7, -0.4);
  return path;
}

GlyphShape make_shape(Glyph glyph) {
  switch (glyph) {
    case Glyph::diamond: return {polygon({{0, -3.4}, {3.4, 0}, {0, 3.4}, {-3.4, 0}}), false};
    case Glyph::equal: return {rects({{-3.4, -2.2, 6.8, 1.5}, {-3.4, 0.7, 6.8, 1.5}}), false};
    case Glyph::not_equal: return {struck_bars(), false};
    case Glyph::cross:
      return {lines({{{-2.7, -2.7}, {2.7, 2.7}}, {{2.7, -2.7}, {-2.7, 2.7}}}), true};
    case Glyph::hatch:
      return {lines({{{-3.6, 1}, {-1, -3}}, {{-2, 3}, {2, -3}}, {{1, 3}, {3.6, -1}}}), true};
    case Glyph::plus: return {lines({{{-3.2, 0}, {3.2, 0}}, {{0, -3.2}, {0, 3.2}}}), true};
    case Glyph::minus: return {lines({{{-3.2, 0}, {3.2, 0}}}), true};
    case Glyph::check: return {lines({{{-3.1, 0.2}, {-0.9, 2.5}, {3.2, -2.5}}}), true};
    case Glyph::hourglass: return {hourglass(), true};
    case Glyph::turning: return {turning_arrow(), true};
    case Glyph::empty_ring: {
      QPainterPath ring;
      ring.addEllipse(QPointF(0, 0), 3.1, 3.1);
      return {ring, true};
    }
    case Glyph::warning: {
      QPainterPath path = polygon({{0, -3.5}, {3.8, 3.1}, {-3.8, 3.1}});
      path.addPath(lines({{{0, -0.9}, {0, 0.7}}, {{0, 1.9}, {0, 1.95}}}));
      return {path, true};
    }
    case Glyph::pause: return {rects({{-2.6, -3.2, 1.7, 6.4}, {0.9, -3.2, 1.7, 6.4}}), false};
    case Glyph::square: return {rects({{-2.9, -2.9, 5.8, 5.8}}), false};
    case Glyph::rewind:
      return {lines({{{-0.4, -3}, {-3.4, 0}, {-0.4, 3}}, {{3.4, -3}, {0.4, 0}, {3.4, 3}}}), true};
    case Glyph::clock: return {clock_face(false), true};
    case Glyph::dot: {
      QPainterPath path;
      path.addEllipse(QPointF(0, 0), 2.6, 2.6);
      return {path, false};
    }
    case Glyph::scissors: return {scissors(), true};
    case Glyph::flame: return {flame(), false};
    case Glyph::disk: return {cylinder(), true};
    case Glyph::corrupt:
      return {lines({{{-0.4, -3.2}, {-3.2, -3.2}, {-3.2, 3.2}, {-1, 3.2}},
                     {{1.6, -3.2}, {3.2, -3.2}, {3.2, 3.2}, {1, 3.2}},
                     {{0.6, -3.6}, {-0.6, -0.8}, {0.8, 0.6}, {-0.3, 3.6}}}),
              true};
    case Glyph::skew: return {clock_face(true), true};
    case Glyph::bolt:
      return {polygon({{0.9, -4}, {-2.7, 0.7}, {-0.3, 0.7}, {-0.9, 4}, {2.7, -0.9}, {0.3, -0.9}}),
              false};
    case Glyph::arrow_up:
      return {lines({{{0, 3.4}, {0, -3.2}}, {{-2.6, -0.7}, {0, -3.3}, {2.6, -0.7}}}), true};
    case Glyph::arrow_down:
      return {lines({{{0, -3.4}, {0, 3.2}}, {{-2.6, 0.7}, {0, 3.3}, {2.6, 0.7}}}), true};
    case Glyph::crown:
      return {polygon({{-4, -2.4},
                       {-1.9, -0.2},
                       {0, -3.4},
                       {1.9, -0.2},
                       {4, -2.4},
                       {3.2, 2.9},
                       {-3.2, 2.9}}),
              false};
    case Glyph::play: return {polygon({{-2.4, -3.4}, {3.4, 0}, {-2.4, 3.4}}), false};
    case Glyph::lock: return {padlock(), true};
  }
  return {};
}

constexpr std::size_t glyph_count = static_cast<std::size_t>(Glyph::lock) + 1;

std::array<QPainterPath, 6> make_dots() {
  std::array<QPainterPath, 6> shapes;
  shapes[0].addEllipse(QPointF(0, 0), 3.5, 3.5);
  shapes[1].addRect(-3, -3, 6, 6);
  shapes[2] = polygon({{0, -4.1}, {4.1, 0}, {0, 4.1}, {-4.1, 0}});
  shapes[3] = polygon({{0, -3.8}, {3.9, 3}, {-3.9, 3}});
  shapes[4] = polygon({{0, 3.8}, {3.9, -3}, {-3.9, -3}});
  shapes[5].addRect(-3.8, -1.1, 7.6, 2.2);
  QPainterPath upright;
  upright.addRect(-1.1, -3.8, 2.2, 7.6);
  shapes[5] = shapes[5].united(upright);
  return shapes;
}

}  // namespace

const GlyphShape& glyph_shape(Glyph glyph) {
  static const auto shapes = [] {
    std::array<GlyphShape, glyph_count> made;
    for (std::size_t i = 0; i < glyph_count; ++i) made[i] = make_shape(static_cast<Glyph>(i));
    return made;
  }();
  return shapes[static_cast<std::size_t>(glyph)];
}

void draw_glyph(QPainter& painter, Glyph glyph, QPointF centre, double size, const QColor& colour,
                double turned_degrees) {
  const GlyphShape& shape = glyph_shape(glyph);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(centre);
  painter.scale(size / 8, size / 8);
  if (turned_degrees != 0) painter.rotate(turned_degrees);
  if (shape.stroked) {
    painter.strokePath(shape.path, QPen(colour, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  } else {
    painter.fillPath(shape.path, colour);
  }
  painter.restore();
}

const QPainterPath& dot_shape(observe::ApiFamily family) {
  static const auto shapes = make_dots();
  return shapes[static_cast<std::size_t>(family)];
}

void draw_dot(QPainter& painter, observe::ApiFamily family, bool response, QPointF centre,
              double size, const QColor& colour, const QColor& under) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(centre);
  painter.scale(size / 7, size / 7);
  const QPainterPath& shape = dot_shape(family);
  if (response && family != observe::ApiFamily::admin) {
    painter.fillPath(shape, under);
    painter.strokePath(shape, QPen(colour, 1.5));
  } else if (response) {
    painter.strokePath(shape, QPen(colour, 1));
  } else {
    painter.fillPath(shape, colour);
  }
  painter.restore();
}

Glyph cell_glyph(CellState state) {
  switch (state) {
    case CellState::leader: return Glyph::diamond;
    case CellState::in_sync: return Glyph::equal;
    case CellState::out_of_sync: return Glyph::not_equal;
    case CellState::offline: return Glyph::cross;
    case CellState::truncated: return Glyph::hatch;
  }
  return Glyph::cross;
}

}  // namespace ottla::ui
