#include "ui/canvas/map_contents.h"

#include <algorithm>
#include <map>

#include "engine/observe/heat.h"
#include "ui/canvas/format.h"

namespace ottla::ui {
namespace {

using observe::PartitionState;
using observe::ReplicaState;
using observe::Snapshot;

constexpr Duration lately = Duration::seconds(15);

// Values of a mode before they are scaled to the largest.
double raw_value(MapMode mode, const PartitionState& p, const ReplicaState& r) {
  switch (mode) {
    case MapMode::replicas: return 0;
    case MapMode::traffic: return p.bytes_in_per_s;
    case MapMode::disk: return static_cast<double>(p.size_bytes);
    case MapMode::lag: {
      const Offset end = p.log_end_offset.value_or(no_offset);
      const Offset have = r.log_end_offset.value_or(end);
      return static_cast<double>(std::max<std::int64_t>(0, end.value() - have.value()));
    }
  }
  return 0;
}

MapCell make_cell(const Snapshot& s, std::int32_t topic, const PartitionState& p,
                  const ReplicaState& r, MapMode mode) {
  MapCell cell;
  cell.topic = topic;
  cell.partition = p.index;
  cell.state = cell_state(r.role);
  cell.epoch = p.leader_epoch.value();
  cell.moved_lately = cell.epoch > 0 && s.run.now - p.leader_since < lately;
  cell.adding = r.adding;
  cell.removing = r.removing;
  cell.share = static_cast<float>(p.share);
  cell.value = static_cast<float>(raw_value(mode, p, r));
  if (r.log_end_offset.has_value() && p.log_end_offset.has_value()) {
    const auto start = static_cast<double>(p.log_start_offset.value_or(Offset(0)).value());
    const double whole = static_cast<double>(p.log_end_offset.value->value()) - start;
    const double have = static_cast<double>(r.log_end_offset.value->value()) - start;
    cell.log_left = whole <= 0 ? 1.0F : static_cast<float>(std::clamp(have / whole, 0.0, 1.0));
  }
  return cell;
}

void add_cells(MapContents& contents, const Snapshot& s, const MapFilter& filter) {
  std::map<std::int32_t, std::size_t> place;
  for (std::size_t i = 0; i < contents.brokers.size(); ++i) {
    place[contents.brokers[i].state.id.value()] = i;
  }
  double largest = 0;
  for (const auto& topic : s.topics) {
    if (topic->internal && !filter.internal_topics) continue;
    if (filter.hidden_topics.count(topic->name)) continue;
    const auto index = static_cast<std::int32_t>(contents.topics.size());
    contents.topics.push_back(topic->name);
    const auto hot = observe::hot_partitions(s, *topic);
    for (const PartitionState& p : topic->partitions) {
      for (const ReplicaState& r : p.replicas) {
        const auto at = place.find(r.broker.value());
        if (at == place.end()) continue;
        MapBroker& broker = contents.brokers[at->second];
        if (broker.topics.empty() || broker.topics.back().topic != index) {
          broker.topics.push_back({index, 0, {}});
        }
        MapCell cell = make_cell(s, index, p, r, filter.mode);
        cell.hot = cell.state == CellState::leader && hot.contains(p.index);
        largest = std::max(largest, static_cast<double>(cell.value));
        broker.topics.back().leaders += cell.state == CellState::leader;
        broker.topics.back().cells.push_back(cell);
        ++broker.count[static_cast<std::size_t>(cell.state)];
      }
    }
  }
  if (largest <= 0) return;
  for (MapBroker& broker : contents.brokers) {
    for (MapTopicCells& topic : broker.topics) {
      for (MapCell& cell : topic.cells) cell.value /= static_cast<float>(largest);
    }
  }
}

// Racks are columns. Brokers without one are dealt into as many columns as look square.
void add_columns(MapContents& contents) {
  std::map<std::string, MapColumn> racks;
  for (std::size_t i = 0; i < contents.brokers.size(); ++i) {
    MapColumn& column = racks[contents.brokers[i].state.rack];
    column.brokers.push_back(i);
  }
  contents.has_racks = racks.size() > 1 || (racks.size() == 1 && !racks.begin()->first.empty());
  if (racks.size() == 1 && contents.brokers.size() > 2) {
    const std::string rack = racks.begin()->first;
    const std::size_t count = contents.brokers.size();
    std::size_t columns = count <= 4 ? count : 3;
    while (count > columns * columns) ++columns;
    contents.columns.resize(columns);
    for (std::size_t i = 0; i < count; ++i) contents.columns[i % columns].brokers.push_back(i);
    contents.columns.front().rack = rack;
  } else {
    for (auto& [rack, column] : racks) {
      column.rack = rack;
      contents.columns.push_back(std::move(column));
    }
  }
  if (contents.columns.empty()) contents.columns.resize(1);
  for (std::size_t i = 0; i < contents.controllers.size(); ++i) {
    const std::string& rack = contents.controllers[i].rack;
    auto at = std::find_if(contents.columns.begin(), contents.columns.end(),
                           [&](const MapColumn& c) { return !rack.empty() && c.rack == rack; });
    if (at == contents.columns.end() || racks.size() <= 1) {
      at = contents.columns.begin() + static_cast<std::ptrdiff_t>(i % contents.columns.size());
    }
    at->controllers.push_back(i);
  }
}

}  // namespace

std::int32_t MapBroker::cells() const {
  std::int32_t all = 0;
  for (const std::int32_t of_state : count) all += of_state;
  return all;
}

std::int32_t MapContents::cells_max() const {
  std::int32_t most = 0;
  for (const MapBroker& broker : brokers) most = std::max(most, broker.cells());
  return most;
}

std::size_t MapContents::rows() const {
  std::size_t most = 1;
  for (const MapColumn& column : columns) most = std::max(most, column.brokers.size());
  return most;
}

std::size_t MapContents::controller_rows() const {
  std::size_t most = 0;
  for (const MapColumn& column : columns) most = std::max(most, column.controllers.size());
  return most;
}

MapContents map_contents(const Snapshot& snapshot, const MapFilter& filter) {
  MapContents contents;
  contents.controllers = snapshot.controllers;
  contents.brokers.reserve(snapshot.brokers.size());
  for (const observe::BrokerState& broker : snapshot.brokers) {
    contents.brokers.push_back({broker, {}, {}});
  }
  add_cells(contents, snapshot, filter);
  add_columns(contents);
  return contents;
}

BrokerLook broker_look(const MapBroker& broker) {
  const observe::BrokerState& b = broker.state;
  if (b.status == observe::ProcessStatus::online) {
    if (observe::is_hot(b)) return {"Hot", Glyph::flame, Tone::hot, false};
    if (broker.count[static_cast<std::size_t>(CellState::out_of_sync)] > 0) {
      return {"Catching up", Glyph::arrow_up, Tone::warning, true};
    }
  }
  const StateLook look = process_look(b.status);
  return {look.words, look.glyph, look.tone, look.tone != Tone::good};
}

QString broker_line(const MapBroker& broker) {
  const observe::BrokerState& b = broker.state;
  if (b.status != observe::ProcessStatus::online && !b.story.empty()) {
    return QString::fromStdString(b.story);
  }
  return counted(b.leaders, "leader", "leaders") + ", " +
         counted(b.replicas, "replica", "replicas");
}

}  // namespace ottla::ui
