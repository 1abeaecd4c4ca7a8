// How a change on the map is shown: the fill of a cell fades over in 160 ms, the edge of a new
// leader epoch in 240 ms, and a ring runs once from the old leader to the new one in 400 ms. Pure:
// the caller brings the pictures and the clock.
#pragma once

#include <QImage>
#include <QPainter>
#include <QRectF>
#include <vector>

#include "ui/canvas/map_painter.h"

namespace ottla::ui {

// A replica's cell, by its card.
struct CellPlace {
  std::size_t broker = 0;  // Into MapContents::brokers.
  std::int32_t topic = 0;
  PartitionIndex partition;
  bool operator==(const CellPlace&) const = default;
};
struct CellChange {
  CellPlace place;
  bool epoch = false;  // The leader epoch is another; else the state alone.
};
struct LeaderMove {
  CellPlace from;
  CellPlace to;
  std::int32_t epoch = -1;
};
struct MapChanges {
  std::vector<CellChange> cells;
  std::vector<LeaderMove> leaders;
};
// Between two contents with the same brokers, topics and cells; what is new or gone is no change.
[[nodiscard]] MapChanges map_changes(const MapContents& before, const MapContents& after);
// The cell in pixels; empty where the card draws no cell of its own for it.
[[nodiscard]] QRectF cell_box(const MapScene& scene, const CellPlace& place);

class MapFades {
 public:
  static constexpr double fill_ms = 160;
  static constexpr double edge_ms = 240;
  static constexpr double ring_ms = 400;

  // `before` is the picture as it was, at the scene's view.
  void begin(QImage before, const MapScene& scene, const MapChanges& changes);
  void advance(double ms);
  void clear();
  [[nodiscard]] bool active() const { return !cells_.empty() || !rings_.empty(); }
  // Over the picture as it is now.
  void paint(QPainter& painter) const;

 private:
  struct Fade {
    QRectF box;
    double lasts_ms = fill_ms;
    double elapsed_ms = 0;
  };
  struct Ring {
    QRectF from;
    QRectF to;
    QColor hue;
    double elapsed_ms = 0;
  };

  QImage before_;
  std::vector<Fade> cells_;
  std::vector<Ring> rings_;
};

}  // namespace ottla::ui
