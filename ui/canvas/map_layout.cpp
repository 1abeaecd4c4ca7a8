#include "ui/canvas/map_layout.h"

#include <algorithm>
#include <cmath>

#include "ui/canvas/card_layout.h"

namespace ottla::ui {
namespace {

constexpr double margin = 14;
constexpr double producer_width = 128;
constexpr double producer_height = 64;
constexpr double producer_gap = 14;
constexpr double group_width = 200;
constexpr double card_width = 232;
constexpr double rack_pad = 8;
constexpr double rack_gap = 27;
constexpr double left_gutter = 32;
constexpr double right_gutter = 31;
constexpr double header = 28;  // Top of the racks to the first controller.
constexpr double rack_top = 4;
constexpr double controller_height = 50;
constexpr double controller_gap = 6;
constexpr double lanes = 32;    // Between controllers and the first row of brokers.
constexpr double row_gap = 34;  // Between rows of brokers, lanes included.
constexpr double member_height = 25;
constexpr double group_head = 50;
constexpr double group_foot = 72;
constexpr double real_clients_height = 84;
constexpr double single_row_bottom = 22;  // Room for the bus below a single row.
constexpr double dense_from = 25;         // Brokers.

double left_of_racks(bool clients) {
  return clients ? margin + producer_width + left_gutter : margin;
}
double right_of_racks(bool clients) {
  return clients ? right_gutter + group_width + margin + 2 : margin;
}

struct Sizes {
  double width = card_width;  // Of a card.
  double height = 0;          // Of a card.
  double lane_gap = lanes;    // Above the first row.
  double between = row_gap;   // Between rows.
  double bottom = 8;
};

double controllers_height(const MapContents& contents) {
  const auto rows = static_cast<double>(contents.controller_rows());
  return rows == 0 ? 0 : rows * controller_height + (rows - 1) * controller_gap;
}

double width_of(const MapContents& contents, bool clients, double card) {
  const auto columns = static_cast<double>(contents.columns.size());
  return left_of_racks(clients) + columns * (card + 2 * rack_pad) + (columns - 1) * (rack_gap - 1) +
         right_of_racks(clients);
}

double height_of(const MapContents& contents, const Sizes& s) {
  const auto rows = static_cast<double>(contents.rows());
  return header + controllers_height(contents) + s.lane_gap + rows * s.height +
         (rows - 1) * s.between + s.bottom;
}

double tallest_card(const MapContents& contents, double width, CellMode mode, bool facts) {
  double height = 150;
  for (const MapBroker& broker : contents.brokers) {
    height = std::max(height, card_height(broker, width, mode, facts));
  }
  return height;
}

// The natural card of a cluster: as wide as it must be so that it is not a tower.
double natural_card_width(const MapContents& contents) {
  double width = card_width;
  while (width < 1200 && tallest_card(contents, width, CellMode::full, false) > width * 1.6) {
    width += 36;
  }
  return width;
}

Sizes stretched(const MapContents& contents, bool clients, double width, QSizeF target) {
  Sizes s;
  if (contents.rows() == 1) s.bottom = single_row_bottom;
  s.width = width;
  s.height = tallest_card(contents, width, CellMode::full, false);
  const auto columns = static_cast<double>(contents.columns.size());
  const double spare_width = target.width() - width_of(contents, clients, width);
  if (spare_width > 0) s.width += std::min(spare_width / columns, width * 0.75);
  s.height = tallest_card(contents, s.width, CellMode::full, false);
  const auto rows = static_cast<double>(contents.rows());
  double spare = target.height() - height_of(contents, s);
  if (spare <= 0) return s;
  // Air between rows first, then richer cards, then air again.
  const double air = std::min(spare * 0.25, rows * 18);
  s.lane_gap += air / rows;
  s.between += air / rows;
  spare -= air;
  const double rich = tallest_card(contents, s.width, CellMode::rich, true) + 70;
  const double grow = std::min(spare / rows, std::max(0.0, rich - s.height));
  s.height += grow;
  spare -= grow * rows;
  const double lower = std::min(spare * 0.4, 30.0);
  s.lane_gap += lower;
  s.bottom += std::max(0.0, spare - lower);
  return s;
}

void place_brokers(MapLayout& layout, const MapContents& contents, const Sizes& s, bool clients) {
  layout.brokers.resize(contents.brokers.size());
  layout.broker_row.resize(contents.brokers.size());
  layout.broker_column.resize(contents.brokers.size());
  layout.controllers.resize(contents.controllers.size());
  const double first_row = header + controllers_height(contents) + s.lane_gap;
  double x = left_of_racks(clients);
  for (std::size_t c = 0; c < contents.columns.size(); ++c) {
    const MapColumn& column = contents.columns[c];
    const double bottom = s.bottom - 4;
    const auto rows = static_cast<double>(contents.rows());
    const double end = first_row + rows * s.height + (rows - 1) * s.between + bottom;
    layout.columns.emplace_back(x, rack_top, s.width + 2 * rack_pad, end - rack_top);
    double y = header;
    for (const std::size_t controller : column.controllers) {
      layout.controllers[controller] = {x + rack_pad, y, s.width, controller_height};
      y += controller_height + controller_gap;
    }
    y = first_row;
    for (std::size_t row = 0; row < column.brokers.size(); ++row) {
      const std::size_t broker = column.brokers[row];
      layout.brokers[broker] = {x + rack_pad, y, s.width, s.height};
      layout.broker_row[broker] = row;
      layout.broker_column[broker] = c;
      y += s.height + s.between;
    }
    x += s.width + 2 * rack_pad + rack_gap - 1;
  }
  for (std::size_t row = 0; row < contents.rows(); ++row) {
    const double top = first_row + static_cast<double>(row) * (s.height + s.between);
    const double gap = row == 0 ? s.lane_gap : s.between;
    layout.produce_lane.push_back(top - std::min(gap * 0.66, 44.0));
    layout.fetch_lane.push_back(top - std::min(gap * 0.33, 24.0));
    layout.bus.push_back(top + s.height + (row + 1 < contents.rows() ? s.between * 0.22 : 8.0));
  }
}

void place_clients(MapLayout& layout, const MapClients& clients) {
  const double height = layout.size.height();
  layout.producers_header = {margin, rack_top + 4, producer_width, 16};
  layout.groups_header = {layout.size.width() - margin - 2 - group_width, rack_top + 4, group_width,
                          16};
  layout.produce_trunk = margin + producer_width + 8;
  layout.fetch_trunk = layout.groups_header.left() - 10;
  double y = header;
  const double room = height - 8 - real_clients_height - 34;
  for (std::size_t i = 0; i < clients.producers; ++i) {
    const bool last = i + 1 == clients.producers;
    if (y + producer_height + (last ? 0 : 26) > room) {
      layout.more_producers = {margin, y, producer_width, 20};
      y += 20 + producer_gap;
      break;
    }
    layout.producers.emplace_back(margin, y, producer_width, producer_height);
    y += producer_height + producer_gap;
  }
  layout.real_clients = {margin, std::min(y + 30, height - 8 - real_clients_height), producer_width,
                         real_clients_height};
  // Groups share the height: members are left out of the longest before a group is.
  y = header;
  std::size_t members_max = 12;
  const auto needed = [&] {
    double all = header;
    for (const std::size_t members : clients.group_members) {
      all += group_head + group_foot + 16 +
             member_height * static_cast<double>(std::min(members, members_max));
    }
    return all;
  };
  while (members_max > 2 && needed() > height) --members_max;
  for (std::size_t i = 0; i < clients.group_members.size(); ++i) {
    const std::size_t shown = std::min(clients.group_members[i], members_max);
    const double card = group_head + group_foot + member_height * static_cast<double>(shown);
    if (y + card > height && i > 0) {
      layout.more_groups = {layout.groups_header.left(), std::min(y, height - 24), group_width, 20};
      break;
    }
    layout.groups.emplace_back(layout.groups_header.left(), y, group_width, card);
    layout.group_members_shown.push_back(shown);
    y += card + 16;
  }
}

MapLayout layout_dense(const MapContents& contents, QSizeF viewport) {
  MapLayout layout;
  layout.dense = true;
  layout.size = viewport;
  layout.arcs_height = viewport.height() > 420 ? 52 : 0;
  const auto columns = static_cast<double>(contents.columns.size());
  const auto rows = static_cast<double>(contents.rows());
  const double gap = viewport.width() > 900 ? 4 : 2;
  const double top = layout.arcs_height + 24;
  const double width = (viewport.width() - 2 * margin - (columns - 1) * gap) / columns;
  const double height = (viewport.height() - top - 8 - (rows - 1) * 3) / rows;
  layout.brokers.resize(contents.brokers.size());
  layout.broker_row.resize(contents.brokers.size());
  layout.broker_column.resize(contents.brokers.size());
  layout.controllers.resize(contents.controllers.size());
  double x = margin;
  for (std::size_t c = 0; c < contents.columns.size(); ++c) {
    layout.columns.emplace_back(x, layout.arcs_height + 4, width,
                                viewport.height() - layout.arcs_height - 8);
    double y = top;
    for (std::size_t row = 0; row < contents.columns[c].brokers.size(); ++row) {
      const std::size_t broker = contents.columns[c].brokers[row];
      layout.brokers[broker] = {std::round(x), std::round(y), std::floor(width),
                                std::floor(height)};
      layout.broker_row[broker] = row;
      layout.broker_column[broker] = c;
      y += height + 3;
    }
    x += width + gap;
  }
  // A card that showed every replica at 32 x 24 in the same proportions would be this wide.
  const double cells = std::max(1, contents.cells_max());
  const double across = std::ceil(std::sqrt(cells * (width / height) * 28 / 36));
  layout.zoom_unit = std::min(0.39, width / (across * 36 + 20));
  return layout;
}

}  // namespace

MapClients map_clients(const observe::Snapshot& snapshot) {
  MapClients clients;
  clients.producers = snapshot.producers.size();
  for (const auto& group : snapshot.groups) clients.group_members.push_back(group->members.size());
  return clients;
}

QRectF MapLayout::member(std::size_t group, std::size_t index) const {
  const QRectF& card = groups[group];
  return {card.left(), card.top() + group_head - 2 + static_cast<double>(index) * member_height,
          card.width(), member_height};
}

MapLayout layout_map(const MapContents& contents, const MapClients& clients, QSizeF viewport) {
  viewport = viewport.expandedTo({160, 120});
  if (static_cast<double>(contents.brokers.size()) >= dense_from) {
    return layout_dense(contents, viewport);
  }
  const bool with_clients = clients.shown;
  const double width = natural_card_width(contents);
  Sizes natural;
  if (contents.rows() == 1) natural.bottom = single_row_bottom;
  natural.width = width;
  natural.height = tallest_card(contents, width, CellMode::full, false);
  MapLayout layout;
  layout.fit_scale = std::min({viewport.width() / width_of(contents, with_clients, width),
                               viewport.height() / height_of(contents, natural), 1.5});
  // Close to 100 % it is 100 %: text at its own size is crisper than text that fills a pixel more.
  if (layout.fit_scale > 1 && layout.fit_scale < 1.12) layout.fit_scale = 1;
  const QSizeF target = viewport / layout.fit_scale;
  const Sizes sizes = stretched(contents, with_clients, width, target);
  layout.size = {std::max(width_of(contents, with_clients, sizes.width), target.width()),
                 std::max(height_of(contents, sizes), target.height() - 0.5)};
  place_brokers(layout, contents, sizes, with_clients);
  if (with_clients) place_clients(layout, clients);
  return layout;
}

MapView fit_view(const MapLayout& layout, QSizeF viewport) {
  MapView view;
  view.scale = layout.fit_scale;
  const QSizeF drawn = layout.size * view.scale;
  view.offset = {std::round(std::max(0.0, (viewport.width() - drawn.width()) / 2)),
                 std::round(std::max(0.0, (viewport.height() - drawn.height()) / 2))};
  return view;
}

MapView zoom_view(const MapLayout& layout, MapView view, double factor, QPointF anchor) {
  const QPointF fixed = view.to_layout(anchor);
  view.scale = std::clamp(view.scale * factor, 0.05 / layout.zoom_unit, 4.0 / layout.zoom_unit);
  view.offset = anchor - fixed * view.scale;
  return view;
}

}  // namespace ottla::ui
