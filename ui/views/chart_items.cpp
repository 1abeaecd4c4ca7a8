#include "ui/views/chart_items.h"

#include <algorithm>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/canvas/glyphs.h"
#include "ui/models/text.h"
#include "ui/views/time_scale.h"

namespace ottla::ui {

void ChartShades::show(const TimeBands& bands, Instant start, Instant now) {
  shades_.clear();
  ticks_.clear();
  for (const Band& fault : bands.faults()) {
    const bool error = fault.kind == observe::EventKind::process_killed ||
                       fault.kind == observe::EventKind::link_cut;
    shades_.push_back({(fault.start - start).count_seconds(),
                       (fault.end.value_or(now) - start).count_seconds(), error});
  }
  for (const Moment& election : bands.elections()) {
    if (election.epoch <= 0) continue;  // A partition's first leader is no change.
    const double at = (election.at - start).count_seconds();
    // Elections of one moment are one tick.
    if (!ticks_.empty() && at - ticks_.back().at < 0.05) {
      ticks_.back().epoch = election.epoch;
    } else {
      ticks_.push_back({at, election.epoch});
    }
  }
}

void ChartShades::draw(QCPPainter* painter) {
  const QCPAxisRect* box = mParentPlot->axisRect();
  const QCPAxis* axis = mParentPlot->xAxis;
  const QRectF inside(box->rect());
  for (const Shade& shade : shades_) {
    const double from = std::max(axis->coordToPixel(shade.from), inside.left());
    const double to = std::min(axis->coordToPixel(shade.to), inside.right());
    if (to <= from) continue;
    const QColor colour = shade.error ? theme_->err : theme_->heat;
    const double alpha = (shade.error ? 0.10 : 0.05) * (theme_->is_dark ? 1.2 : 1.0);
    painter->fillRect(QRectF(from, inside.top(), std::max(1.0, to - from), inside.height()),
                      with_alpha(colour, alpha));
  }
  for (const Tick& tick : ticks_) {
    const double x = axis->coordToPixel(tick.at);
    if (x < inside.left() || x > inside.right()) continue;
    const QColor hue = theme_->epoch_hue(tick.epoch);
    painter->fillRect(QRectF(std::round(x), inside.top(), 1, inside.height()), hue);
    draw_glyph(*painter, Glyph::diamond, {std::round(x) + 0.5, inside.top() + 3}, 7, hue);
  }
}

void ChartCursor::draw(QCPPainter* painter) {
  if (!at_) return;
  const QRectF inside(mParentPlot->axisRect()->rect());
  const double x = std::round(mParentPlot->xAxis->coordToPixel(*at_)) + 0.5;
  if (x < inside.left() || x > inside.right() + 1) return;
  painter->fillRect(QRectF(x - 0.5, inside.top(), 1, inside.height()), theme_->sel);
  painter->setRenderHint(QPainter::Antialiasing);
  for (const Ring& ring : rings_) {
    const double y =
        std::clamp(mParentPlot->yAxis->coordToPixel(ring.value), inside.top(), inside.bottom());
    painter->setPen(QPen(ring.colour, 1.5));
    painter->setBrush(theme_->bg);
    painter->drawEllipse(QPointF(x, y), 3, 3);
  }
}

double ChartTimeTicker::getTickStep(const QCPRange& range) {
  TimeScale scale;
  scale.px_per_second = std::max(plot_->axisRect()->width(), 60) / std::max(range.size(), 1e-6);
  return scale.step(84).count_seconds();
}

QString ChartTimeTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  const Duration since = Duration::micros(std::llround(tick * 1e6));
  return clock_text(since, std::abs(tick - std::round(tick)) > 1e-4);
}

QString ChartValueTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  if (std::abs(tick) >= 1e5) return short_number(tick);  // The margin has room for six signs.
  if (std::abs(tick - std::round(tick)) < 1e-9) return number(std::llround(tick));
  return QString::number(tick, 'g', 3);
}

}  // namespace ottla::ui
