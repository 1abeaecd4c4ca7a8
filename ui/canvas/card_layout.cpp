#include "ui/canvas/card_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace ottla::ui {
namespace {

// At 100 %, from the top of the card.
constexpr double header_height = 46;
constexpr double loads_height = 18;
constexpr double before_topics = 69;
constexpr double label_height = 18;
constexpr double after_topic = 6;
constexpr double footer_height = 27;
constexpr double facts_height = 74;
constexpr double side = 10;

struct Shares {
  double top, label, after, footer, side;
};

Shares shares(CellMode mode, double zoom) {
  if (mode == CellMode::compact || mode == CellMode::dense || mode == CellMode::area) {
    const double z = std::clamp(zoom, 0.62, 1.3);
    return {zoom < 0.7 ? 40.0 : before_topics * z, std::max(14.0, 16 * z), 4,
            zoom < 0.7 ? 6.0 : footer_height * z, zoom < 0.7 ? 7.0 : side * z};
  }
  return {before_topics * zoom, label_height * zoom, after_topic * zoom, footer_height * zoom,
          side * zoom};
}

double height_of(const MapBroker& broker, double width, CellMode mode, double zoom,
                 std::optional<CellSize> size = std::nullopt) {
  const Shares s = shares(mode, zoom);
  const CellSize cell = size.value_or(cell_size(mode, zoom));
  const double inner = width - 2 * s.side;
  const int columns = std::max(1, static_cast<int>((inner + cell.gap) / (cell.width + cell.gap)));
  double height = s.top + s.footer;
  if (mode == CellMode::dense) {
    const int rows = (broker.cells() + columns - 1) / columns;
    return height + s.label + rows * (cell.height + cell.gap);
  }
  for (const MapTopicCells& topic : broker.topics) {
    const int rows = (static_cast<int>(topic.cells.size()) + columns - 1) / columns;
    height += s.label + rows * (cell.height + cell.gap) - cell.gap + s.after;
  }
  return height;
}

// Compact cells are 12 px, or up to 16 where a card has room for that.
CellSize cell_for(const MapBroker& broker, const QRectF& card, CellMode mode, double zoom) {
  if (mode != CellMode::compact) return cell_size(mode, zoom);
  for (double side_px = 16; side_px > 12; --side_px) {
    const CellSize larger{side_px, side_px, 2};
    if (height_of(broker, card.width(), mode, zoom, larger) <= card.height()) return larger;
  }
  return cell_size(mode, zoom);
}

// The largest cells that fit, not larger than the zoom asks for; larger ones where much is free.
CellMode fitting_mode(const MapBroker& broker, const QRectF& card, double zoom) {
  CellMode mode = cell_mode(zoom);
  if (mode == CellMode::full && zoom >= 0.95 &&
      height_of(broker, card.width(), CellMode::rich, zoom) + facts_height * zoom <=
          card.height() + 0.5) {
    return CellMode::rich;
  }
  while (mode != CellMode::area &&
         height_of(broker, card.width(), mode, zoom) > card.height() + 0.5) {
    mode = static_cast<CellMode>(static_cast<int>(mode) + 1);
  }
  return mode;
}

// Rows of equal length that fill the width, where cells are large enough for that to show.
void balance(CellGrid& grid, double width, double zoom) {
  const int rows = std::max(1, grid.rows());
  grid.columns = std::max(1, (grid.count + rows - 1) / rows);
  const double gap = grid.cell.gap;
  grid.cell.width = std::min(68 * zoom, (width - (grid.columns - 1) * gap) / grid.columns);
}

CardLayout layout_mini(const MapBroker& broker, const QRectF& card) {
  CardLayout layout;
  layout.mini = true;
  layout.mode = CellMode::dense;
  const double pad = card.width() < 60 ? 3 : 5;
  layout.header = {card.left() + pad, card.top() + 1, card.width() - 2 * pad, 13};
  layout.loads = {card.left() + card.width() * 0.26, card.top() + 5, card.width() * 0.3, 3};
  CardTopic all;
  all.grid.count = broker.cells();
  const QRectF room(card.left() + pad, card.top() + 15, card.width() - 2 * pad,
                    card.height() - 15 - pad);
  // 3 x 3 in 25 columns where that fits; else as large, or as small, as the card allows.
  double pitch = 12;
  double down = pitch;
  for (bool fits = false; pitch > 1; --pitch) {
    const int columns = static_cast<int>((room.width() + 1) / pitch);
    const double rows = std::ceil(all.grid.count / std::max(1.0, static_cast<double>(columns)));
    // Rows may stand one pixel closer than columns, where that saves a size.
    for (down = pitch; down >= pitch - 1 && !fits; --down) fits = rows * down <= room.height() + 1;
    ++down;
    if (fits) break;
  }
  const double gap = pitch > 2 ? 1 : 0;
  all.grid.cell = {pitch - gap, down - gap, gap};
  all.grid.columns = std::max(1, static_cast<int>((room.width() + gap) / pitch));
  all.grid.origin = {std::round(room.left()), std::round(room.top())};
  if (pitch <= 1) {
    layout.mode = CellMode::area;
    all.label = room;
  }
  layout.topics = {all};
  return layout;
}

}  // namespace

CellSize cell_size(CellMode mode, double zoom) {
  switch (mode) {
    case CellMode::rich: return {44 * zoom, 36 * zoom, 4 * zoom};
    case CellMode::full: return {32 * zoom, 24 * zoom, 4 * zoom};
    case CellMode::compact: return {12, 12, 1};
    case CellMode::dense: return {3, 3, 1};
    case CellMode::area: return {0, 0, 0};
  }
  return {};
}

