#include <algorithm>
#include <cmath>
#include <map>

#include "ui/canvas/format.h"
#include "ui/canvas/map_painter.h"

namespace ottla::ui {
namespace {

using observe::ApiFamily;

QPainterPath smooth(const MapView& view, const Polyline& line) {
  QPainterPath path;
  if (line.empty()) return path;
  path.moveTo(view.to_pixels(line.front()));
  const double radius = 6;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const QPointF here = view.to_pixels(line[i]);
    if (i + 1 == line.size() || line.size() > 8) {
      path.lineTo(here);
      continue;
    }
    // Orthogonal corners are rounded.
    const QPointF before = view.to_pixels(line[i - 1]);
    const QPointF after = view.to_pixels(line[i + 1]);
    const QLineF in(here, before);
    const QLineF out(here, after);
    const double r = std::min({radius, in.length() / 2, out.length() / 2});
    if (r < 0.5) {
      path.lineTo(here);
      continue;
    }
    path.lineTo(in.pointAt(r / in.length()));
    path.quadTo(here, out.pointAt(r / out.length()));
  }
  return path;
}

void stroke(QPainter& painter, const QPainterPath& path, const QColor& colour, double width,
            Qt::PenCapStyle cap = Qt::FlatCap) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.strokePath(path, QPen(colour, width, Qt::SolidLine, cap, Qt::RoundJoin));
}

// What passes over one row's lane and over the trunk, by where it leaves the lane.
struct LaneFlow {
  std::map<double, double> at_x;  // Bytes a second that enter or leave at this x.
  double total = 0;
};

struct Flows {
  std::vector<LaneFlow> rows;
  std::map<double, double> ends;  // Bytes a second by the y of the clients' ends.
  double total = 0;
};

Flows gather(const MapScene& scene, ApiFamily family) {
  Flows flows;
  flows.rows.resize(scene.layout->produce_lane.size());
  for (const observe::Flow& flow : scene.snapshot->flows) {
    if (flow.family != family) continue;
    const auto a = scene.routes->end(flow.from);
    const auto b = scene.routes->end(flow.to);
    if (!a || !b) continue;
    const MapEnd& broker = a->kind == MapEnd::Kind::broker ? *a : *b;
    const MapEnd& client = a->kind == MapEnd::Kind::broker ? *b : *a;
    const bool produce = client.kind == MapEnd::Kind::producer && family == ApiFamily::produce;
    const bool fetch = client.kind == MapEnd::Kind::member && family == ApiFamily::fetch;
    if (broker.kind != MapEnd::Kind::broker || (!produce && !fetch)) continue;
    const QRectF& card = scene.layout->brokers[broker.index];
    LaneFlow& lane = flows.rows[scene.layout->broker_row[broker.index]];
    lane.at_x[produce ? produce_entry(card) : fetch_exit(card)] += flow.bytes_per_s;
    lane.total += flow.bytes_per_s;
    const QRectF end = produce ? scene.layout->producers[client.index]
                               : scene.layout->member(client.index, client.member);
    flows.ends[end.center().y()] += flow.bytes_per_s;
    flows.total += flow.bytes_per_s;
  }
  return flows;
}

