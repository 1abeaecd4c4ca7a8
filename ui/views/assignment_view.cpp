#include "ui/views/assignment_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <map>

#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/models/text.h"

namespace ottla::ui {
namespace {

constexpr double margin = 16;
constexpr double member_height_max = 48;
constexpr double member_height_min = 20;
constexpr double row_height_max = 15;
constexpr double row_height_min = 9;
constexpr double heading_height = 15;
constexpr double chip_width_of_row = 30;
constexpr double lag_text_width = 64;

using observe::GroupPartitionState;
using observe::GroupState;
using observe::MemberStatus;

// Partitions with this much lag are drawn as behind.
constexpr Duration behind_after = Duration::seconds(1);

bool behind(const GroupPartitionState& state) {
  return state.lag_time && *state.lag_time > behind_after;
}

}  // namespace

AssignmentLayout AssignmentLayout::of(const GroupState& group, double width, double height) {
  AssignmentLayout layout;
  std::map<std::string, int> index;
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    index[group.members[i].member_id] = static_cast<int>(i);
  }
  int topics = 0;
  for (std::size_t i = 0; i < group.partitions.size(); ++i) {
    const GroupPartitionState& state = group.partitions[i];
    if (i == 0 || state.topic != group.partitions[i - 1].topic) {
      layout.rows.push_back({{}, -1, -1, state.topic});
      ++topics;
    }
    const auto owner = index.find(state.member_id);
    layout.rows.push_back({{}, owner == index.end() ? -1 : owner->second, static_cast<int>(i), {}});
  }
  const double partitions = std::max<double>(1, static_cast<double>(group.partitions.size()));
  const double space = height - topics * heading_height - 4;
  const double row_height = std::clamp(space / partitions, row_height_min, row_height_max);
  const double member_width = std::clamp(width * 0.29, 110.0, 160.0);
  const double chips_left = std::max(margin + member_width + 70, width * 0.61);
  double y = 0;
  for (Row& row : layout.rows) {
    const double high = row.state < 0 ? heading_height : row_height;
    row.chip = QRectF(chips_left, y, chip_width_of_row, high);
    y += high;
  }
  layout.bars_left = chips_left + chip_width_of_row + 8;
  layout.bars_right = std::max(layout.bars_left + 12, width - lag_text_width - margin);
  const double count = std::max<double>(1, static_cast<double>(group.members.size()));
  const double rows_high = std::max(y, std::min(height, y));
  const double pitch = std::clamp(std::max(rows_high, height - 8) / count, member_height_min + 4,
                                  member_height_max + 18);
  const double member_height = std::min(member_height_max, pitch - (pitch > 40 ? 12 : 4));
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    const double top = static_cast<double>(i) * pitch + 4;
    layout.members.push_back({QRectF(margin, top, member_width, member_height), 0});
  }
  for (const Row& row : layout.rows) {
    if (row.member >= 0) ++layout.members[static_cast<std::size_t>(row.member)].partitions;
  }
  layout.height = std::max(y, count * pitch);
  return layout;
}

AssignmentView::AssignmentView(Selection& selection, const Theme& theme, QWidget* parent)
    : QWidget(parent), selection_(selection), theme_(&theme) {
  setAccessibleName(tr("Assignment of partitions to members"));
  connect(&selection_, &Selection::changed, this, [this] { update(); });
}

void AssignmentView::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void AssignmentView::show(observe::Shared<GroupState> group) {
  if (group == group_) return;
  if (!group || !group_ || group->name != group_->name) scrolled_ = 0;
  group_ = std::move(group);
  update();
}

AssignmentLayout AssignmentView::layoutNow() const {
  return AssignmentLayout::of(*group_, width(), height());
}

QColor AssignmentView::memberHue(int member) const {
  // Blue, green, violet and so on: the warm series are left to what is wrong.
  static constexpr std::array order{0U, 2U, 4U, 6U, 7U, 3U};
  return theme_->series[order[static_cast<std::size_t>(member) % order.size()]];
}

