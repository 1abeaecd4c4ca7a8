#include "ui/canvas/map_fades.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ottla::ui {
namespace {

double out_cubic(double t) {
  const double left = 1 - t;
  return 1 - left * left * left;
}

QRectF between(const QRectF& from, const QRectF& to, double t) {
  const auto mix = [t](double a, double b) { return a + (b - a) * t; };
  return {mix(from.x(), to.x()), mix(from.y(), to.y()), mix(from.width(), to.width()),
          mix(from.height(), to.height())};
}

using Partition = std::pair<std::int32_t, PartitionIndex>;

struct Leaders {
  std::map<Partition, CellPlace> lost;
  std::map<Partition, std::pair<CellPlace, std::int32_t>> won;
};

void compare_cells(const MapTopicCells& was, const MapTopicCells& is, std::size_t broker,
                   MapChanges& changes, Leaders& leaders) {
  if (was.topic != is.topic || was.cells.size() != is.cells.size()) return;
  for (std::size_t i = 0; i < is.cells.size(); ++i) {
    const MapCell& a = was.cells[i];
    const MapCell& b = is.cells[i];
    if (a.partition != b.partition || (a.state == b.state && a.epoch == b.epoch)) continue;
    const CellPlace place{broker, is.topic, b.partition};
    changes.cells.push_back({place, a.epoch != b.epoch});
    const Partition name{is.topic, b.partition};
    if (a.state == CellState::leader && b.state != CellState::leader) leaders.lost[name] = place;
    if (b.state == CellState::leader && a.state != CellState::leader)
      leaders.won[name] = {place, b.epoch};
  }
}

}  // namespace

MapChanges map_changes(const MapContents& before, const MapContents& after) {
  MapChanges changes;
  if (before.brokers.size() != after.brokers.size() || before.topics != after.topics)
    return changes;
  Leaders leaders;
  for (std::size_t i = 0; i < after.brokers.size(); ++i) {
    const MapBroker& was = before.brokers[i];
    const MapBroker& is = after.brokers[i];
    if (was.topics.size() != is.topics.size()) continue;
    for (std::size_t t = 0; t < is.topics.size(); ++t)
      compare_cells(was.topics[t], is.topics[t], i, changes, leaders);
  }
  for (const auto& [name, won] : leaders.won) {
    const auto lost = leaders.lost.find(name);
    if (lost != leaders.lost.end())
      changes.leaders.push_back({lost->second, won.first, won.second});
  }
  return changes;
}

QRectF cell_box(const MapScene& scene, const CellPlace& place) {
  const MapBroker& broker = scene.contents->brokers[place.broker];
  const QRectF box = scene.view.to_pixels(scene.layout->brokers[place.broker]);
  const CardLayout card = layout_card(broker, box, scene.zoom());
  if (card.mini || card.mode > CellMode::compact) return {};
  for (const CardTopic& topic : card.topics) {
    const MapTopicCells& cells = broker.topics[topic.index];
    if (cells.topic != place.topic) continue;
    for (int i = 0; i < topic.grid.count; ++i) {
      if (cells.cells[static_cast<std::size_t>(i)].partition == place.partition)
        return topic.grid.at(i);
    }
  }
  return {};
}

void MapFades::begin(QImage before, const MapScene& scene, const MapChanges& changes) {
  before_ = std::move(before);
  for (const CellChange& change : changes.cells) {
    const QRectF box = cell_box(scene, change.place);
    if (!box.isEmpty())
      cells_.push_back({box.adjusted(-1, -1, 1, 1), change.epoch ? edge_ms : fill_ms, 0});
  }
  for (const LeaderMove& move : changes.leaders) {
    const QRectF from = cell_box(scene, move.from);
    const QRectF to = cell_box(scene, move.to);
    if (!from.isEmpty() && !to.isEmpty())
      rings_.push_back({from, to, scene.theme->epoch_hue(move.epoch), 0});
  }
}

void MapFades::advance(double ms) {
  std::erase_if(cells_, [ms](Fade& fade) { return (fade.elapsed_ms += ms) >= fade.lasts_ms; });
  std::erase_if(rings_, [ms](Ring& ring) { return (ring.elapsed_ms += ms) >= ring_ms; });
  if (!active()) before_ = {};
}

void MapFades::clear() {
  *this = MapFades();
}

void MapFades::paint(QPainter& painter) const {
  painter.save();
  for (const Fade& fade : cells_) {
    const double t = fade.elapsed_ms / fade.lasts_ms;
    painter.setOpacity(1 - (fade.lasts_ms > fill_ms ? out_cubic(t) : t));
    const double ratio = before_.devicePixelRatio();
    const QRect pixels = fade.box.toAlignedRect();
    painter.drawImage(pixels, before_, QRectF(pixels.topLeft() * ratio, pixels.size() * ratio));
  }
  painter.setOpacity(1);
  for (const Ring& ring : rings_) {
    const double t = ring.elapsed_ms / ring_ms;
    draw_box(painter, between(ring.from, ring.to, out_cubic(t)).adjusted(-2, -2, 2, 2), 5, {},
             ring.hue, 2);
  }
  painter.restore();
}

}  // namespace ottla::ui