CellMode cell_mode(double zoom) {
  if (zoom > 1.6) return CellMode::rich;
  if (zoom >= 0.7) return CellMode::full;
  if (zoom >= 0.4) return CellMode::compact;
  return CellMode::dense;
}

QRectF CellGrid::at(int index) const {
  return {origin.x() + (index % columns) * (cell.width + cell.gap),
          origin.y() + (index / columns) * (cell.height + cell.gap), cell.width, cell.height};
}

double CellGrid::height() const {
  return count == 0 ? 0 : rows() * (cell.height + cell.gap) - cell.gap;
}

int CellGrid::index_at(QPointF point) const {
  const double x = point.x() - origin.x();
  const double y = point.y() - origin.y();
  if (x < 0 || y < 0 || cell.width <= 0) return -1;
  const int column = static_cast<int>(x / (cell.width + cell.gap));
  const int row = static_cast<int>(y / (cell.height + cell.gap));
  const int index = row * columns + column;
  if (column >= columns || index >= count) return -1;
  return at(index).adjusted(-0.5, -0.5, 0.5, 0.5).contains(point) ? index : -1;
}

double card_height(const MapBroker& broker, double width, CellMode mode, bool with_facts) {
  return height_of(broker, width, mode, 1) + (with_facts ? facts_height : 0);
}

CardLayout layout_card(const MapBroker& broker, const QRectF& card, double zoom) {
  if (cell_mode(zoom) == CellMode::dense) return layout_mini(broker, card);
  CardLayout layout;
  layout.mode = fitting_mode(broker, card, zoom);
  const Shares s = shares(layout.mode, zoom);
  const bool small = zoom < 0.7;
  layout.text = small ? 0.92 : std::max(zoom, 0.92);
  layout.ring_radius = small ? 7 : 9 * std::max(0.85, zoom);
  const double z = small ? 0.7 : zoom;
  layout.header = {card.left(), card.top(), card.width(), small ? 26 : header_height * zoom};
  layout.ring = small ? QPointF(card.left() + s.side + 9, card.top() + 14)
                      : QPointF(card.left() + 20 * z, card.top() + 20 * z);
  layout.loads = small ? QRectF(card.left() + s.side, card.top() + 29, card.width() - 2 * s.side, 3)
                       : QRectF(card.left() + s.side, card.top() + 44 * zoom,
                                card.width() - 2 * s.side, loads_height * zoom);
  layout.footer = {card.left() + s.side, card.bottom() - s.footer, card.width() - 2 * s.side,
                   small ? 0 : s.footer - 4};
  const QRectF inner(card.left() + s.side, card.top() + s.top, card.width() - 2 * s.side,
                     card.height() - s.top - s.footer);
  if (layout.mode == CellMode::dense || layout.mode == CellMode::area) {
    CardTopic all;
    all.grid.count = broker.cells();
    all.grid.cell = cell_size(CellMode::dense, zoom);
    all.grid.columns = std::max(1, static_cast<int>((inner.width() + 1) / 4));
    all.grid.origin = {std::round(inner.left()), std::round(inner.top() + s.label)};
    all.label = layout.mode == CellMode::area
                    ? inner
                    : QRectF(inner.left(), inner.top(), inner.width(), s.label);
    layout.topics = {all};
    return layout;
  }
  const CellSize cell = cell_for(broker, card, layout.mode, zoom);
  const int columns =
      std::max(1, static_cast<int>((inner.width() + cell.gap + 0.01) / (cell.width + cell.gap)));
  double spare = card.height() - height_of(broker, card.width(), layout.mode, zoom, cell);
  const bool facts = !small && spare > facts_height * zoom - 1;
  if (facts) spare -= facts_height * zoom;
  const double loosen =
      broker.topics.empty()
          ? 0
          : std::min(22 * zoom, spare / (static_cast<double>(broker.topics.size()) + 1));
  double y = inner.top() + loosen / 2;
  for (std::size_t i = 0; i < broker.topics.size(); ++i) {
    CardTopic topic;
    topic.index = i;
    topic.label = {inner.left(), y, inner.width(), s.label};
    y += s.label;
    topic.grid.origin = {small ? std::round(inner.left()) : inner.left(),
                         small ? std::round(y) : y};
    topic.grid.count = static_cast<int>(broker.topics[i].cells.size());
    topic.grid.columns = columns;
    topic.grid.cell = cell;
    if (layout.mode == CellMode::rich) balance(topic.grid, inner.width(), zoom);
    y += topic.grid.height() + s.after + loosen;
    layout.topics.push_back(topic);
  }
  if (facts) {
    layout.facts = {inner.left(), layout.footer.top() - facts_height * zoom + 2 * zoom,
                    inner.width(), (facts_height - 8) * zoom};
  }
  return layout;
}

std::vector<const MapCell*> sorted_cells(const MapBroker& broker) {
  std::array<std::vector<const MapCell*>, 5> by_state;
  for (const MapTopicCells& topic : broker.topics) {
    for (const MapCell& cell : topic.cells) {
      by_state[static_cast<std::size_t>(cell.state)].push_back(&cell);
    }
  }
  std::vector<const MapCell*> sorted;
  sorted.reserve(static_cast<std::size_t>(broker.cells()));
  for (auto& cells : by_state) {
    // Leaders that changed lately stand together at the end of the leaders.
    std::stable_partition(cells.begin(), cells.end(),
                          [](const MapCell* c) { return !c->moved_lately; });
    sorted.insert(sorted.end(), cells.begin(), cells.end());
  }
  return sorted;
}

}  // namespace ottla::ui