void paint_family(QPainter& painter, const MapScene& scene, ApiFamily family) {
  const Theme& t = *scene.theme;
  const MapLayout& layout = *scene.layout;
  const bool produce = family == ApiFamily::produce;
  const Flows flows = gather(scene, family);
  if (flows.total <= 0) return;
  const QColor colour = mixed(t.bg, t.family(family), t.is_dark ? 0.45 : 0.5);
  const double trunk = produce ? layout.produce_trunk : layout.fetch_trunk;
  const auto line = [&](QPointF a, QPointF b, double rate) {
    QPainterPath path(scene.view.to_pixels(a));
    path.lineTo(scene.view.to_pixels(b));
    stroke(painter, path, colour, flow_width(rate) * std::clamp(scene.view.scale, 0.6, 1.4),
           Qt::RoundCap);
  };
  double top = 1e9;
  double bottom = -1e9;
  for (std::size_t row = 0; row < flows.rows.size(); ++row) {
    const LaneFlow& lane = flows.rows[row];
    if (lane.total <= 0) continue;
    const double y = produce ? layout.produce_lane[row] : layout.fetch_lane[row];
    top = std::min(top, y);
    bottom = std::max(bottom, y);
    // From the trunk outwards, getting thinner at each broker.
    double left = lane.total;
    double x = trunk;
    const auto leave = [&](double at, double rate) {
      line({x, y}, {at, y}, left);
      QPainterPath drop(scene.view.to_pixels(QPointF(at, y)));
      drop.lineTo(scene.view.to_pixels(QPointF(at, y + 1)));
      const std::size_t broker = static_cast<std::size_t>(
          std::find_if(
              layout.brokers.begin(), layout.brokers.end(),
              [&](const QRectF& card) {
                return layout.broker_row[static_cast<std::size_t>(&card - layout.brokers.data())] ==
                           row &&
                       card.left() <= at && at <= card.right();
              }) -
          layout.brokers.begin());
      if (broker < layout.brokers.size()) {
        line({at, y}, {at, layout.brokers[broker].top()}, std::min(rate, 4e6));
      }
      left -= rate;
      x = at;
    };
    if (produce) {
      for (const auto& [at, rate] : lane.at_x) leave(at, rate);
    } else {
      for (auto i = lane.at_x.rbegin(); i != lane.at_x.rend(); ++i) leave(i->first, i->second);
    }
  }
  for (const auto& [y, rate] : flows.ends) {
    const double end = produce ? layout.producers.front().right() : layout.groups.front().left();
    line({end, y}, {trunk, y}, std::min(rate, 3e6));
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  line({trunk, top}, {trunk, bottom}, flows.total);
}

void paint_tag(QPainter& painter, const MapScene& scene, QPointF centre, const QString& words,
               Glyph glyph) {
  const Theme& t = *scene.theme;
  const double width = text_width(words, mono(10.5, 500)) + 26;
  const QRectF box(centre.x() - width / 2, centre.y() - 9, width, 18);
  draw_box(painter, box, 4, t.warn_bg, t.warn);
  draw_glyph(painter, glyph, {box.left() + 11, box.center().y()}, 9, t.warn);
  draw_text(painter, box.adjusted(20, 0, -4, 0), words, mono(10.5, 500), t.warn);
}

// Two stubs with scissors between them, and how long it has been cut.
void paint_cut(QPainter& painter, const MapScene& scene, const MapLink& link) {
  const Theme& t = *scene.theme;
  const double whole = length(link.line) * scene.view.scale;
  const QPointF middle = scene.view.to_pixels(point_along(link.line, 0.5));
  Polyline stub;
  const double part = whole <= 0 ? 0 : std::min(0.42, 14 / whole);
  for (const bool at_end : {false, true}) {
    QPainterPath path(scene.view.to_pixels(point_along(link.line, at_end ? 1 : 0)));
    path.lineTo(scene.view.to_pixels(point_along(link.line, at_end ? 1 - part : part)));
    stroke(painter, path, t.err, 2);
  }
  painter.setPen(QPen(t.err, 1.5));
  painter.setBrush(t.err_bg);
  painter.drawEllipse(middle, 12, 12);
  draw_glyph(painter, Glyph::scissors, middle, 12, t.err);
  if (!link.since) return;
  const QString since = duration(scene.snapshot->run.now - *link.since);
  const QFont font = mono(10.5, 500);
  const double width = text_width(since, font) + 8;
  const QRectF tag(middle.x() - width / 2, middle.y() - 30, width, 15);
  draw_box(painter, tag, 3, t.bg);
  draw_text(painter, tag, since, font, t.err, Qt::AlignCenter);
}

bool link_selected(const MapScene& scene, const std::string& a, const std::string& b) {
  const MapPick& pick = scene.selected;
  if (pick.kind == MapPick::Kind::link) {
    return (pick.name == a && pick.peer == b) || (pick.name == b && pick.peer == a);
  }
  if (pick.kind != MapPick::Kind::partition) return false;
  const observe::TopicState* topic = scene.snapshot->topic(pick.name);
  if (!topic) return false;
  for (const observe::PartitionState& p : topic->partitions) {
    if (p.index.value() != pick.partition || !p.leader) continue;
    const std::string leader = std::to_string(p.leader->value());
    const std::string& other = leader == a ? b : a;
    if (leader != a && leader != b) return false;
    return std::any_of(p.replicas.begin(), p.replicas.end(),
                       [&](const auto& r) { return std::to_string(r.broker.value()) == other; });
  }
  return false;
}

}  // namespace

