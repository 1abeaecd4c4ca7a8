// Which way a message takes over the map, and which links are drawn at all. Pure: process names and
// a layout in, polylines out.
#pragma once

#include <QPointF>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ui/canvas/map_layout.h"

namespace ottla::ui {

// Something on the map that sends or receives.
struct MapEnd {
  enum class Kind : std::uint8_t { broker, controller, producer, member };
  Kind kind = Kind::broker;
  std::size_t index = 0;   // Into the layout's vector of the kind; the group's for a member.
  std::size_t member = 0;  // Within the group.
  bool operator==(const MapEnd&) const = default;
};

using Polyline = std::vector<QPointF>;

class MapRoutes {
 public:
  MapRoutes() = default;
  MapRoutes(const MapLayout& layout, const MapContents& contents,
            const observe::Snapshot& snapshot);

  // The end that a process or client of this name is drawn at, if it is.
  [[nodiscard]] std::optional<MapEnd> end(const std::string& process) const;
  // From one to the other, in layout units; empty when the map draws no such link.
  [[nodiscard]] Polyline route(const std::string& from, const std::string& to) const;
  [[nodiscard]] Polyline route(const MapEnd& from, const MapEnd& to) const;

 private:
  [[nodiscard]] Polyline between_brokers(std::size_t a, std::size_t b) const;
  [[nodiscard]] Polyline between_controllers(std::size_t a, std::size_t b) const;
  [[nodiscard]] Polyline to_controller(std::size_t broker, std::size_t controller) const;
  [[nodiscard]] Polyline produce(std::size_t producer, std::size_t broker) const;
  [[nodiscard]] Polyline fetch(std::size_t broker, const MapEnd& member) const;

  MapLayout layout_;
  std::map<std::string, MapEnd, std::less<>> ends_;
};

// Where on its card a broker's lanes end.
[[nodiscard]] double produce_entry(const QRectF& card);
[[nodiscard]] double fetch_exit(const QRectF& card);

[[nodiscard]] double length(const Polyline& line);
// The point at a part (0 to 1) of the line's length.
[[nodiscard]] QPointF point_along(const Polyline& line, double part);
// How far a point is from the line.
[[nodiscard]] double distance(const Polyline& line, QPointF point);
// True when the segment from a to b crosses the line.
[[nodiscard]] bool crosses(const Polyline& line, QPointF a, QPointF b);

// A flow's width: 1 to 7 px by the logarithm of its MB/s.
[[nodiscard]] double flow_width(double bytes_per_s);

}  // namespace ottla::ui
