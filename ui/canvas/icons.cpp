#include "ui/canvas/icons.h"

#include <QPainter>
#include <QPixmap>
#include <array>

#include "ui/canvas/theme.h"

namespace ottla::ui {
namespace {

// Builds an icon from points, in the order a hand would draw it.
class Pencil {
 public:
  Pencil& line(std::initializer_list<QPointF> points) {
    bool first = true;
    for (const QPointF& p : points) {
      first ? shape_.strokes.moveTo(p) : shape_.strokes.lineTo(p);
      first = false;
    }
    return *this;
  }
  Pencil& loop(std::initializer_list<QPointF> points) {
    line(points);
    shape_.strokes.closeSubpath();
    return *this;
  }
  Pencil& circle(double x, double y, double r) {
    shape_.strokes.addEllipse(QPointF(x, y), r, r);
    return *this;
  }
  Pencil& box(double x, double y, double w, double h, double r = 1.5) {
    shape_.strokes.addRoundedRect(QRectF(x, y, w, h), r, r);
    return *this;
  }
  Pencil& arc(double x, double y, double r, double from, double span) {
    const QRectF rect(x - r, y - r, 2 * r, 2 * r);
    shape_.strokes.arcMoveTo(rect, from);
    shape_.strokes.arcTo(rect, from, span);
    return *this;
  }
  Pencil& oval(double x, double y, double w, double h) {
    shape_.strokes.addEllipse(QRectF(x, y, w, h));
    return *this;
  }
  Pencil& fill(std::initializer_list<QPointF> points) {
    bool first = true;
    for (const QPointF& p : points) {
      first ? shape_.fills.moveTo(p) : shape_.fills.lineTo(p);
      first = false;
    }
    shape_.fills.closeSubpath();
    return *this;
  }
  Pencil& fill_dot(double x, double y, double r) {
    shape_.fills.addEllipse(QPointF(x, y), r, r);
    return *this;
  }
  Pencil& fill_box(double x, double y, double w, double h, double r = 0.8) {
    shape_.fills.addRoundedRect(QRectF(x, y, w, h), r, r);
    return *this;
  }
  operator IconShape() const { return shape_; }  // NOLINT: reads as the shape it drew.

