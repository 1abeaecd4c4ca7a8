#include "ui/views/health_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "engine/observe/heat.h"
#include "ui/canvas/format.h"

namespace ottla::ui {
namespace {

constexpr double no_limit = 1e6;  // Of pixels: more than any window has.

using namespace ottla::observe;

// The partition a chip of this kind leads to: the first that is so.
template <class Is>
SelectedThing first_partition(const Snapshot& s, Is is) {
  for (const auto& topic : s.topics) {
    for (const PartitionState& p : topic->partitions) {
      if (is(p)) return SelectedPartition{topic->name, p.index};
    }
  }
  return {};
}

QString say(const std::string& name) {
  return QString::fromStdString(name);
}

}  // namespace

std::vector<HealthChip> health_chips(const Snapshot& s) {
  std::vector<HealthChip> chips;
  const Health& h = s.health;
  const auto add = [&](QString words, Glyph glyph, Tone tone, int rank, SelectedThing selects) {
    chips.push_back({{std::move(words), glyph, tone, 0}, rank, std::move(selects)});
  };
  if (h.under_replicated > 0) {
    add(number(h.under_replicated) + " under-replicated", Glyph::not_equal, Tone::warning, 4,
        first_partition(s, [](const PartitionState& p) { return p.under_replicated(); }));
  } else {
    add("0 under-replicated", Glyph::check, Tone::good, 0, {});
  }
  if (h.offline > 0) {
    add(number(h.offline) + " offline", Glyph::cross, Tone::error, 9,
        first_partition(s, [](const PartitionState& p) { return p.offline(); }));
  } else if (h.under_min_isr > 0) {
    add(number(h.under_min_isr) + " under min ISR", Glyph::cross, Tone::error, 8,
        first_partition(s, [](const PartitionState& p) { return p.under_min_isr; }));
  } else {
    add("0 offline", Glyph::check, Tone::good, 0, {});
  }
  std::size_t stable = 0;
  for (const auto& group : s.groups) {
    const StateLook look = group_look(group->state);
    if (look.tone == Tone::good) {
      ++stable;
      continue;
    }
    const bool turning = look.glyph == Glyph::turning;
    add(say(group->name) + (turning ? QString(" rebalancing") : " " + look.words), look.glyph,
        look.tone, look.tone == Tone::error ? 7 : 5, SelectedGroup{group->name});
  }
  if (stable == s.groups.size() && stable > 0) {
    add(counted(static_cast<std::int64_t>(stable), "group stable", "groups stable"), Glyph::check,
        Tone::good, 0, SelectedGroup{s.groups.front()->name});
  }
  for (const BrokerState& b : s.brokers) {
    const QString name = "broker " + QString::number(b.id.value());
    if (b.status == ProcessStatus::down)
      add(name + " down", Glyph::cross, Tone::error, 7, SelectedBroker{b.id});
    else if (b.status == ProcessStatus::fenced)
      add(name + " fenced", Glyph::lock, Tone::warning, 5, SelectedBroker{b.id});
    else if (b.status == ProcessStatus::paused)
      add(name + " paused", Glyph::pause, Tone::warning, 5, SelectedBroker{b.id});
    else if (is_hot(b))
      add(name + " hot", Glyph::flame, Tone::hot, 5, SelectedBroker{b.id});
  }
  for (const auto& topic : s.topics) {
    const auto hot = hot_partitions(s, *topic);
    for (const PartitionState& p : topic->partitions) {
      if (!hot.contains(p.index)) continue;
      add(QString("%1-%2 %3").arg(say(topic->name)).arg(p.index.value()).arg(percent(p.share)),
          Glyph::flame, Tone::hot, 6, SelectedPartition{topic->name, p.index});
    }
  }
  if (s.run.invariants_broken > 0) {
    add("invariant broken", Glyph::warning, Tone::error, 10, {});
  }
  std::stable_sort(chips.begin(), chips.end(),
                   [](const auto& a, const auto& b) { return a.rank < b.rank; });
  if (chips.size() > 4) chips.erase(chips.begin(), chips.end() - 4);
  return chips;
}

HealthStrip::HealthStrip(SessionFeed& feed, Selection& selection, const Theme& theme,
                         QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(theme) {
  setAccessibleName(tr("Health"));
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
  connect(&feed_, &SessionFeed::snapshotChanged, this, &HealthStrip::refresh);
  refresh();
}

void HealthStrip::refresh() {
  auto chips = health_chips(*feed_.snapshot());
  const bool same = std::equal(chips.begin(), chips.end(), chips_.begin(), chips_.end(),
                               [](const auto& a, const auto& b) {
                                 return a.look.words == b.look.words && a.look.tone == b.look.tone;
                               });
  chips_ = std::move(chips);
  if (same) return;
  QStringList words;
  for (const HealthChip& chip : chips_) words << chip.look.words;
  setAccessibleDescription(words.join(", "));
  updateGeometry();
  update();
}

void HealthStrip::setChipsMax(std::size_t count) {
  if (count == chips_max_) return;
  chips_max_ = count;
  updateGeometry();
  update();
}

// The last chips, which are the worst, as many as this width has room for; one always.
std::vector<std::pair<QRectF, const HealthChip*>> HealthStrip::places(double room) const {
  constexpr double more = 26;  // "+2"
  std::vector<std::pair<QRectF, const HealthChip*>> placed;
  std::size_t first = chips_.size();
  for (double used = 0; first > 0 && chips_.size() - first < chips_max_; --first) {
    used += chip_width(chips_[first - 1].look) + 6;
    const double needed = used - 6 + (first > 1 ? more : 0);
    if (needed > room && first < chips_.size()) break;
  }
  double x = first > 0 ? more : 0;
  for (std::size_t i = first; i < chips_.size(); ++i) {
    const double wide = chip_width(chips_[i].look);
    placed.emplace_back(QRectF(x, 4, wide, 22), &chips_[i]);
    x += wide + 6;
  }
  // To the right of the room there is.
  if (room < no_limit && !placed.empty()) {
    const double spare = std::max(0.0, room - 4 - placed.back().first.right());
    for (auto& [box, chip] : placed) box.translate(spare, 0);
  }
  return placed;
}

QSize HealthStrip::sizeHint() const {
  return sizeFor(no_limit);
}

QSize HealthStrip::minimumSizeHint() const {
  return sizeFor(0);
}

QSize HealthStrip::sizeFor(double room) const {
  const auto placed = places(room);
  return {placed.empty() ? 10 : static_cast<int>(placed.back().first.right()) + 4, 30};
}

void HealthStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto placed = places(width());
  if (placed.size() < chips_.size()) {
    draw_text(painter, {placed.front().first.left() - 26, 4, 24, 22},
              QString("+%1").arg(chips_.size() - placed.size()), words(11, 500), theme_.t2);
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    draw_chip(painter, placed[i].first, placed[i].second->look, theme_);
    if (hasFocus() && i == std::min(focused_, placed.size() - 1)) {
      draw_focus_ring(painter, placed[i].first, 4, theme_);
    }
  }
}

void HealthStrip::choose(const HealthChip& chip) {
  if (chip.selects.index() != 0) selection_.select(chip.selects);
  emit chosen();
}

void HealthStrip::mouseReleaseEvent(QMouseEvent* event) {
  for (const auto& [box, chip] : places(width())) {
    if (box.contains(event->position())) return choose(*chip);
  }
}

void HealthStrip::keyPressEvent(QKeyEvent* event) {
  const auto placed = places(width());
  if (placed.empty()) return;
  focused_ = std::min(focused_, placed.size() - 1);
  switch (event->key()) {
    case Qt::Key_Left: focused_ = focused_ == 0 ? placed.size() - 1 : focused_ - 1; break;
    case Qt::Key_Right: focused_ = (focused_ + 1) % placed.size(); break;
    case Qt::Key_Return: choose(*placed[focused_].second); break;
    default: QWidget::keyPressEvent(event); return;
  }
  update();
}

bool HealthStrip::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const auto& [box, chip] : places(width())) {
      if (!box.contains(help->pos())) continue;
      QToolTip::showText(
          help->globalPos(),
          chip->selects.index() == 0 ? chip->look.words : tr("Select it: %1").arg(chip->look.words),
          this);
      return true;
    }
    QToolTip::hideText();
    return true;
  }
  return QWidget::event(event);
}

}  // namespace ottla::ui
