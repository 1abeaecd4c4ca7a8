// Where everything on the cluster map is, in units that are pixels at a scale of 1: rack columns
// with controllers and brokers, lanes above each row of brokers, producers at the left, consumer
// groups at the right. The layout fills the viewport it is made for; a person's zoom and pan scale
// it and never move things about.
#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <cstddef>
#include <string>
#include <vector>

#include "ui/canvas/map_contents.h"

namespace ottla::ui {

// What stands beside the brokers, reduced to what decides sizes.
struct MapClients {
  std::size_t producers = 0;
  std::vector<std::size_t> group_members;  // Per group.
  bool shown = true;                       // False: folded into edge tabs.
};
[[nodiscard]] MapClients map_clients(const observe::Snapshot& snapshot);

struct MapLayout {
  QSizeF size;
  double fit_scale = 1;  // Pixels per unit that make `size` fill the viewport.
  double zoom_unit = 1;  // The zoom a person reads at a scale of 1.
  bool dense = false;    // Mini cards, arcs between racks, no clients.

  std::vector<QRectF> columns;      // By MapContents::columns.
  std::vector<QRectF> brokers;      // By MapContents::brokers.
  std::vector<QRectF> controllers;  // By MapContents::controllers; empty when dense.
  std::vector<std::size_t> broker_row;
  std::vector<std::size_t> broker_column;
  std::vector<QRectF> producers;  // Of the producers that have room.
  std::vector<QRectF> groups;     // Of the groups that have room.
  std::vector<std::size_t> group_members_shown;
  QRectF real_clients;
  QRectF producers_header, groups_header;
  QRectF more_producers, more_groups;  // "12 more", empty when all have room.

  std::vector<double> produce_lane;  // y, by row.
  std::vector<double> fetch_lane;
  std::vector<double> bus;   // y of the links between brokers that are not neighbours, by row.
  double produce_trunk = 0;  // x.
  double fetch_trunk = 0;
  double arcs_height = 0;  // Above the columns, when dense.

  // The row of member `index` in a group's card.
  [[nodiscard]] QRectF member(std::size_t group, std::size_t index) const;
  [[nodiscard]] bool clients_shown() const { return real_clients.isValid(); }
};

[[nodiscard]] MapLayout layout_map(const MapContents& contents, const MapClients& clients,
                                   QSizeF viewport);

// Pan and zoom over a layout.
struct MapView {
  double scale = 1;
  QPointF offset;  // Of the layout's origin, in pixels.

  [[nodiscard]] QPointF to_pixels(QPointF p) const { return p * scale + offset; }
  [[nodiscard]] QRectF to_pixels(const QRectF& r) const {
    return {to_pixels(r.topLeft()), r.size() * scale};
  }
  [[nodiscard]] QPointF to_layout(QPointF p) const { return (p - offset) / scale; }
};

// Everything in sight, centred.
[[nodiscard]] MapView fit_view(const MapLayout& layout, QSizeF viewport);
// Zooms by `factor` so that the point under `anchor` stays where it is; bounded to 5 % .. 400 %.
[[nodiscard]] MapView zoom_view(const MapLayout& layout, MapView view, double factor,
                                QPointF anchor);

}  // namespace ottla::ui