void AssignmentView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_->bg);
  if (!group_) return;
  if (group_->members.empty() && group_->partitions.empty()) {
    draw_text(painter, QRectF(margin, 0, width() - 2 * margin, 40),
              tr("No members, and nothing committed yet."), words(12), theme_->t3);
    return;
  }
  const AssignmentLayout layout = layoutNow();
  scrolled_ = std::clamp(scrolled_, 0.0, std::max(0.0, layout.height - height()));
  painter.translate(0, -scrolled_);
  painter.setRenderHint(QPainter::Antialiasing);
  paintRibbons(painter, layout);
  for (std::size_t i = 0; i < layout.members.size(); ++i) paintMember(painter, layout, i);
  double largest = 1;
  for (const GroupPartitionState& state : group_->partitions) {
    largest = std::max(largest, static_cast<double>(state.lag));
  }
  for (const AssignmentLayout::Row& row : layout.rows) paintRow(painter, layout, row, largest);
}

void AssignmentView::paintRibbons(QPainter& painter, const AssignmentLayout& layout) const {
  std::vector<int> drawn(layout.members.size(), 0);
  for (const AssignmentLayout::Row& row : layout.rows) {
    if (row.member < 0) continue;
    const auto index = static_cast<std::size_t>(row.member);
    const AssignmentLayout::Member& member = layout.members[index];
    const bool expired = group_->members[index].status == MemberStatus::expired;
    // Ribbons leave a member one under the other, in the partitions' order.
    const double share = (drawn[index]++ + 0.5) / member.partitions;
    const QPointF from(member.box.right(),
                       member.box.top() + 3 + share * (member.box.height() - 6));
    const QPointF to(row.chip.left(), row.chip.center().y());
    QPainterPath path(from);
    const double bend = (to.x() - from.x()) * 0.45;
    path.cubicTo(from.x() + bend, from.y(), to.x() - bend, to.y(), to.x(), to.y());
    painter.setBrush(Qt::NoBrush);
    if (expired) {
      QPen pen(with_alpha(theme_->err, 0.75), 1.2);
      pen.setDashPattern({2, 3});
      painter.setPen(pen);
    } else {
      const double wide = std::clamp((member.box.height() - 6) / member.partitions, 1.5, 7.0);
      QPen pen(with_alpha(memberHue(row.member), 0.38), wide, Qt::SolidLine, Qt::FlatCap);
      painter.setPen(pen);
    }
    painter.drawPath(path);
  }
}

void AssignmentView::paintMember(QPainter& painter, const AssignmentLayout& layout,
                                 std::size_t index) const {
  const observe::MemberState& member = group_->members[index];
  const QRectF& box = layout.members[index].box;
  const bool expired = member.status == MemberStatus::expired;
  StateLook look = member_look(member.status);
  const QColor state = look.tone == Tone::neutral ? theme_->t3 : tone_colour(*theme_, look.tone);
  if (expired) {
    draw_dashed_box(painter, box, 6, theme_->card, theme_->err, 3, 2);
  } else {
    const bool trouble = look.tone == Tone::warning || look.tone == Tone::error;
    draw_box(painter, box, 6, theme_->card, trouble ? state : theme_->line2);
    painter.fillRect(QRectF(box.right() - 3, box.top() + 4, 3, box.height() - 8),
                     memberHue(static_cast<int>(index)));
  }
  const bool tall = box.height() >= 38;
  const double line = tall ? box.height() / 2 - 2 : box.height();
  const double ring_y = box.top() + (tall ? 2 : 0) + line / 2;
  draw_session_ring(painter, {box.left() + 15, ring_y}, 6, member.session_left, expired, *theme_,
                    2.5);
  if (expired) draw_glyph(painter, Glyph::cross, {box.left() + 15, ring_y}, 7, theme_->err);
  const QString name = text(member.client_id.empty() ? member.member_id : member.client_id);
  draw_text(painter, {box.left() + 28, ring_y - line / 2, box.width() - 36, line}, name, mono(11.5),
            expired ? theme_->err : theme_->t1);
  if (tall) {
    const double y = box.top() + line + 2;
    draw_glyph(painter, look.glyph, {box.left() + 15, y + line / 2 - 1}, 8, state);
    draw_text(painter, {box.left() + 28, y - 1, box.width() - 60, line}, look.words, words(11),
              state);
    draw_text(painter, {box.left() + 28, y - 1, box.width() - 42, line},
              number(layout.members[index].partitions), mono(11), theme_->t2,
              Qt::AlignRight | Qt::AlignVCenter);
  }
  const SelectedThing self = SelectedMember{group_->name, member.member_id};
  if (selection_.current() == self) draw_selection_ring(painter, box, 6, *theme_);
}