std::vector<MapLink> map_links(const MapScene& scene) {
  std::map<std::pair<std::string, std::string>, MapLink> links;
  for (const observe::LinkState& l : scene.snapshot->links) {
    const auto a = scene.routes->end(l.from);
    const auto b = scene.routes->end(l.to);
    if (!a || !b || a->kind == MapEnd::Kind::member || b->kind == MapEnd::Kind::member) continue;
    const bool faulty = l.cut || l.loss > 0 || l.faulty_since.has_value();
    const bool brokers = a->kind == MapEnd::Kind::broker && b->kind == MapEnd::Kind::broker;
    const bool controllers =
        a->kind == MapEnd::Kind::controller && b->kind == MapEnd::Kind::controller;
    if (!brokers && !controllers && !faulty) continue;
    const bool swap = a->kind == b->kind ? a->index > b->index : false;
    const std::pair<std::string, std::string> key =
        swap ? std::pair(l.to, l.from) : std::pair(l.from, l.to);
    MapLink& link = links[key];
    if (link.line.empty()) {
      link.from = key.first;
      link.to = key.second;
      link.line = scene.routes->route(key.first, key.second);
      link.selected = link_selected(scene, l.from, l.to);
    }
    link.bytes_per_s += l.bytes_per_s;
    link.cut = link.cut || l.cut;
    link.loss = std::max(link.loss, l.loss);
    if (faulty && !l.cut) {
      link.slow = true;
      if (l.loss <= 0) link.delay = l.latency;
    }
    if (l.faulty_since && (!link.since || *l.faulty_since < *link.since))
      link.since = l.faulty_since;
  }
  // Controllers always have a link between them: the quorum.
  for (std::size_t i = 0; i + 1 < scene.contents->controllers.size() && !scene.layout->dense; ++i) {
    for (std::size_t j = i + 1; j < scene.contents->controllers.size(); ++j) {
      const std::string from = std::to_string(scene.contents->controllers[i].id.value());
      const std::string to = std::to_string(scene.contents->controllers[j].id.value());
      MapLink& link = links[{from, to}];
      if (!link.line.empty()) continue;
      link.from = from;
      link.to = to;
      link.line = scene.routes->route(from, to);
    }
  }
  std::vector<MapLink> drawn;
  for (auto& [key, link] : links) {
    if (!link.line.empty()) drawn.push_back(std::move(link));
  }
  return drawn;
}

void paint_racks(QPainter& painter, const MapScene& scene) {
  const Theme& t = *scene.theme;
  const double text = std::max(0.92, std::min(scene.view.scale, 2.0));
  for (std::size_t c = 0; c < scene.contents->columns.size(); ++c) {
    const MapColumn& column = scene.contents->columns[c];
    const QRectF box = scene.view.to_pixels(scene.layout->columns[c]);
    const QString name = !scene.contents->has_racks ? (c == 0 ? QString("Brokers") : QString())
                         : column.rack.empty()      ? QString("No rack")
                                                    : "Rack " + QString::fromStdString(column.rack);
    if (!scene.layout->dense) {
      draw_box(painter, box, 8, mixed(t.bg, t.panel, 0.6), t.line);
      draw_text(painter,
                {box.left() + 8, box.top() + 4 * scene.view.scale, box.width() - 16,
                 18 * scene.view.scale},
                name, words(11 * text, 600), t.t3);
      continue;
    }
    const QRectF label(box.left() + 2, box.top(), box.width() - 4, 18);
    int worst = 0;
    int down = 0;
    for (const std::size_t b : column.brokers) {
      const MapBroker& broker = scene.contents->brokers[b];
      worst += broker.count[static_cast<std::size_t>(CellState::out_of_sync)];
      down += broker.state.status == observe::ProcessStatus::down;
    }
    const Tone tone = down > 0 ? Tone::error : worst > 0 ? Tone::warning : Tone::good;
    const QColor colour = tone_colour(t, tone);
    double right = 0;
    if (tone != Tone::good) {
      right = draw_text(painter, label, QString::number(down > 0 ? down : worst), mono(10.5),
                        colour, Qt::AlignRight | Qt::AlignVCenter) +
              4;
    }
    draw_glyph(painter,
               down > 0    ? Glyph::cross
               : worst > 0 ? Glyph::not_equal
                           : Glyph::check,
               {label.right() - right - 5, label.center().y()}, 9, colour);
    double x =
        label.left() +
        draw_text(painter, label.adjusted(0, 0, -right - 12, 0), name, words(11, 600), t.t2) + 10;
    for (const std::size_t i : column.controllers) {
      const bool active = scene.contents->controllers[i].active;
      if (x < label.right() - right - 20) {
        draw_glyph(painter, Glyph::crown, {x, label.center().y()}, 9, active ? t.accent : t.t3);
      }
      x += 12;
    }
  }
}

