#include "ui/views/rebalance_view.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/models/text.h"

namespace ottla::ui {
namespace {

constexpr double label_width = 88;
constexpr double axis_height = 24;
constexpr double row_pitch_max = 31;
constexpr double row_pitch_min = 14;
constexpr double legend_height = 26;
constexpr double why_height = 40;
constexpr double deadline_height = 22;
constexpr double seconds_shown = 20;
constexpr double future_share = 0.12;

using observe::MemberStatus;

struct SpanLook {
  QColor edge;
  QColor body;
  QColor text;
  std::optional<Glyph> glyph;
  const char* words;
};

SpanLook span_look(const Theme& theme, MemberStatus status) {
  const auto tinted = [&](const QColor& colour, std::optional<Glyph> glyph, const char* said) {
    return SpanLook{colour, with_alpha(colour, theme.is_dark ? 0.2 : 0.16), colour, glyph, said};
  };
  switch (status) {
    case MemberStatus::consuming: {
      SpanLook look = tinted(theme.t3, std::nullopt, "Consuming");
      look.body = with_alpha(theme.t3, theme.is_dark ? 0.28 : 0.22);
      return look;
    }
    case MemberStatus::in_poll: return tinted(theme.heat, Glyph::clock, "In poll");
    case MemberStatus::joining: return tinted(theme.warn, Glyph::hourglass, "Joining, waits");
    case MemberStatus::syncing: return tinted(theme.accent, Glyph::equal, "Sync");
    case MemberStatus::paused: return tinted(theme.warn, Glyph::pause, "Paused");
    case MemberStatus::expired: return tinted(theme.err, Glyph::cross, "No heartbeat");
    case MemberStatus::unknown: break;
  }
  return tinted(theme.stale, Glyph::clock, "Unknown");
}

// Whom a rebalance waits for: in PreparingRebalance who has not joined, after that who has not
// asked for its assignment.
bool is_awaited(const observe::GroupState& group, const observe::MemberState& member) {
  if (!group.deadline || member.status == MemberStatus::syncing) return false;
  return group.state != "PreparingRebalance" || member.status != MemberStatus::joining;
}

}  // namespace

QString deadline_words(const observe::GroupState& group, Instant start) {
  if (!group.deadline) return {};
  QStringList awaited;
  for (const observe::MemberState& member : group.members) {
    if (is_awaited(group, member))
      awaited << text(member.client_id.empty() ? member.member_id : member.client_id);
  }
  const QString time = clock_text(*group.deadline - start);
  if (awaited.isEmpty()) return time;
  return time + QStringLiteral(", then %1 removed")
                    .arg(awaited.join(QStringLiteral(", ")) +
                         (awaited.size() == 1 ? QStringLiteral(" is") : QStringLiteral(" are")));
}

RebalanceView::RebalanceView(const Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme) {
  setAccessibleName(tr("Rebalances over time"));
}

void RebalanceView::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void RebalanceView::show(std::shared_ptr<const observe::Snapshot> snapshot,
                         const std::string& group, const MemberSpans& spans,
                         const TimeBands& bands) {
  snapshot_ = std::move(snapshot);
  group_ = group;
  const GroupTrack* track = spans.group(group);
  track_ = track ? *track : GroupTrack{};
  const auto states = bands.groups().find(group);
  states_ = states == bands.groups().end() ? std::deque<Band>{} : states->second;
  update();
}

TimeScale RebalanceView::scaleNow() const {
  TimeScale scale;
  scale.x0 = 16 + label_width;
  const double space = std::max(40.0, width() - scale.x0 - 16);
  scale.px_per_second = space / seconds_shown;
  const auto past = Duration::micros(std::llround(seconds_shown * (1 - future_share) * 1e6));
  scale.left = std::max(snapshot_->run.now - past, snapshot_->run.start);
  return scale;
}

void RebalanceView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_->bg);
  const observe::GroupState* group = snapshot_ ? snapshot_->group(group_) : nullptr;
  if (!group) return;
  const TimeScale scale = scaleNow();
  const double rows = static_cast<double>(track_.members.size()) + 1;
  const double foot = legend_height + why_height + (group->deadline ? deadline_height : 0);
  const double space = height() - axis_height - foot;
  const double pitch = std::clamp(space / rows, row_pitch_min, row_pitch_max);
  const double bottom = std::min(axis_height + rows * pitch, height() - foot);
  painter.setClipRect(QRectF(0, 0, width(), bottom + 2));
  paintAxis(painter, scale, bottom);
  QRectF row(0, axis_height, width() - 16, pitch);
  paintStates(painter, scale, row);
  for (const MemberTrack& track : track_.members) {
    row.translate(0, pitch);
    paintTrack(painter, scale, row, track);
    paintAwaited(painter, *group, scale, row, track);
  }
  const double now = scale.x(snapshot_->run.now);
  painter.fillRect(QRectF(std::round(now), axis_height - 4, 1, bottom - axis_height + 4),
                   theme_->sel);
  if (group->deadline) {
    painter.setPen(QPen(theme_->warn, 1, Qt::DashLine));
    const double x = std::round(scale.x(*group->deadline)) + 0.5;
    painter.drawLine(QPointF(x, axis_height - 4), QPointF(x, bottom));
  }
  painter.setClipping(false);
  double below = bottom;
  if (group->deadline) {
    const QRectF line(16, below + 2, width() - 32, deadline_height - 2);
    const double label = draw_text(painter, line, tr("Deadline"), words(11), theme_->t3) + 10;
    draw_text(painter, line.adjusted(label, 0, 0, 0), deadline_words(*group, snapshot_->run.start),
              mono(11), theme_->t1);
    below += deadline_height;
  }
  paintLegend(painter, below + 4);
  const QRectF why(16, below + legend_height + 2, width() - 32, 18);
  draw_text(painter, why, tr("Why it rebalanced"), words(11, 600), theme_->t3);
  const QString reason = group->why.empty() ? tr("No reason is known.") : text(group->why);
  draw_text(painter, why.translated(0, 18), reason, words(12), theme_->t1);
}

