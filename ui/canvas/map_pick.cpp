// What is where on the map, for the mouse and the arrow keys.
#include <algorithm>
#include <cmath>

#include "ui/canvas/map_painter.h"

namespace ottla::ui {
namespace {

using Kind = MapPick::Kind;

MapPick cell_pick(const MapScene& scene, const MapCell& cell) {
  return {Kind::partition,
          scene.contents->topics[static_cast<std::size_t>(cell.topic)],
          {},
          cell.partition.value()};
}

MapPick pick_in_card(const MapScene& scene, std::size_t index, QPointF point) {
  const MapBroker& broker = scene.contents->brokers[index];
  const QRectF box = scene.view.to_pixels(scene.layout->brokers[index]);
  const CardLayout card = layout_card(broker, box, scene.zoom());
  if (card.mode <= CellMode::compact && !card.mini) {
    for (const CardTopic& topic : card.topics) {
      const int at = topic.grid.index_at(point);
      if (at >= 0)
        return cell_pick(scene, broker.topics[topic.index].cells[static_cast<std::size_t>(at)]);
    }
  }
  return {Kind::broker, std::to_string(broker.state.id.value()), {}, -1};
}

struct Place {
  MapPick pick;
  QRectF box;
};

// Everything that the arrow keys reach.
std::vector<Place> places(const MapScene& scene) {
  std::vector<Place> all;
  const auto add = [&](MapPick pick, const QRectF& unit) {
    all.push_back({std::move(pick), scene.view.to_pixels(unit)});
  };
  for (std::size_t i = 0; i < scene.contents->brokers.size(); ++i) {
    add({Kind::broker, std::to_string(scene.contents->brokers[i].state.id.value()), {}, -1},
        scene.layout->brokers[i]);
  }
  if (!scene.layout->dense) {
    for (std::size_t i = 0; i < scene.contents->controllers.size(); ++i) {
      add({Kind::controller, std::to_string(scene.contents->controllers[i].id.value()), {}, -1},
          scene.layout->controllers[i]);
    }
  }
  for (std::size_t i = 0; i < scene.layout->producers.size(); ++i) {
    add({Kind::producer, scene.snapshot->producers[i].name, {}, -1}, scene.layout->producers[i]);
  }
  for (std::size_t i = 0; i < scene.layout->groups.size(); ++i) {
    add({Kind::group, scene.snapshot->groups[i]->name, {}, -1}, scene.layout->groups[i]);
  }
  if (scene.layout->clients_shown())
    add({Kind::real_clients, {}, {}, -1}, scene.layout->real_clients);
  return all;
}

}  // namespace

MapPick pick_at(const MapScene& scene, QPointF point) {
  const QPointF at = scene.view.to_layout(point);
  for (std::size_t i = 0; i < scene.layout->brokers.size(); ++i) {
    if (scene.layout->brokers[i].contains(at)) return pick_in_card(scene, i, point);
  }
  for (std::size_t g = 0; g < scene.layout->groups.size(); ++g) {
    if (!scene.layout->groups[g].contains(at)) continue;
    const observe::GroupState& group = *scene.snapshot->groups[g];
    for (std::size_t m = 0; m < scene.layout->group_members_shown[g]; ++m) {
      if (scene.layout->member(g, m).contains(at)) {
        return {Kind::member, group.name, group.members[m].member_id, -1};
      }
    }
    return {Kind::group, group.name, {}, -1};
  }
  for (const Place& place : places(scene)) {
    if (place.box.contains(point)) return place.pick;
  }
  if (scene.layout->dense) return {};
  MapPick nearest;
  double within = 6;
  for (const MapLink& link : map_links(scene)) {
    double away = distance(link.line, at) * scene.view.scale;
    if (link.cut) {  // The scissors are a larger target.
      const QPointF middle = scene.view.to_pixels(point_along(link.line, 0.5));
      if (QLineF(middle, point).length() < 13) away = 0;
    }
    if (away >= within) continue;
    within = away;
    nearest = {Kind::link, link.from, link.to, -1};
  }
  return nearest;
}

QRectF box_of(const MapScene& scene, const MapPick& pick) {
  for (const Place& place : places(scene)) {
    if (place.pick == pick) return place.box;
  }
  if (pick.kind == Kind::partition) {
    QRectF leader;
    for (std::size_t i = 0; i < scene.contents->brokers.size(); ++i) {
      const MapBroker& broker = scene.contents->brokers[i];
      const CardLayout card =
          layout_card(broker, scene.view.to_pixels(scene.layout->brokers[i]), scene.zoom());
      if (card.mode > CellMode::compact || card.mini) continue;
      for (const CardTopic& topic : card.topics) {
        const auto& cells = broker.topics[topic.index].cells;
        for (std::size_t c = 0; c < cells.size(); ++c) {
          if (cell_pick(scene, cells[c]) != pick) continue;
          if (leader.isEmpty() || cells[c].state == CellState::leader) {
            leader = topic.grid.at(static_cast<int>(c));
          }
        }
      }
    }
    return leader;
  }
  if (pick.kind == Kind::link) {
    for (const MapLink& link : map_links(scene)) {
      if ((link.from == pick.name && link.to == pick.peer) ||
          (link.from == pick.peer && link.to == pick.name)) {
        const QPointF middle = scene.view.to_pixels(point_along(link.line, 0.5));
        return {middle.x() - 12, middle.y() - 12, 24, 24};
      }
    }
  }
  if (pick.kind == Kind::member) {
    for (std::size_t g = 0; g < scene.layout->groups.size(); ++g) {
      const observe::GroupState& group = *scene.snapshot->groups[g];
      for (std::size_t m = 0; m < scene.layout->group_members_shown[g]; ++m) {
        if (group.name == pick.name && group.members[m].member_id == pick.peer) {
          return scene.view.to_pixels(scene.layout->member(g, m));
        }
      }
    }
  }
  return {};
}

MapPick next_pick(const MapScene& scene, const MapPick& from, int dx, int dy) {
  const std::vector<Place> all = places(scene);
  if (all.empty()) return {};
  const QRectF start = box_of(scene, from);
  if (start.isEmpty()) return all.front().pick;
  const Place* best = nullptr;
  double best_score = 1e12;
  for (const Place& place : all) {
    const QPointF way = place.box.center() - start.center();
    const double along = way.x() * dx + way.y() * dy;
    const double aside = std::fabs(way.x() * dy) + std::fabs(way.y() * dx);
    if (place.pick == from || along < 4) continue;
    const double score = along + 2.2 * aside;
    if (score < best_score) {
      best_score = score;
      best = &place;
    }
  }
  return best ? best->pick : from;
}

}  // namespace ottla::ui