void paint_flows(QPainter& painter, const MapScene& scene) {
  if (!scene.layout->clients_shown()) return;
  paint_family(painter, scene, ApiFamily::produce);
  paint_family(painter, scene, ApiFamily::fetch);
}

void paint_links(QPainter& painter, const MapScene& scene) {
  if (scene.layout->dense) return;
  const Theme& t = *scene.theme;
  const QColor quiet = mixed(t.bg, t.line2, 0.55);
  for (const MapLink& link : map_links(scene)) {
    if (link.cut || link.slow || link.selected) continue;
    const bool hovered = scene.hovered.kind == MapPick::Kind::link &&
                         scene.hovered.name == link.from && scene.hovered.peer == link.to;
    const bool near = link.line.size() == 2;
    stroke(painter, smooth(scene.view, link.line),
           hovered ? t.t3
           : near  ? mixed(t.bg, t.line2, 0.85)
                   : quiet,
           hovered ? 2 : 1);
  }
}

void paint_faulty_links(QPainter& painter, const MapScene& scene) {
  if (scene.layout->dense) return;
  const Theme& t = *scene.theme;
  const auto links = map_links(scene);
  for (const MapLink& link : links) {
    if (link.selected && !link.cut) stroke(painter, smooth(scene.view, link.line), t.sel, 1.5);
  }
  for (const MapLink& link : links) {
    if (link.cut) {
      paint_cut(painter, scene, link);
    } else if (link.slow) {
      QPen pen(t.warn, 1.5);
      pen.setDashPattern({4, 2});
      painter.setRenderHint(QPainter::Antialiasing);
      painter.strokePath(smooth(scene.view, link.line), pen);
      const QPointF middle = scene.view.to_pixels(point_along(link.line, 0.5));
      const QString words = link.loss > 0 ? "loss " + percent(link.loss)
                            : link.delay  ? "+" + duration(*link.delay)
                                          : QString("slow");
      paint_tag(painter, scene, middle, words, link.loss > 0 ? Glyph::warning : Glyph::clock);
    }
  }
}

void paint_rack_arcs(QPainter& painter, const MapScene& scene) {
  const MapLayout& layout = *scene.layout;
  if (!layout.dense || layout.arcs_height < 20) return;
  const Theme& t = *scene.theme;
  struct Pair {
    double rate = 0;
    double loss = 0;
    bool cut = false;
  };
  std::map<std::pair<std::size_t, std::size_t>, Pair> pairs;
  for (const observe::LinkState& link : scene.snapshot->links) {
    const auto a = scene.routes->end(link.from);
    const auto b = scene.routes->end(link.to);
    if (!a || !b || a->kind != MapEnd::Kind::broker || b->kind != MapEnd::Kind::broker) continue;
    std::size_t from = layout.broker_column[a->index];
    std::size_t to = layout.broker_column[b->index];
    if (from == to) continue;
    if (from > to) std::swap(from, to);
    Pair& pair = pairs[{from, to}];
    pair.rate += link.bytes_per_s;
    pair.loss = std::max(pair.loss, link.loss);
    pair.cut = pair.cut || link.cut;
  }
  double most = 1;
  for (const auto& [key, pair] : pairs) most = std::max(most, pair.rate);
  const double base = layout.columns.front().top() - 2;
  const auto arc = [&](std::size_t from, std::size_t to) {
    const double a = layout.columns[from].center().x() + 6;
    const double b = layout.columns[to].center().x() - 6;
    const double high =
        std::min(layout.arcs_height * 1.28, 14 + 9 * static_cast<double>(to - from));
    QPainterPath path(scene.view.to_pixels(QPointF(a, base)));
    path.cubicTo(scene.view.to_pixels(QPointF(a + (b - a) * 0.15, base - high)),
                 scene.view.to_pixels(QPointF(b - (b - a) * 0.15, base - high)),
                 scene.view.to_pixels(QPointF(b, base)));
    return path;
  };
  painter.save();
  painter.setClipRect(scene.view.to_pixels(QRectF(0, 0, layout.size.width(), base + 1)),
                      Qt::IntersectClip);
  for (const auto& [key, pair] : pairs) {
    if (pair.loss > 0 || pair.cut) continue;
    const double share = pair.rate / most;
    stroke(painter, arc(key.first, key.second),
           with_alpha(t.family(ApiFamily::replicate), 0.07 + 0.24 * share), 1 + 2.5 * share);
  }
  painter.restore();
  for (const auto& [key, pair] : pairs) {
    if (pair.loss <= 0 && !pair.cut) continue;
    const QPainterPath path = arc(key.first, key.second);
    QPen pen(pair.cut ? t.err : t.warn, 1.5);
    pen.setDashPattern({4, 2});
    painter.strokePath(path, pen);
    paint_tag(painter, scene, path.pointAtPercent(0.5) - QPointF(0, 4),
              pair.cut ? QString("cut") : "loss " + percent(pair.loss), Glyph::warning);
  }
}

