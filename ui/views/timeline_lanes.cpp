#include "ui/views/timeline_lanes.h"

#include <algorithm>
#include <map>

#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/models/text.h"

namespace ottla::ui {
namespace {

constexpr double band_height = 12;
constexpr double band_pitch = 14;

using observe::EventKind;

// A run of moments that are drawn and counted as one.
struct Cluster {
  double left = 0;
  double right = 0;
  std::vector<const Moment*> moments;
};

template <class Keep>
std::vector<Cluster> clusters_of(const std::deque<Moment>& moments, const TimeScale& scale,
                                 double right_edge, double gap, Keep keep) {
  std::vector<Cluster> clusters;
  for (const Moment& moment : moments) {
    if (!keep(moment)) continue;
    const double x = scale.x(moment.at);
    if (x < scale.x0 || x > right_edge) continue;
    if (clusters.empty() || x - clusters.back().right > gap) clusters.push_back({x, x, {}});
    clusters.back().right = x;
    clusters.back().moments.push_back(&moment);
  }
  return clusters;
}

QPolygonF triangle(double x, double y, bool down) {
  const double tip = down ? 3 : -3;
  return QPolygonF({{x - 3, y - tip}, {x + 3, y - tip}, {x, y + tip}});
}

}  // namespace

TimelineLayout TimelineLayout::of(double width, double height, int groups) {
  TimelineLayout layout;
  const double lane_width = width - labels;
  constexpr double thin = 18;
  constexpr double records_height = 25;
  double left = height - ruler;
  const double others = thin * 3 + records_height;
  const bool all = left >= others + band_pitch + 4;
  double group_height = thin;
  if (all) {
    left -= others;
    // What is more than three rows of faults goes to further groups, then to faults again.
    const double spare = std::max(0.0, left - 3 * band_pitch - 4);
    const int more = std::clamp(static_cast<int>(spare / band_pitch), 0, std::max(0, groups - 1));
    layout.group_rows = 1 + more;
    group_height += more * band_pitch;
    left -= more * band_pitch;
  }
  layout.fault_rows = std::max(1, static_cast<int>((left - 2) / band_pitch));
  double top = ruler;
  const auto lane = [&](double lane_height) {
    const QRectF box(labels, top, lane_width, lane_height);
    top += lane_height;
    return box;
  };
  layout.faults = lane(left);
  if (!all) return layout;
  layout.elections = lane(thin);
  layout.isr = lane(thin);
  layout.groups = lane(group_height);
  layout.records = lane(records_height);
  return layout;
}

void TimelinePainter::ruler(double width) const {
  const Duration major = scale_.step(96);
  const Duration minor = Duration::micros(std::max<std::int64_t>(1, major.count_micros() / 5));
  painter_.setRenderHint(QPainter::Antialiasing, false);
  const double bottom = TimelineLayout::ruler;
  for (Instant at = TimeScale::first_tick(snapshot_.run.start, scale_.left, minor);
       scale_.x(at) < width; at += minor) {
    painter_.fillRect(QRectF(scale_.x(at), bottom - 3, 1, 3), theme_.line2);
  }
  const bool millis = major < Duration::seconds(1);
  for (Instant at = TimeScale::first_tick(snapshot_.run.start, scale_.left, major);
       scale_.x(at) < width; at += major) {
    const double x = scale_.x(at);
    painter_.fillRect(QRectF(x, bottom, 1, 4'000), with_alpha(theme_.line, 0.7));
    painter_.fillRect(QRectF(x, bottom - 5, 1, 5), theme_.line2);
    const QString label = clock_text(at - snapshot_.run.start, millis);
    const double half = text_width(label, mono(10.5)) / 2;
    // The first one stays whole beside the labels.
    const double centre = std::max(x, scale_.x0 + half + 4);
    draw_text(painter_, {centre - 60, 0, 120, bottom - 3}, label, mono(10.5), theme_.t3,
              Qt::AlignHCenter | Qt::AlignVCenter);
  }
}

void TimelinePainter::labels(double height) const {
  painter_.fillRect(QRectF(0, 0, TimelineLayout::labels, height), theme_.panel);
  draw_text(painter_, {16, 0, 80, TimelineLayout::ruler}, QStringLiteral("Timeline"),
            words(11, 600), theme_.t3);
  const std::pair<const QRectF*, const char*> lanes[] = {{&layout_.faults, "Faults"},
                                                         {&layout_.elections, "Elections"},
                                                         {&layout_.isr, "ISR"},
                                                         {&layout_.groups, "Groups"},
                                                         {&layout_.records, "Records in"}};
  for (const auto& [lane, name] : lanes) {
    if (lane->height() <= 0) continue;
    draw_text(painter_, {16, lane->top(), TimelineLayout::labels - 24, lane->height()},
              QString::fromUtf8(name), words(11), theme_.t2);
    painter_.fillRect(QRectF(0, lane->top(), lane->right(), 1), theme_.line);
  }
  painter_.fillRect(QRectF(TimelineLayout::labels - 1, 0, 1, height), theme_.line);
}

void TimelinePainter::future(double width, double height) const {
  const double x = std::max(scale_.x(snapshot_.run.now), scale_.x0);
  if (x >= width) return;
  const QRectF box(x, TimelineLayout::ruler, width - x, height - TimelineLayout::ruler);
  painter_.fillRect(box, with_alpha(theme_.is_dark ? theme_.bg : theme_.raised, 0.6));
  draw_hatch(painter_, box, with_alpha(theme_.line2, theme_.is_dark ? 0.35 : 0.45), 8);
}

void TimelinePainter::playhead(double width, double height) const {
  const double x = scale_.x(snapshot_.run.now);
  if (x < scale_.x0 || x > width) return;
  painter_.fillRect(QRectF(std::round(x), 16, 1, height - 16), theme_.sel);
  const QString time = clock_text(snapshot_.run.now - snapshot_.run.start);
  const QFont font = mono(11, 500);
  const double tag = text_width(time, font) + 12;
  const double left = std::clamp(x - tag / 2, scale_.x0 + 2, width - tag - 2);
  const QRectF box(std::round(left), 2, tag, 17);
  draw_box(painter_, box, 3, theme_.sel);
  draw_text(painter_, box, time, font, theme_.bg, Qt::AlignHCenter | Qt::AlignVCenter);
}

QString TimelinePainter::when(Instant from, std::optional<Instant> to) const {
  const Instant start = snapshot_.run.start;
  if (!to) {
    return QStringLiteral("since %1, %2 so far")
        .arg(clock_text(from - start), duration(snapshot_.run.now - from));
  }
  return QStringLiteral("%1 to %2, %3")
      .arg(clock_text(from - start), clock_text(*to - start), duration(*to - from));
}

void TimelinePainter::hit(const QRectF& box, std::uint64_t event, const QString& tip) {
  hits_.push_back({box, event, tip});
}

TimelinePainter::BandLook TimelinePainter::fault_look(const Band& band) const {
  QColor colour = theme_.err;
  if (band.kind == EventKind::process_paused || band.kind == EventKind::link_changed ||
      band.kind == EventKind::process_stopped) {
    colour = theme_.warn;
  }
  Glyph glyph = event_glyph(band.kind);
  if (band.kind == EventKind::producer_changed) {
    colour = theme_.heat;
    glyph = Glyph::flame;
  }
  return {colour, with_alpha(colour, theme_.is_dark ? 0.17 : 0.14), colour, glyph};
}

TimelinePainter::BandLook TimelinePainter::group_look_of(const Band& band) const {
  switch (band.kind) {
    case EventKind::group_stable:
      return {with_alpha(theme_.ok, 0.5), theme_.ok_bg, theme_.ok, Glyph::check};
    case EventKind::group_rebalance:
      return {with_alpha(theme_.warn, 0.5), theme_.warn_bg, theme_.warn, Glyph::turning};
    default: return {theme_.accent, theme_.raised, theme_.t1, Glyph::dot};
  }
}

void TimelinePainter::band(const QRectF& box, const BandLook& look, const QString& label,
                           double label_right) {
  draw_box(painter_, box, 2, look.body);
  if (box.left() > scale_.x0) {
    painter_.fillRect(QRectF(box.left(), box.top(), 2, box.height()), look.edge);
  }
  const double left = std::max(box.left(), scale_.x0) + 6;
  if (label_right - left < 14) return;
  draw_glyph(painter_, look.glyph, {left + 4, box.center().y()}, 8, look.text);
  // A word cut to two letters says less than its glyph.
  if (label_right - left < 44) return;
  draw_text(painter_, {left + 12, box.top(), label_right - left - 14, box.height()}, label,
            words(10.5, 500), look.text);
}

// What is known to come: the fault's end, as an empty box after the playhead.
void TimelinePainter::scheduled(const Band& band, const QRectF& row, double from_x) {
  if (band.kind != EventKind::link_cut && band.kind != EventKind::link_changed) return;
  for (const observe::LinkState& link : snapshot_.links) {
    const bool same = (link.from == band.node && link.to == band.peer) ||
                      (link.from == band.peer && link.to == band.node);
    if (!same || !link.heals_at || *link.heals_at <= snapshot_.run.now) continue;
    const BandLook look = fault_look(band);
    const QRectF box(from_x + 2, row.top(), scale_.x(*link.heals_at) - from_x - 2, row.height());
    if (box.width() < 4) return;
    draw_dashed_box(painter_, box, 2, {}, look.edge, 3, 2);
    const QString heals = clock_text(*link.heals_at - snapshot_.run.start).chopped(2);
    draw_glyph(painter_, look.glyph, {box.left() + 9, box.center().y()}, 8, look.text);
    draw_text(
        painter_, {box.left() + 17, box.top(), std::max(200.0, box.width()) - 20, box.height()},
        QStringLiteral("%1, heals %2").arg(text(band.label), heals), words(10.5, 500), look.text);
    hit(box, band.event, QStringLiteral("%1\nHeals at %2").arg(text(band.label), heals));
    return;
  }
}

void TimelinePainter::faults(const TimeBands& all) {
  const QRectF& lane = layout_.faults;
  std::vector<const Band*> shown;
  const Instant right = scale_.at(lane.right());
  for (const Band& fault : all.faults()) {
    if (fault.start <= right && (!fault.end || *fault.end >= scale_.left)) shown.push_back(&fault);
  }
  if (all.faults().empty()) {
    draw_text(painter_, lane.adjusted(12, 0, -8, 0),
              QStringLiteral("No faults yet. Right-click a broker, link, client or group to break "
                             "it."),
              words(12), theme_.t3);
    return;
  }
  const std::vector<int> rows = stack_rows(shown, snapshot_.run.now, layout_.fault_rows);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const Band& fault = *shown[i];
    const double top = lane.top() + 3 + rows[i] * band_pitch;
    const double from = scale_.x(fault.start);
    const double to = scale_.x(fault.end.value_or(std::max(snapshot_.run.now, fault.start)));
    double label_right = lane.right();
    for (std::size_t next = i + 1; next < shown.size(); ++next) {
      if (rows[next] == rows[i]) {
        label_right = std::min(label_right, scale_.x(shown[next]->start) - 4);
        break;
      }
    }
    const bool open = !fault.end;
    if (open) label_right = std::min(label_right, to);
    const double left = std::max(from, scale_.x0);
    const QRectF box(left, top, std::max(2.0, to - left), band_height);
    band(box, fault_look(fault), text(fault.label), label_right);
    hit(box.adjusted(-2, -1, 2, 1), fault.event,
        text(fault.label) + QChar('\n') + when(fault.start, fault.end));
    if (open) scheduled(fault, box, to);
  }
}

void TimelinePainter::elections(const TimeBands& bands) {
  const QRectF& lane = layout_.elections;
  if (lane.height() <= 0) return;
  double free_from = lane.left() + 4;
  const auto runs =
      clusters_of(bands.elections(), scale_, lane.right(), 14, [](const Moment&) { return true; });
  for (const Cluster& run : runs) {
    const auto count = run.moments.size();
    const std::int32_t epoch = run.moments.back()->epoch;
    const QColor hue = theme_.epoch_hue(epoch);
    const double width =
        std::max(run.right - run.left, std::min(3.0 * static_cast<double>(count), 36.0));
    const double y = lane.center().y() + 0.5;
    for (double x = run.left; x < run.left + width; x += 3) {
      painter_.fillRect(QRectF(x, y - 5, 2, 10), hue);
    }
    const QString label = count == 1 ? QStringLiteral("epoch %1").arg(epoch)
                                     : QStringLiteral("%1 leaders moved, epoch %2")
                                           .arg(number(static_cast<std::int64_t>(count)))
                                           .arg(epoch);
    const QFont font = words(10.5);
    const double label_width = text_width(label, font) + 16;
    const double label_left = run.left - label_width - 6;
    if (count > 1 && label_left > free_from) {
      draw_glyph(painter_, Glyph::diamond, {label_left + 4, y}, 8, hue);
      draw_text(painter_, {label_left + 13, lane.top(), label_width, lane.height()}, label, font,
                theme_.t2);
    }
    free_from = run.left + width + 6;
    hit({run.left - 3, lane.top(), width + 6, lane.height()}, run.moments.front()->event,
        label + QChar('\n') + clock_text(run.moments.front()->at - snapshot_.run.start));
  }
}

void TimelinePainter::isr(const TimeBands& bands) {
  const QRectF& lane = layout_.isr;
  if (lane.height() <= 0) return;
  double free_from = lane.left() + 4;
  std::vector<std::pair<Cluster, bool>> runs;
  for (const bool shrank : {true, false}) {
    const auto kind = shrank ? EventKind::isr_shrank : EventKind::isr_expanded;
    for (Cluster& run : clusters_of(bands.isr_changes(), scale_, lane.right(), 18,
                                    [&](const Moment& m) { return m.kind == kind; })) {
      runs.emplace_back(std::move(run), shrank);
    }
  }
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.first.left < b.first.left; });
  painter_.setRenderHint(QPainter::Antialiasing);
  for (const auto& [run, shrank] : runs) {
    const QColor colour = shrank ? theme_.warn : theme_.ok;
    const double y = lane.center().y() + 0.5;
    painter_.setPen(Qt::NoPen);
    painter_.setBrush(colour);
    double drawn_to = -1e9;
    for (const Moment* moment : run.moments) {
      const double x = scale_.x(moment->at);
      if (x - drawn_to < 5) continue;
      painter_.drawPolygon(triangle(x, y, shrank));
      drawn_to = x;
    }
    const QString sign = shrank ? QStringLiteral("−") : QStringLiteral("+");
    const QString label = sign + number(static_cast<std::int64_t>(run.moments.size()));
    const QFont font = words(10.5, 500);
    const double label_width = text_width(label, font);
    const double label_left = run.left - label_width - 7;
    if (label_left > free_from) {
      draw_text(painter_, {label_left, lane.top(), label_width + 2, lane.height()}, label, font,
                colour);
    }
    free_from = run.right + 8;
    hit({run.left - 4, lane.top(), run.right - run.left + 8, lane.height()},
        run.moments.front()->event,
        QStringLiteral("%1 ISRs %2\n%3")
            .arg(number(static_cast<std::int64_t>(run.moments.size())),
                 shrank ? QStringLiteral("shrank") : QStringLiteral("expanded"),
                 when(run.moments.front()->at, run.moments.back()->at)));
  }
}

