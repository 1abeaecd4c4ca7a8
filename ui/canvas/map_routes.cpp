#include "ui/canvas/map_routes.h"

#include <QLineF>
#include <algorithm>
#include <cmath>

namespace ottla::ui {
namespace {

Polyline curve(QPointF from, QPointF to) {
  Polyline line;
  const double middle = (from.x() + to.x()) / 2;
  for (int i = 0; i <= 16; ++i) {
    const double t = i / 16.0;
    const double u = 1 - t;
    const auto at = [&](double a, double b, double c, double d) {
      return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
    };
    line.emplace_back(at(from.x(), middle, middle, to.x()), at(from.y(), from.y(), to.y(), to.y()));
  }
  return line;
}

Polyline reversed(Polyline line) {
  std::reverse(line.begin(), line.end());
  return line;
}

}  // namespace

MapRoutes::MapRoutes(const MapLayout& layout, const MapContents& contents,
                     const observe::Snapshot& snapshot)
    : layout_(layout) {
  for (std::size_t i = 0; i < contents.brokers.size(); ++i) {
    ends_[std::to_string(contents.brokers[i].state.id.value())] = {MapEnd::Kind::broker, i, 0};
  }
  for (std::size_t i = 0; i < contents.controllers.size() && !layout.dense; ++i) {
    // A combined node is drawn twice; its traffic goes to the broker.
    ends_.emplace(std::to_string(contents.controllers[i].id.value()),
                  MapEnd{MapEnd::Kind::controller, i, 0});
  }
  for (std::size_t i = 0; i < layout.producers.size(); ++i) {
    ends_.emplace(snapshot.producers[i].name, MapEnd{MapEnd::Kind::producer, i, 0});
  }
  for (std::size_t g = 0; g < layout.groups.size(); ++g) {
    const observe::GroupState& group = *snapshot.groups[g];
    for (std::size_t m = 0; m < layout.group_members_shown[g]; ++m) {
      const MapEnd end{MapEnd::Kind::member, g, m};
      ends_.emplace(group.members[m].client_id, end);
      ends_.emplace(group.members[m].member_id, end);
    }
  }
}

std::optional<MapEnd> MapRoutes::end(const std::string& process) const {
  const auto at = ends_.find(process);
  if (at == ends_.end()) return std::nullopt;
  return at->second;
}

Polyline MapRoutes::route(const std::string& from, const std::string& to) const {
  const auto a = end(from);
  const auto b = end(to);
  if (!a || !b) return {};
  return route(*a, *b);
}

Polyline MapRoutes::route(const MapEnd& from, const MapEnd& to) const {
  using Kind = MapEnd::Kind;
  if (from == to) return {};
  if (from.kind == Kind::broker && to.kind == Kind::broker) {
    return from.index < to.index ? between_brokers(from.index, to.index)
                                 : reversed(between_brokers(to.index, from.index));
  }
  if (from.kind == Kind::controller && to.kind == Kind::controller) {
    return between_controllers(from.index, to.index);
  }
  if (from.kind == Kind::producer && to.kind == Kind::broker) return produce(from.index, to.index);
  if (from.kind == Kind::broker && to.kind == Kind::member) return fetch(from.index, to);
  if (from.kind == Kind::broker && to.kind == Kind::controller) {
    return to_controller(from.index, to.index);
  }
  if (to.kind == Kind::broker) return reversed(route(to, from));
  return {};
}

Polyline MapRoutes::between_brokers(std::size_t a, std::size_t b) const {
  const QRectF& first = layout_.brokers[a];
  const QRectF& second = layout_.brokers[b];
  if (layout_.dense) return {first.center(), second.center()};
  const auto column_a = static_cast<int>(layout_.broker_column[a]);
  const auto column_b = static_cast<int>(layout_.broker_column[b]);
  const auto row_a = static_cast<int>(layout_.broker_row[a]);
  const auto row_b = static_cast<int>(layout_.broker_row[b]);
  const int columns = std::abs(column_a - column_b);
  const int rows = std::abs(row_a - row_b);
  if (columns == 0 && rows == 1) {
    const bool down = row_a < row_b;
    const double x = first.left() + first.width() * 0.94;
    return {{x, down ? first.bottom() : first.top()}, {x, down ? second.top() : second.bottom()}};
  }
  if (columns == 1) {
    const bool right = column_a < column_b;
    const double from = right ? first.right() : first.left();
    const double to = right ? second.left() : second.right();
    if (rows == 0) {
      const double y = first.top() + first.height() * 0.5;
      return {{from, y}, {to, y}};
    }
    const double low = row_a < row_b ? 0.84 : 0.16;
    return curve({from, first.top() + first.height() * low},
                 {to, second.top() + second.height() * (1 - low)});
  }
  // Over the bus of the upper row, from the bottom of the one to the top or bottom of the other.
  const int upper = std::min(row_a, row_b);
  const double y = layout_.bus[static_cast<std::size_t>(upper)];
  const auto leave = [&](const QRectF& card, int row, double share) -> QPointF {
    return {card.left() + card.width() * share, row == upper ? card.bottom() : card.top()};
  };
  if (columns == 0) {  // Same column, further rows: around the cards in the gutter.
    const double x = first.right() + 16;
    return {{first.right(), first.center().y()},
            {x, first.center().y()},
            {x, second.center().y()},
            {second.right(), second.center().y()}};
  }
  const QPointF start = leave(first, row_a, 0.84);
  const QPointF finish = leave(second, row_b, 0.16);
  return {start, {start.x(), y}, {finish.x(), y}, finish};
}

Polyline MapRoutes::between_controllers(std::size_t a, std::size_t b) const {
  if (a == b || layout_.controllers.empty()) return {};
  const QRectF& first = layout_.controllers[a];
  const QRectF& second = layout_.controllers[b];
  const bool right = first.center().x() < second.center().x();
  const double pitch = layout_.columns.size() > 1
                           ? layout_.columns[1].left() - layout_.columns[0].left()
                           : first.width();
  const double columns = std::fabs(first.center().x() - second.center().x()) / pitch;
  if (columns < 0.5) {
    return {{first.center().x(), first.top() < second.top() ? first.bottom() : first.top()},
            {first.center().x(), first.top() < second.top() ? second.top() : second.bottom()}};
  }
  const QPointF from(right ? first.right() : first.left(), first.center().y());
  const QPointF to(right ? second.left() : second.right(), second.center().y());
  if (columns < 1.5) return {from, to};
  const double y = std::max(first.bottom(), second.bottom()) + 6;
  return {{first.center().x(), first.bottom()},
          {first.center().x(), y},
          {second.center().x(), y},
          {second.center().x(), second.bottom()}};
}

Polyline MapRoutes::to_controller(std::size_t broker, std::size_t controller) const {
  if (layout_.controllers.empty()) return {};
  const QRectF& card = layout_.brokers[broker];
  const QRectF& up = layout_.controllers[controller];
  const double y = up.bottom() + 6;
  if (layout_.broker_row[broker] == 0) {
    const double x = card.center().x();
    return {{x, card.top()}, {x, y}, {up.center().x(), y}, {up.center().x(), up.bottom()}};
  }
  const double x = layout_.columns[layout_.broker_column[broker]].left() - 5;
  return {{card.left(), card.top() + 30},
          {x, card.top() + 30},
          {x, y},
          {up.center().x(), y},
          {up.center().x(), up.bottom()}};
}

Polyline MapRoutes::produce(std::size_t producer, std::size_t broker) const {
  const QRectF& from = layout_.producers[producer];
  const QRectF& card = layout_.brokers[broker];
  const double lane = layout_.produce_lane[layout_.broker_row[broker]];
  const double x = produce_entry(card);
  return {{from.right(), from.center().y()},
          {layout_.produce_trunk, from.center().y()},
          {layout_.produce_trunk, lane},
          {x, lane},
          {x, card.top()}};
}

Polyline MapRoutes::fetch(std::size_t broker, const MapEnd& member) const {
  const QRectF& card = layout_.brokers[broker];
  const QRectF row = layout_.member(member.index, member.member);
  const double lane = layout_.fetch_lane[layout_.broker_row[broker]];
  const double x = fetch_exit(card);
  return {{x, card.top()},
          {x, lane},
          {layout_.fetch_trunk, lane},
          {layout_.fetch_trunk, row.center().y()},
          {row.left(), row.center().y()}};
}

double produce_entry(const QRectF& card) {
  return card.left() + card.width() * 0.3;
}
double fetch_exit(const QRectF& card) {
  return card.left() + card.width() * 0.69;
}

double length(const Polyline& line) {
  double sum = 0;
  for (std::size_t i = 1; i < line.size(); ++i) sum += QLineF(line[i - 1], line[i]).length();
  return sum;
}

QPointF point_along(const Polyline& line, double part) {
  if (line.empty()) return {};
  double left = std::clamp(part, 0.0, 1.0) * length(line);
  for (std::size_t i = 1; i < line.size(); ++i) {
    const QLineF segment(line[i - 1], line[i]);
    const double here = segment.length();
    if (left <= here && here > 0) return segment.pointAt(left / here);
    left -= here;
  }
  return line.back();
}

double distance(const Polyline& line, QPointF point) {
  double nearest = 1e12;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const QPointF along = line[i] - line[i - 1];
    const double square = QPointF::dotProduct(along, along);
    const double t =
        square <= 0
            ? 0
            : std::clamp(QPointF::dotProduct(point - line[i - 1], along) / square, 0.0, 1.0);
    nearest = std::min(nearest, QLineF(point, line[i - 1] + along * t).length());
  }
  return nearest;
}

bool crosses(const Polyline& line, QPointF a, QPointF b) {
  const QLineF stroke(a, b);
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (stroke.intersects(QLineF(line[i - 1], line[i]), nullptr) == QLineF::BoundedIntersection) {
      return true;
    }
  }
  return false;
}

double flow_width(double bytes_per_s) {
  const double megabytes = std::max(0.0, bytes_per_s / 1e6);
  return std::clamp(1 + 6 * std::log10(1 + megabytes * 20) / std::log10(2001.0), 1.0, 7.0);
}

}  // namespace ottla::ui
