// Paints the cluster map: everything that stands still into one picture, and what moves over it.
// Split over card_painter.cpp (brokers, controllers), client_painter.cpp (producers, groups) and
// link_painter.cpp (racks, lanes, links, dots).
#pragma once

#include <QImage>
#include <QPainter>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "ui/canvas/card_layout.h"
#include "ui/canvas/dot_motion.h"
#include "ui/canvas/map_contents.h"
#include "ui/canvas/map_layout.h"
#include "ui/canvas/map_routes.h"
#include "ui/canvas/paint.h"

namespace ottla::ui {

// What is picked out on the map, as plain names.
struct MapPick {
  enum class Kind : std::uint8_t {
    nothing,
    broker,
    controller,
    partition,
    topic,
    producer,
    group,
    member,
    link,
    real_clients
  };
  Kind kind = Kind::nothing;
  std::string name;  // Process, topic, producer or group; a link's first end.
  std::string peer;  // Member id; a link's second end.
  std::int32_t partition = -1;
  bool operator==(const MapPick&) const = default;
};

// All that a frame is made from.
struct MapScene {
  const Theme* theme = nullptr;
  const observe::Snapshot* snapshot = nullptr;
  const MapContents* contents = nullptr;
  const MapLayout* layout = nullptr;
  const MapRoutes* routes = nullptr;
  MapView view;
  MapMode mode = MapMode::replicas;
  MapPick selected;
  MapPick hovered;
  MapPick focused;         // By keyboard; drawn with the focus outline.
  bool all_links = false;  // Also those that nothing passes over.

  [[nodiscard]] double zoom() const { return view.scale * layout->zoom_unit; }
  [[nodiscard]] bool is_selected(MapPick::Kind kind, const std::string& name) const {
    return selected.kind == kind && selected.name == name;
  }
};

// The still picture: racks, flows, links, clients, controllers, cards.
void paint_still(QPainter& painter, const MapScene& scene, const QRectF& viewport);
// One broker's card alone, for pictures of which little changed.
void paint_broker(QPainter& painter, const MapScene& scene, std::size_t broker);
// What moves: session rings and dots.
void paint_moving(QPainter& painter, const MapScene& scene, const std::vector<MovingDot>& dots);

// The pieces.
void paint_racks(QPainter& painter, const MapScene& scene);
void paint_flows(QPainter& painter, const MapScene& scene);
void paint_links(QPainter& painter, const MapScene& scene);
void paint_rack_arcs(QPainter& painter, const MapScene& scene);
void paint_faulty_links(QPainter& painter, const MapScene& scene);
void paint_controllers(QPainter& painter, const MapScene& scene);
void paint_producers(QPainter& painter, const MapScene& scene);
void paint_groups(QPainter& painter, const MapScene& scene);
void paint_real_clients(QPainter& painter, const MapScene& scene);
void paint_session_rings(QPainter& painter, const MapScene& scene);
void paint_dots(QPainter& painter, const MapScene& scene, const std::vector<MovingDot>& dots);
void paint_cell(QPainter& painter, const MapScene& scene, const MapCell& cell, const QRectF& box,
                CellMode mode, double text);

// What is under a point in pixels; cells before cards, cards before links.
[[nodiscard]] MapPick pick_at(const MapScene& scene, QPointF point);
// The box of a pick in pixels, for the focus ring and for tests; empty when it is not on the map.
[[nodiscard]] QRectF box_of(const MapScene& scene, const MapPick& pick);
// The next pick from `from` towards dx, dy (each -1, 0 or 1) among cards and clients.
[[nodiscard]] MapPick next_pick(const MapScene& scene, const MapPick& from, int dx, int dy);

// Both directions of a link that is drawn, with what is known of them.
struct MapLink {
  std::string from, to;
  Polyline line;  // In layout units.
  double bytes_per_s = 0;
  bool cut = false;   // In either direction.
  bool slow = false;  // Delayed or lossy.
  double loss = 0;
  std::optional<Duration> delay;
  std::optional<Instant> since;
  bool selected = false;
};
[[nodiscard]] std::vector<MapLink> map_links(const MapScene& scene);

}  // namespace ottla::ui