void AssignmentView::paintRow(QPainter& painter, const AssignmentLayout& layout,
                              const AssignmentLayout::Row& row, double largest) const {
  const double y = row.chip.center().y();
  if (row.state < 0) {
    draw_text(painter,
              {row.chip.left(), row.chip.top(), width() - row.chip.left() - 60, heading_height},
              text(row.heading), mono(10.5), theme_->t2);
    draw_text(painter, {layout.bars_right, row.chip.top(), lag_text_width, heading_height},
              tr("lag"), words(10.5), theme_->t3, Qt::AlignRight | Qt::AlignVCenter);
    return;
  }
  const GroupPartitionState& state = group_->partitions[static_cast<std::size_t>(row.state)];
  const QRectF chip = row.chip.adjusted(0, 1, 0, -1);
  const bool owned = row.member >= 0;
  const bool leaving = owned && group_->members[static_cast<std::size_t>(row.member)].status ==
                                    MemberStatus::expired;
  if (owned && !leaving) {
    draw_box(painter, chip, 2, memberHue(row.member));
  } else {
    draw_dashed_box(painter, chip, 2, {}, leaving ? theme_->err : theme_->line2, 3, 2);
  }
  if (row.chip.height() >= 11) {
    const QColor number_colour = owned && !leaving ? theme_->on_accent : theme_->t2;
    draw_text(painter, chip, QString::number(state.partition.value()), mono(10, 500), number_colour,
              Qt::AlignHCenter | Qt::AlignVCenter);
  }
  const bool late = behind(state) || leaving;
  const double longest = layout.bars_right - layout.bars_left;
  const double length = std::max(4.0, longest * static_cast<double>(state.lag) / largest);
  draw_box(painter, {layout.bars_left, y - 2, length, 4}, 1, late ? theme_->warn : theme_->line2);
  if (row.chip.height() >= 11) {
    draw_text(painter, {layout.bars_right, row.chip.top(), lag_text_width, row.chip.height()},
              number(state.lag), mono(10.5), late ? theme_->warn : theme_->t2,
              Qt::AlignRight | Qt::AlignVCenter);
  }
}

void AssignmentView::mousePressEvent(QMouseEvent* event) {
  if (!group_) return;
  const QPointF at = event->position() + QPointF(0, scrolled_);
  const AssignmentLayout layout = layoutNow();
  for (std::size_t i = 0; i < layout.members.size(); ++i) {
    if (layout.members[i].box.contains(at)) {
      return selection_.select(SelectedMember{group_->name, group_->members[i].member_id});
    }
  }
  for (const AssignmentLayout::Row& row : layout.rows) {
    if (row.state < 0 || at.x() < row.chip.left() || at.y() < row.chip.top() ||
        at.y() >= row.chip.bottom()) {
      continue;
    }
    const GroupPartitionState& state = group_->partitions[static_cast<std::size_t>(row.state)];
    return selection_.select(SelectedPartition{state.topic, state.partition});
  }
}

void AssignmentView::wheelEvent(QWheelEvent* event) {
  if (!group_) return;
  const double most = std::max(0.0, layoutNow().height - height());
  scrolled_ = std::clamp(scrolled_ - event->angleDelta().y() / 3.0, 0.0, most);
  update();
}

bool AssignmentView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || !group_) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QPointF at = help->pos() + QPointF(0, scrolled_);
  for (const AssignmentLayout::Row& row : layoutNow().rows) {
    if (row.state < 0 || !row.chip.adjusted(0, 0, 400, 0).contains(at)) continue;
    const GroupPartitionState& state = group_->partitions[static_cast<std::size_t>(row.state)];
    const QString owner =
        row.member < 0 ? tr("nobody reads it")
                       : text(group_->members[static_cast<std::size_t>(row.member)].member_id);
    QString tip = tr("%1, %2\nlag %3")
                      .arg(partition_text(state.topic, state.partition), owner, number(state.lag));
    if (state.lag_time) tip += QStringLiteral(", ") + duration(*state.lag_time);
    QToolTip::showText(help->globalPos(), tip, this);
    return true;
  }
  QToolTip::hideText();
  return true;
}

}  // namespace ottla::ui
