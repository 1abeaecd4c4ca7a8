#include "ui/views/fault_strip.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "ui/canvas/paint.h"
#include "ui/models/text.h"

namespace ottla::ui {

TimeScale chart_scale(const ChartRange& range, double width) {
  TimeScale scale;
  scale.left = range.left;
  scale.x0 = Chart::left_margin;
  const double seconds = std::max((range.right - range.left).count_seconds(), 1e-3);
  scale.px_per_second = std::max(1.0, width - Chart::left_margin - Chart::right_margin) / seconds;
  return scale;
}

FaultStrip::FaultStrip(SessionFeed& feed, const TimeBands& bands, const Theme& theme,
                       QWidget* parent)
    : QWidget(parent), feed_(feed), bands_(bands), theme_(&theme) {
  setFixedHeight(34);
  setAccessibleName(tr("Faults"));
}

void FaultStrip::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void FaultStrip::setRange(const ChartRange& range) {
  range_ = range;
  update();
}

void FaultStrip::paintEvent(QPaintEvent*) {
  hits_.clear();
  QPainter painter(this);
  painter.fillRect(rect(), theme_->bg);
  painter.fillRect(QRectF(0, height() - 1, width(), 1), theme_->line);
  if (bands_.faults().empty()) return;
  const TimeScale scale = chart_scale(range_, width());
  const auto snapshot = feed_.snapshot();
  TimelineLayout layout;
  layout.faults = QRectF(scale.x0, 0, width() - scale.x0 - Chart::right_margin, height());
  layout.fault_rows = 2;
  painter.setClipRect(layout.faults);
  TimelinePainter(painter, *theme_, scale, layout, *snapshot, hits_).faults(bands_);
}

bool FaultStrip::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  for (const TimelineHit& hit : hits_) {
    if (hit.box.contains(help->pos())) QToolTip::showText(help->globalPos(), hit.tip, this);
  }
  return true;
}

TimeTag::TimeTag(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(&theme) {
  setFixedHeight(20);
}

void TimeTag::setTheme(const Theme& theme) {
  theme_ = &theme;
  update();
}

void TimeTag::show(std::optional<Instant> at, Instant start, const ChartRange& range) {
  at_ = at;
  start_ = start;
  range_ = range;
  update();
}

void TimeTag::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_->bg);
  if (!at_) return;
  const QString time = clock_text(*at_ - start_);
  const QFont font = mono(11, 500);
  const double tag = text_width(time, font) + 12;
  const double x = chart_scale(range_, width()).x(*at_);
  const QRectF box(std::clamp(std::round(x - tag / 2), 2.0, width() - tag - 2), 1, tag, 17);
  draw_box(painter, box, 3, theme_->sel);
  draw_text(painter, box, time, font, theme_->bg, Qt::AlignHCenter | Qt::AlignVCenter);
}

}  // namespace ottla::ui