void RebalanceView::paintAxis(QPainter& painter, const TimeScale& scale, double bottom) const {
  const Duration step = scale.step(84);
  const Instant start = snapshot_->run.start;
  for (Instant at = TimeScale::first_tick(start, scale.left, step); scale.x(at) < width() - 16;
       at += step) {
    const double x = std::round(scale.x(at));
    painter.fillRect(QRectF(x, axis_height - 4, 1, bottom - axis_height + 4), theme_->line);
    draw_text(painter, {x - 40, 0, 80, axis_height - 4},
              short_clock_text(at - start).chopped(step >= Duration::seconds(1) ? 4 : 0),
              mono(10.5), theme_->t3, Qt::AlignHCenter | Qt::AlignVCenter);
  }
  painter.fillRect(QRectF(scale.x0, axis_height - 4, width() - scale.x0 - 16, 1), theme_->line);
  const double now = scale.x(snapshot_->run.now);
  draw_hatch(painter, {now, axis_height, width() - 16 - now, bottom - axis_height},
             with_alpha(theme_->line2, 0.3), 8);
}

// The group's own row: its states as the coordinator has them, from its events.
void RebalanceView::paintStates(QPainter& painter, const TimeScale& scale,
                                const QRectF& row) const {
  const double high = std::min(16.0, row.height() - 4);
  draw_text(painter, {16, row.top(), label_width - 8, row.height()}, text(group_), mono(11, 500),
            theme_->t1);
  for (const Band& state : states_) {
    const Instant end = state.end.value_or(snapshot_->run.now);
    if (end < scale.left) continue;
    const double left = std::max(scale.x(state.start), scale.x0);
    const QRectF box(left, row.center().y() - high / 2, std::max(2.0, scale.x(end) - left), high);
    const bool stable = state.kind == observe::EventKind::group_stable;
    const bool changed = state.kind == observe::EventKind::group_changed;
    const QColor colour = stable ? theme_->ok : changed ? theme_->t2 : theme_->warn;
    draw_box(painter, box, 2, stable ? theme_->ok_bg : changed ? theme_->raised : theme_->warn_bg);
    if (scale.x(state.start) >= scale.x0) {
      painter.fillRect(QRectF(box.left(), box.top(), 2, box.height()), colour);
    }
    const Glyph glyph = stable ? Glyph::check : changed ? Glyph::dot : Glyph::turning;
    if (box.width() > 16) draw_glyph(painter, glyph, {left + 10, box.center().y()}, 8, colour);
    QString label = stable ? tr("Stable, generation %1").arg(state.epoch) : text(state.label);
    if (label.startsWith(text(group_) + ' ')) label.remove(0, text(group_).size() + 1);
    if (box.width() > 70) {
      draw_text(painter, box.adjusted(19, 0, -4, 0), label, words(10.5, 500), colour);
    }
  }
}