void TimelinePainter::groups(const TimeBands& bands) {
  const QRectF& lane = layout_.groups;
  if (lane.height() <= 0) return;
  // The groups that something happened to lately come first.
  std::vector<std::pair<const std::string*, const std::deque<Band>*>> order;
  for (const auto& [name, states] : bands.groups()) {
    if (!states.empty()) order.emplace_back(&name, &states);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second->back().start > b.second->back().start;
  });
  const auto rows = std::min(order.size(), static_cast<std::size_t>(layout_.group_rows));
  for (std::size_t row = 0; row < rows; ++row) {
    const double top = lane.top() + 3 + static_cast<double>(row) * band_pitch;
    for (const Band& state : *order[row].second) {
      const Instant end = state.end.value_or(std::max(snapshot_.run.now, state.start));
      if (end < scale_.left || state.start > scale_.at(lane.right())) continue;
      const double left = std::max(scale_.x(state.start), scale_.x0);
      const QRectF box(left, top, std::max(2.0, scale_.x(end) - left), band_height);
      QString label = text(state.label);
      if (state.kind == EventKind::group_stable && state.epoch >= 0) {
        label += QStringLiteral(", generation %1").arg(state.epoch);
      }
      const QString name = text(*order[row].first) + QChar(' ');
      if (state.kind == EventKind::group_changed && label.startsWith(name)) {
        label.remove(0, name.size());
      }
      band(box, group_look_of(state), label, box.right());
      hit(box, state.event, text(state.label) + QChar('\n') + when(state.start, state.end));
    }
  }
}