 private:
  IconShape shape_;
};

Pencil disk() {
  return Pencil().oval(3.5, 3, 13, 4).line({{3.5, 5}, {3.5, 14.5}}).line({{16.5, 5}, {16.5, 9}});
}

Pencil clock_at(double x, double y, double r) {
  return Pencil().circle(x, y, r).line(
      {{x, y - r * 0.55}, {x, y + 0.3}, {x + r * 0.4, y + r * 0.3}});
}

Pencil scissors() {
  return Pencil()
      .circle(5, 5.5, 2.2)
      .circle(5, 14.5, 2.2)
      .line({{6.8, 6.8}, {16.5, 14.5}})
      .line({{6.8, 13.2}, {16.5, 5.5}});
}

IconShape place_icon(Icon icon) {
  switch (icon) {
    case Icon::cluster:
      return Pencil()
          .circle(10, 4.4, 2.2)
          .circle(4.4, 14.8, 2.2)
          .circle(15.6, 14.8, 2.2)
          .line({{9, 6.4}, {5.4, 12.9}})
          .line({{11, 6.4}, {14.6, 12.9}})
          .line({{6.6, 14.8}, {13.4, 14.8}});
    case Icon::topics:
      return Pencil()
          .line({{3, 5}, {17, 5}})
          .line({{3, 10}, {12, 10}})
          .line({{3, 15}, {17, 15}})
          .line({{15, 8.4}, {15, 11.6}});
    case Icon::groups:
      return Pencil()
          .circle(4.6, 5.4, 2)
          .circle(4.6, 14.6, 2)
          .line({{6.6, 5.4}, {17, 5.4}})
          .circle(13.4, 10, 1.6)
          .line({{4.6, 10}, {11.6, 10}})
          .line({{6.6, 14.6}, {17, 14.6}});
    case Icon::metrics:
      return Pencil()
          .line({{3, 3}, {3, 17}, {17, 17}})
          .line({{6, 12.5}, {9, 8.5}, {12, 11}, {16.5, 5}});
    case Icon::scenarios:
      return Pencil()
          .line({{12, 2.5}, {4.5, 2.5}, {4.5, 17.5}, {15.5, 17.5}, {15.5, 6}, {12, 2.5}})
          .loop({{8.4, 8.2}, {8.4, 13.6}, {12.6, 10.9}});
    case Icon::play: return Pencil().fill({{6, 4}, {16, 10}, {6, 16}});
    case Icon::pause: return Pencil().fill_box(5.4, 4, 3, 12).fill_box(11.6, 4, 3, 12);
    case Icon::step:
      return Pencil().fill({{5, 4.5}, {13, 10}, {5, 15.5}}).line({{15.5, 4.5}, {15.5, 15.5}});
    case Icon::step_to_next:
      return Pencil()
          .fill({{3, 5}, {9.2, 10}, {3, 15}})
          .line({{11, 5}, {11, 15}})
          .circle(15.6, 10, 1.7);
    case Icon::to_start:
      return Pencil().fill({{10, 5}, {4, 10}, {10, 15}}).fill({{16.5, 5}, {10.5, 10}, {16.5, 15}});
    case Icon::record: return Pencil().circle(10, 10, 6.5).fill_dot(10, 10, 3.2);
    case Icon::fork:
      return Pencil()
          .circle(5, 4.5, 1.8)
          .circle(15, 4.5, 1.8)
          .line({{5, 6.3}, {5, 17}})
          .line({{15, 6.3}, {15, 8.5}, {5, 12}});
    case Icon::speed: return Pencil().arc(10, 12, 7, -20, 220).line({{10, 12}, {13.5, 7}});
    case Icon::record_entry: return Pencil().box(3, 6, 14, 8).line({{7, 6}, {7, 14}});
    default: return {};
  }
}

IconShape thing_icon(Icon icon) {
  switch (icon) {
    case Icon::broker:
      return Pencil()
          .box(3, 3.5, 14, 5.5)
          .box(3, 11, 14, 5.5)
          .fill_dot(6, 6.25, 1)
          .fill_dot(6, 13.75, 1);
    case Icon::controller:
      return Pencil()
          .box(3, 9, 14, 7.5)
          .line({{5, 6.5}, {4, 3}, {7.5, 5}, {10, 2}, {12.5, 5}, {16, 3}, {15, 6.5}});
    case Icon::crown:
      return Pencil().fill(
          {{2.5, 5.5}, {6.4, 9}, {10, 3.5}, {13.6, 9}, {17.5, 5.5}, {15.8, 15.5}, {4.2, 15.5}});
    case Icon::rack:
      return Pencil().box(4, 2.5, 12, 15).line({{4, 7.5}, {16, 7.5}}).line({{4, 12.5}, {16, 12.5}});
    case Icon::topic:
      return Pencil().line({{3, 5}, {17, 5}}).line({{3, 10}, {17, 10}}).line({{3, 15}, {17, 15}});
    case Icon::partition:
      return Pencil().box(3, 7, 14, 6).line({{8, 7}, {8, 13}}).line({{12.5, 7}, {12.5, 13}});
    case Icon::segment: return Pencil().box(3, 6.5, 5, 7, 1).box(10, 6.5, 7, 7, 1);
    case Icon::producer:
      return Pencil()
          .circle(6, 10, 3)
          .line({{9, 10}, {17, 10}})
          .line({{14, 7}, {17, 10}, {14, 13}});
    case Icon::consumer:
      return Pencil()
          .circle(14, 10, 3)
          .line({{2.5, 10}, {10.5, 10}})
          .line({{7.8, 7.2}, {10.6, 10}, {7.8, 12.8}});
    case Icon::group:
      return Pencil()
          .circle(7, 7, 2.6)
          .circle(14, 7, 2.2)
          .arc(7, 17, 5, 15, 150)
          .arc(14.2, 16, 3.6, 20, 110);
    case Icon::coordinator:
      return Pencil().circle(10, 10, 2.4).circle(10, 10, 6.8).line({{10, 3.2}, {10, 7.6}});
    case Icon::transaction:
      return Pencil()
          .line({{6, 3.5}, {3.5, 3.5}, {3.5, 16.5}, {6, 16.5}})
          .line({{14, 3.5}, {16.5, 3.5}, {16.5, 16.5}, {14, 16.5}})
          .line({{7, 10.2}, {9.2, 12.4}, {13, 7.6}});
    case Icon::quota:
      return Pencil()
          .arc(10, 11.5, 7, 0, 180)
          .line({{10, 11.5}, {6.5, 8}})
          .line({{3, 14.5}, {17, 14.5}});
    case Icon::kill:
      return Pencil()
          .circle(10, 10, 7)
          .line({{7.3, 7.3}, {12.7, 12.7}})
          .line({{12.7, 7.3}, {7.3, 12.7}});
    case Icon::power:
      return Pencil().line(
          {{11, 2.5}, {5, 11}, {9.5, 11}, {8.5, 17.5}, {15, 8.5}, {10.2, 8.5}, {11, 2.5}});
    case Icon::shutdown: return Pencil().arc(10, 10.5, 6.5, 60, -300).line({{10, 2.5}, {10, 9.5}});
    case Icon::restart:
      return Pencil().arc(10, 10, 6.5, 60, 280).line({{14.6, 2}, {13.4, 4.6}, {16.2, 5.6}});
    case Icon::pause_process:
      return Pencil().circle(10, 10, 7).line({{8, 7.4}, {8, 12.6}}).line({{12, 7.4}, {12, 12.6}});
    case Icon::cut: return scissors();
    case Icon::heal:
      return Pencil()
          .line({{2.5, 10}, {6.5, 10}})
          .line({{13.5, 10}, {17.5, 10}})
          .line({{7.2, 10.2}, {9.2, 12.4}, {12.8, 7.6}});
    case Icon::loss:
      return Pencil()
          .line({{2.5, 10}, {5.5, 10}})
          .line({{8.5, 10}, {11.5, 10}})
          .line({{14.5, 10}, {17.5, 10}})
          .line({{6, 5}, {8, 7}})
          .line({{8, 5}, {6, 7}});
    case Icon::delay: return clock_at(10, 10, 7);
    case Icon::bandwidth:
      return Pencil()
          .line({{2.5, 6}, {8, 8.6}, {12, 8.6}, {17.5, 6}})
          .line({{2.5, 14}, {8, 11.4}, {12, 11.4}, {17.5, 14}});
    case Icon::slow_disk:
      return disk()
          .arc(6.6, 14.4, 3.1, 180, 90)
          .circle(13.5, 14, 3.2)
          .line({{13.5, 12.4}, {13.5, 14.1}, {14.6, 14.7}});
    case Icon::full_disk:
      return disk()
          .arc(6.6, 14.4, 3.1, 180, 90)
          .line({{13.5, 10.5}, {13.5, 14.4}})
          .fill_dot(13.5, 16.6, 0.9);
    case Icon::corrupt:
      return Pencil()
          .line({{9, 3}, {3.5, 3}, {3.5, 17}, {8, 17}})
          .line({{12, 3}, {16.5, 3}, {16.5, 17}, {11, 17}})
          .line({{11, 3}, {8.6, 8.4}, {11.6, 11}, {9.4, 17}});
    case Icon::skew: return clock_at(9, 11, 6).line({{13.4, 3}, {17, 3.4}, {16.4, 7}});
    default: return {};
  }
}

IconShape other_icon(Icon icon) {
  switch (icon) {
    case Icon::hot_key:
      return Pencil().fill({{10.4, 2},
                            {13.4, 7},
                            {15.6, 10.6},
                            {15, 14.6},
                            {10, 18},
                            {5, 14.6},
                            {4.6, 10.4},
                            {7, 7.4},
                            {8.4, 9.4},
                            {9, 5.4}});
    case Icon::zombie:
      return Pencil()
          .arc(10, 9, 5.8, 0, 180)
          .line({{4.2, 9},
                 {4.2, 16.5},
                 {7.1, 14.5},
                 {10, 16.5},
                 {12.9, 14.5},
                 {15.8, 16.5},
                 {15.8, 9}})
          .fill_dot(8, 9, 1)
          .fill_dot(12, 9, 1);
    case Icon::fault:
      return Pencil().fill(
          {{11, 2}, {4.5, 11.2}, {9.2, 11.2}, {8.4, 18}, {15.5, 8.4}, {10.4, 8.4}});
    case Icon::search: return Pencil().circle(8.6, 8.6, 5.2).line({{12.5, 12.5}, {17, 17}});
    case Icon::filter:
      return Pencil().loop({{3, 4}, {17, 4}, {11.8, 10.4}, {11.8, 16.5}, {8.2, 14.4}, {8.2, 10.4}});
    case Icon::pin: return Pencil().circle(10, 10, 3.2);
    case Icon::copy:
      return Pencil()
          .box(7, 7, 9.5, 9.5)
          .line({{4.5, 13}, {3.5, 13}, {3.5, 3.5}, {13, 3.5}, {13, 4.5}});
    case Icon::export_chart:
      return Pencil()
          .line({{10, 12.5}, {10, 3}})
          .line({{6.4, 6.4}, {10, 2.8}, {13.6, 6.4}})
          .line({{3.5, 12}, {3.5, 16.5}, {16.5, 16.5}, {16.5, 12}});
    case Icon::go_to_cause:
      return Pencil()
          .line({{16.5, 15.5}, {16.5, 9}, {4, 9}})
          .line({{7.6, 5.2}, {3.8, 9}, {7.6, 12.8}});
    case Icon::jump_to_time: return clock_at(8.4, 10, 5.6).line({{15.4, 6}, {18, 10}, {15.4, 14}});
    case Icon::close:
      return Pencil().line({{5.2, 5.2}, {14.8, 14.8}}).line({{14.8, 5.2}, {5.2, 14.8}});
    case Icon::more:
      return Pencil().fill_dot(4.5, 10, 1.4).fill_dot(10, 10, 1.4).fill_dot(15.5, 10, 1.4);
    case Icon::chevron: return Pencil().line({{5.5, 7.8}, {10, 12.2}, {14.5, 7.8}});
    case Icon::plus: return Pencil().line({{10, 4}, {10, 16}}).line({{4, 10}, {16, 10}});
    case Icon::minus: return Pencil().line({{4, 10}, {16, 10}});
    case Icon::fit:
      return Pencil()
          .line({{3, 7}, {3, 3}, {7, 3}})
          .line({{13, 3}, {17, 3}, {17, 7}})
          .line({{17, 13}, {17, 17}, {13, 17}})
          .line({{7, 17}, {3, 17}, {3, 13}});
    case Icon::loupe:
      return Pencil()
          .circle(8.6, 8.6, 5.2)
          .line({{12.5, 12.5}, {17, 17}})
          .line({{8.6, 6.4}, {8.6, 10.8}})
          .line({{6.4, 8.6}, {10.8, 8.6}});
    case Icon::settings:
      return Pencil()
          .line({{3, 6}, {9, 6}})
          .line({{13, 6}, {17, 6}})
          .circle(11, 6, 1.9)
          .line({{3, 14}, {5.4, 14}})
          .line({{9.2, 14}, {17, 14}})
          .circle(7.3, 14, 1.9);
    case Icon::theme:
      return Pencil()
          .circle(10, 10, 6.8)
          .fill({{10, 3.2}, {10, 16.8}, {5.2, 14.8}, {3.2, 10}, {5.2, 5.2}});
    case Icon::help:
      return Pencil()
          .arc(10, 7.6, 3.2, 180, -205)
          .line({{12.2, 9.8}, {10, 11.4}, {10, 12.8}})
          .fill_dot(10, 15.6, 1);
    case Icon::lock:
      return Pencil()
          .box(4.5, 9, 11, 8)
          .line({{6.8, 9}, {6.8, 6.6}})
          .line({{13.2, 9}, {13.2, 6.6}})
          .arc(10, 6.6, 3.2, 0, 180);
    case Icon::link:
      return Pencil().circle(4, 10, 1.9).circle(16, 10, 1.9).line({{5.9, 10}, {14.1, 10}});
    case Icon::clock: return clock_at(10, 10, 7);
    case Icon::warning:
      return Pencil()
          .loop({{10, 3}, {17.5, 16.5}, {2.5, 16.5}})
          .line({{10, 8}, {10, 11.6}})
          .fill_dot(10, 14, 0.9);
    case Icon::check: return Pencil().line({{4, 10.5}, {8, 14.5}, {16, 5.5}});
    case Icon::log:
      return Pencil()
          .line({{4, 5}, {5, 5}})
          .line({{8, 5}, {16, 5}})
          .line({{4, 10}, {5, 10}})
          .line({{8, 10}, {16, 10}})
          .line({{4, 15}, {5, 15}})
          .line({{8, 15}, {13, 15}});
    case Icon::plug:
      return Pencil().circle(3.4, 10, 1.6).circle(16.6, 10, 1.6).line({{5, 10}, {15, 10}});
    default: return {};
  }
}

IconShape make_shape(Icon icon) {
  for (auto* draw : {place_icon, thing_icon, other_icon}) {
    IconShape shape = draw(icon);
    if (!shape.strokes.isEmpty() || !shape.fills.isEmpty()) return shape;
  }
  return {};
}

constexpr std::size_t icon_count = static_cast<std::size_t>(Icon::plug) + 1;

}  // namespace

const IconShape& icon_shape(Icon icon) {
  static const auto shapes = [] {
    std::array<IconShape, icon_count> made;
    for (std::size_t i = 0; i < icon_count; ++i) made[i] = make_shape(static_cast<Icon>(i));
    return made;
  }();
  return shapes[static_cast<std::size_t>(icon)];
}

void draw_icon(QPainter& painter, Icon icon, QPointF centre, double size, const QColor& colour) {
  const IconShape& shape = icon_shape(icon);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(centre.x() - size / 2, centre.y() - size / 2);
  painter.scale(size / 20, size / 20);
  painter.strokePath(shape.strokes, QPen(colour, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.fillPath(shape.fills, colour);
  painter.restore();
}

QIcon make_icon(Icon icon, const QColor& normal, const QColor& disabled, int size) {
  QIcon made;
  for (const qreal ratio : {1.0, 2.0}) {
    for (const bool enabled : {true, false}) {
      QPixmap pixmap(QSize(size, size) * ratio);
      pixmap.setDevicePixelRatio(ratio);
      pixmap.fill(Qt::transparent);
      QPainter painter(&pixmap);
      draw_icon(painter, icon, {size / 2.0, size / 2.0}, size, enabled ? normal : disabled);
      painter.end();
      made.addPixmap(pixmap, enabled ? QIcon::Normal : QIcon::Disabled);
    }
  }
  return made;
}

QIcon make_icon(Icon icon, const Theme& theme) {
  return make_icon(icon, theme.t2, theme.t4);
}

void draw_mark(QPainter& painter, QPointF centre, double size, const QColor& colour) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colour, size * 0.17));
  painter.drawEllipse(centre, size * 0.4, size * 0.4);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawEllipse(centre, size * 0.13, size * 0.13);
  painter.restore();
}

}  // namespace ottla::ui