void RebalanceView::paintTrack(QPainter& painter, const TimeScale& scale, const QRectF& row,
                               const MemberTrack& track) const {
  const bool expired = !track.spans.empty() && track.spans.back().status == MemberStatus::expired;
  draw_text(painter, {16, row.top(), label_width - 8, row.height()}, text(track.label), mono(11),
            expired ? theme_->err : theme_->t2);
  const double high = std::min(16.0, row.height() - 4);
  for (const MemberSpan& span : track.spans) {
    if (span.end < scale.left) continue;
    const double left = std::max(scale.x(span.start), scale.x0);
    const double right = std::max(scale.x(span.end), left + 3);
    const SpanLook look = span_look(*theme_, span.status);
    const QRectF box(left, row.center().y() - high / 2, right - left, high);
    draw_box(painter, box, 2, look.body);
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), 1), with_alpha(look.edge, 0.8));
    painter.fillRect(QRectF(box.left(), box.top(), 2, box.height()), look.edge);
    double text_left = box.left() + 6;
    if (look.glyph && box.width() > 16) {
      draw_glyph(painter, *look.glyph, {box.left() + 10, box.center().y()}, 8, look.text);
      text_left += 13;
    }
    if (box.right() - text_left > 48 && look.glyph) {
      draw_text(painter, {text_left, box.top(), box.right() - text_left - 4, high}, tr(look.words),
                words(10.5), look.text);
    }
  }
}

// After the present: that the rebalance waits for this one.
void RebalanceView::paintAwaited(QPainter& painter, const observe::GroupState& group,
                                 const TimeScale& scale, const QRectF& row,
                                 const MemberTrack& track) const {
  for (const observe::MemberState& member : group.members) {
    if (member.member_id != track.member_id || !is_awaited(group, member)) continue;
    const double left = scale.x(snapshot_->run.now) + 6;
    draw_text(painter, {left, row.top(), width() - left, row.height()}, tr("awaited"),
              words(10.5, 500), theme_->warn);
  }
}

void RebalanceView::paintLegend(QPainter& painter, double top) const {
  double x = 16;
  for (const MemberStatus status :
       {MemberStatus::consuming, MemberStatus::in_poll, MemberStatus::joining,
        MemberStatus::syncing, MemberStatus::expired}) {
    const SpanLook look = span_look(*theme_, status);
    const double needed = 18 + text_width(tr(look.words), words(11)) + 14;
    if (x + needed > width()) break;
    const QRectF box(x, top + 4, 13, 11);
    draw_box(painter, box, 2, look.body);
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), 1), look.edge);
    painter.fillRect(QRectF(box.left(), box.top(), 2, box.height()), look.edge);
    draw_text(painter, {x + 18, top, needed, 19}, tr(look.words), words(11), theme_->t2);
    x += needed;
  }
}

bool RebalanceView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || !snapshot_) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const Instant at = scaleNow().at(help->pos().x());
  QStringList lines{clock_text(at - snapshot_->run.start)};
  for (const MemberTrack& track : track_.members) {
    for (const MemberSpan& span : track.spans) {
      if (at < span.start || span.end < at) continue;
      lines << tr("%1: %2, %3")
                   .arg(text(track.label), tr(span_look(*theme_, span.status).words),
                        duration(span.end - span.start));
    }
  }
  QToolTip::showText(help->globalPos(), lines.join('\n'), this);
  return true;
}

}  // namespace ottla::ui
