// Where everything on a broker's card is, in pixels, for a size of card and a zoom. What does not
// fit gives way: cells get smaller before any is left out.
#pragma once

#include <QRectF>
#include <cstdint>
#include <vector>

#include "ui/canvas/map_contents.h"

namespace ottla::ui {

enum class CellMode : std::uint8_t {
  rich,     // 44 x 36: glyph, number, epoch, log end offset bar.
  full,     // 32 x 24: glyph, number, epoch edge.
  compact,  // 12 x 12: glyph, thin epoch edge.
  dense,    // 3 x 3: fill only, sorted by state.
  area,     // Too many for cells: one stacked bar of shares.
};

struct CellSize {
  double width, height, gap;
};
// At 100 %; `full` and `rich` grow and shrink with the zoom, the others are in pixels.
[[nodiscard]] CellSize cell_size(CellMode mode, double zoom);
// The mode a zoom asks for.
[[nodiscard]] CellMode cell_mode(double zoom);

// Cells in rows from the left.
struct CellGrid {
  QPointF origin;
  CellSize cell{32, 24, 4};
  int columns = 1;
  int count = 0;

  [[nodiscard]] QRectF at(int index) const;
  [[nodiscard]] int rows() const { return (count + columns - 1) / columns; }
  [[nodiscard]] double height() const;
  // The cell under a point, or -1.
  [[nodiscard]] int index_at(QPointF point) const;
};

struct CardTopic {
  std::size_t index = 0;  // Into MapBroker::topics.
  QRectF label;           // Empty when there is no room for words.
  CellGrid grid;
};

struct CardLayout {
  CellMode mode = CellMode::full;
  bool mini = false;  // A mini card: number, one bar, worst state, cells.
  double text = 1;    // Multiplies the sizes of text.
  QRectF header;      // Ring, id, story, state.
  QPointF ring;       // Centre of the session ring.
  double ring_radius = 9;
  QRectF loads;
  std::vector<CardTopic> topics;  // For dense: a single one that stands for all topics.
  QRectF facts;                   // Requests, connections and so on, when there is room to spare.
  QRectF footer;
};

// `card` in pixels; `zoom` as the person reads it (1 = 100 %).
[[nodiscard]] CardLayout layout_card(const MapBroker& broker, const QRectF& card, double zoom);
// How high a card of this width wants to be at 100 %, with cells of a mode.
[[nodiscard]] double card_height(const MapBroker& broker, double width, CellMode mode,
                                 bool with_facts);

// The cells of a broker as the dense mode shows them: leaders, in sync, out of sync, offline.
[[nodiscard]] std::vector<const MapCell*> sorted_cells(const MapBroker& broker);

}  // namespace ottla::ui
