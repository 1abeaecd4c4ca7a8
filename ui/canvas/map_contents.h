// What the cluster map shows of a snapshot: each broker's replicas as cells grouped by topic, and
// the columns that brokers and controllers stand in. Pure values; made at most some times a second.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/canvas/glyphs.h"
#include "ui/canvas/theme.h"

namespace ottla::ui {

// What the cells' fill tells.
enum class MapMode : std::uint8_t { replicas, traffic, lag, disk };

struct MapFilter {
  std::set<std::string, std::less<>> hidden_topics;
  bool internal_topics = false;
  MapMode mode = MapMode::replicas;
};

struct MapCell {
  std::int32_t topic = 0;  // Into MapContents::topics.
  PartitionIndex partition;
  CellState state = CellState::offline;
  std::int32_t epoch = -1;
  bool moved_lately = false;  // Its leader changed within the last 15 s.
  bool hot = false;           // A leader with far more than its part of the topic's traffic.
  bool adding = false;
  bool removing = false;
  float share = 0;     // Of its topic's traffic.
  float value = 0;     // By the filter's mode, 0 to 1 of the largest; unused for replicas.
  float log_left = 1;  // Its log end offset as a part of the leader's, since the log start.
  bool operator==(const MapCell&) const = default;
};

struct MapTopicCells {
  std::int32_t topic = 0;
  std::int32_t leaders = 0;
  std::vector<MapCell> cells;  // By partition.
  bool operator==(const MapTopicCells&) const = default;
};

struct MapBroker {
  observe::BrokerState state;
  std::vector<MapTopicCells> topics;
  std::array<std::int32_t, 5> count{};  // Of cells, by CellState.
  [[nodiscard]] std::int32_t cells() const;
  bool operator==(const MapBroker&) const = default;
};

// A rack, or one column of a cluster without racks.
struct MapColumn {
  std::string rack;
  std::vector<std::size_t> brokers;      // Into MapContents::brokers, from the top.
  std::vector<std::size_t> controllers;  // Into MapContents::controllers.
};

struct MapContents {
  std::vector<std::string> topics;  // The shown ones, by name.
  std::vector<MapBroker> brokers;   // By id.
  std::vector<observe::ControllerState> controllers;
  std::vector<MapColumn> columns;
  bool has_racks = false;

  [[nodiscard]] std::int32_t cells_max() const;  // Of one broker.
  [[nodiscard]] std::size_t rows() const;        // Brokers in the longest column.
  [[nodiscard]] std::size_t controller_rows() const;
};

[[nodiscard]] MapContents map_contents(const observe::Snapshot& snapshot, const MapFilter& filter);

// The state a card is drawn in: the process's own, but hot when it is online and overloaded.
struct BrokerLook {
  QString words;
  Glyph glyph;
  Tone tone;
  bool trouble;  // Draws a border, a bar at the left and a tinted header.
};
[[nodiscard]] BrokerLook broker_look(const MapBroker& broker);
// "7 leaders, 21 replicas", or the story of what happened to it.
[[nodiscard]] QString broker_line(const MapBroker& broker);

}  // namespace ottla::ui