void TimelinePainter::records() const {
  const QRectF& lane = layout_.records;
  const observe::Series* series = snapshot_.history->find("records_in");
  if (lane.height() <= 0 || !series || series->points.empty()) return;
  const auto& points = series->points;
  const auto later = [](const observe::Point& p, Instant t) { return p.at < t; };
  auto from = std::lower_bound(points.begin(), points.end(), scale_.left, later);
  if (from != points.begin()) --from;
  const auto to = std::lower_bound(from, points.end(), scale_.at(lane.right()), later);
  double top = 1;
  for (auto p = from; p != to; ++p) top = std::max(top, p->value);
  QPolygonF curve;
  const double base = lane.bottom() - 1;
  const double height = lane.height() - 7;
  // At most two points a pixel: the lane is read for its shape.
  double last_x = -1e9;
  for (auto p = from; p != to; ++p) {
    const double x = std::max(scale_.x(p->at), scale_.x0);
    if (x - last_x < 0.5) continue;
    last_x = x;
    curve << QPointF(x, base - p->value / top * height);
  }
  if (curve.size() < 2) return;
  QPolygonF area = curve;
  area << QPointF(curve.back().x(), base) << QPointF(curve.front().x(), base);
  painter_.setRenderHint(QPainter::Antialiasing);
  painter_.setPen(Qt::NoPen);
  painter_.setBrush(with_alpha(theme_.series[0], 0.2));
  painter_.drawPolygon(area);
  painter_.setPen(QPen(theme_.series[0], 1));
  painter_.setBrush(Qt::NoBrush);
  painter_.drawPolyline(curve);
}

}  // namespace ottla::ui