void paint_dots(QPainter& painter, const MapScene& scene, const std::vector<MovingDot>& dots) {
  if (scene.layout->dense) return;
  const Theme& t = *scene.theme;
  const double size = 7 * std::clamp(scene.view.scale, 0.75, 1.6);
  for (const MovingDot& dot : dots) {
    const Polyline line = scene.routes->route(dot.from, dot.to);
    if (line.empty()) continue;
    double part = dot.progress;
    if (dot.stalled) {
      const double whole = std::max(1.0, length(line) * scene.view.scale);
      part = std::min(0.4, (3 + dot.queue_place * 0) / whole);
    }
    QPointF at = scene.view.to_pixels(point_along(line, part));
    if (dot.stalled) at += QPointF(0, (dot.queue_place + 1) * (size + 2) - (size + 2));
    draw_dot(painter, dot.family, dot.response, at, size, t.family(dot.family), t.bg);
  }
}

void paint_still(QPainter& painter, const MapScene& scene, const QRectF& viewport) {
  painter.fillRect(viewport, scene.theme->bg);
  painter.setClipRect(viewport);
  paint_rack_arcs(painter, scene);
  paint_racks(painter, scene);
  paint_flows(painter, scene);
  paint_links(painter, scene);
  for (std::size_t i = 0; i < scene.contents->brokers.size(); ++i) {
    const QRectF box = scene.view.to_pixels(scene.layout->brokers[i]);
    if (box.adjusted(-8, -8, 8, 8).intersects(viewport)) paint_broker(painter, scene, i);
  }
  paint_controllers(painter, scene);
  paint_producers(painter, scene);
  paint_groups(painter, scene);
  paint_real_clients(painter, scene);
  paint_faulty_links(painter, scene);
  for (std::size_t c = 0; c < scene.contents->columns.size() && scene.layout->dense; ++c) {
    // A rack with a selected broker is framed, so that it is found among hundreds.
    for (const std::size_t b : scene.contents->columns[c].brokers) {
      if (!scene.is_selected(MapPick::Kind::broker,
                             std::to_string(scene.contents->brokers[b].state.id.value()))) {
        continue;
      }
      draw_box(painter, scene.view.to_pixels(scene.layout->columns[c]).adjusted(-2, -2, 2, 2), 5,
               {}, with_alpha(scene.theme->sel, 0.6), 1);
    }
  }
}

void paint_moving(QPainter& painter, const MapScene& scene, const std::vector<MovingDot>& dots) {
  const Theme& t = *scene.theme;
  paint_session_rings(painter, scene);
  if (scene.layout->clients_shown()) {
    for (std::size_t g = 0; g < scene.layout->groups.size(); ++g) {
      const observe::GroupState& group = *scene.snapshot->groups[g];
      const std::size_t shown =
          std::min(scene.layout->group_members_shown[g], group.members.size());
      for (std::size_t m = 0; m < shown; ++m) {
        const QRectF row = scene.view.to_pixels(scene.layout->member(g, m));
        const QPointF centre(row.left() + 19 * scene.view.scale, row.center().y());
        const double radius = std::clamp(7 * scene.view.scale, 4.5, 11.0);
        const bool expired = group.members[m].status == observe::MemberStatus::expired;
        draw_session_ring(painter, centre, radius, group.members[m].session_left, expired, t,
                          radius < 6 ? 2 : 2.5);
        if (expired) draw_glyph(painter, Glyph::cross, centre, 6.5, t.err);
      }
    }
  }
  paint_dots(painter, scene, dots);
}

}  // namespace ottla::ui
