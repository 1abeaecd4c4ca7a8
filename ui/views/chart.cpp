#include "ui/views/chart.h"

#include <QEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/views/chart_items.h"

namespace ottla::ui {
namespace {

constexpr int bottom_margin_with_times = 20;
constexpr int bottom_margin = 9;  // Room for half of the label of zero.

bool before(const observe::Point& point, Instant at) {
  return point.at < at;
}

QPen series_pen(const Theme& theme, std::size_t series) {
  QPen pen(theme.series[series % theme.series.size()], 1);
  const QVector<qreal> dashes = series_dashes(series);
  if (!dashes.isEmpty()) pen.setDashPattern(dashes);
  return pen;
}

}  // namespace

QVector<qreal> series_dashes(std::size_t series) {
  static const std::array<QVector<qreal>, 4> cycle{{{}, {5, 3}, {8, 3}, {2, 3}}};
  return cycle[series % cycle.size()];
}

int chart_prefix(ChartUnit unit, double largest) {
  if (unit == ChartUnit::milliseconds || unit == ChartUnit::seconds ||
      unit == ChartUnit::partitions) {
    return 0;
  }
  // Bytes read as soon as they are kilobytes; counts stay whole up to ten thousand.
  double size = unit == ChartUnit::bytes_per_second ? largest : largest / 10;
  int prefix = 0;
  for (; size >= 1000 && prefix < 3; ++prefix) size /= 1000;
  return prefix;
}

Chart::Chart(ChartSpec spec, const Theme& theme, QWidget* parent)
    : QWidget(parent), theme_(&theme), spec_(std::move(spec)), plot_(new QCustomPlot(this)) {
  plot_->setNoAntialiasingOnDrag(true);
  plot_->setPlottingHints(QCP::phFastPolylines | QCP::phCacheLabels);
  plot_->setMouseTracking(true);
  plot_->setFocusPolicy(Qt::NoFocus);
  plot_->installEventFilter(this);
  plot_->addLayer(QStringLiteral("shades"), plot_->layer(QStringLiteral("grid")),
                  QCustomPlot::limAbove);
  plot_->addLayer(QStringLiteral("cursor"), plot_->layer(QStringLiteral("axes")),
                  QCustomPlot::limAbove);
  plot_->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
  shades_ = new ChartShades(plot_, theme);
  shades_->setLayer(QStringLiteral("shades"));
  cursor_ = new ChartCursor(plot_, theme);
  cursor_->setLayer(QStringLiteral("cursor"));
  cursor_->setClipToAxisRect(false);
  plot_->axisRect()->setAutoMargins(QCP::msNone);
  plot_->xAxis->setTicker(QSharedPointer<ChartTimeTicker>::create(plot_));
  plot_->yAxis->setTicker(QSharedPointer<ChartValueTicker>::create());
  plot_->xAxis->grid()->setVisible(false);
  setTimeLabels(true);
  buildGraphs();
  applyTheme();
}

Chart::~Chart() = default;

void Chart::setTheme(const Theme& theme) {
  theme_ = &theme;
  applyTheme();
}

void Chart::setSpec(ChartSpec spec) {
  spec_ = std::move(spec);
  buildGraphs();
  applyTheme();
  setValues();
}

void Chart::setTimeLabels(bool shown) {
  time_labels_ = shown;
  plot_->axisRect()->setMargins(
      {left_margin, 4, right_margin, shown ? bottom_margin_with_times : bottom_margin});
  plot_->xAxis->setTickLabels(shown);
}

void Chart::buildGraphs() {
  setAccessibleName(spec_.title);
  plot_->clearGraphs();
  if (spec_.series.size() > series_max) spec_.series.resize(series_max);
  for (std::size_t i = 0; i < spec_.series.size(); ++i) {
    QCPGraph* graph = plot_->addGraph();
    graph->setLineStyle(spec_.steps ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
    graph->setAdaptiveSampling(true);
    graph->setSelectable(QCP::stNone);
  }
}

void Chart::applyTheme() {
  const Theme& theme = *theme_;
  plot_->setBackground(theme.bg);
  shades_->setTheme(theme);
  cursor_->setTheme(theme);
  for (QCPAxis* axis : {plot_->xAxis, plot_->yAxis}) {
    axis->setBasePen(axis == plot_->xAxis ? QPen(theme.line2, 1) : Qt::NoPen);
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelFont(mono(10.5));
    axis->setTickLabelColor(theme.t3);
    axis->setTickLabelPadding(6);
    axis->grid()->setPen(QPen(theme.line, 1));
    axis->grid()->setZeroLinePen(Qt::NoPen);
  }
  for (int i = 0; i < plot_->graphCount(); ++i) {
    plot_->graph(i)->setPen(series_pen(theme, static_cast<std::size_t>(i)));
  }
  QWidget::update();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

void Chart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyTheme();
}

void Chart::resizeEvent(QResizeEvent*) {
  plot_->setGeometry(0, header_height, width(), std::max(0, height() - header_height));
}

void Chart::update(const observe::Snapshot& snapshot, const TimeBands& bands,
                   const ChartRange& range) {
  history_ = snapshot.history;
  start_ = snapshot.run.start;
  range_ = range;
  shades_->show(bands, start_, snapshot.run.now);
  setValues();
}

std::vector<observe::Point> Chart::pointsOf(const ChartSeries& series) const {
  std::vector<observe::Point> points;
  if (!history_) return points;
  for (const std::string& key : series.keys) {
    const observe::Series* found = history_->find(key);
    if (!found || found->points.empty()) continue;
    auto from = std::lower_bound(found->points.begin(), found->points.end(), range_.left, before);
    if (from != found->points.begin()) --from;
    const auto to = std::lower_bound(from, found->points.end(), range_.right, before);
    if (points.empty()) {
      points.assign(from, to);
      continue;
    }
    // Series of one history are sampled together; where one lacks a moment, its last value counts.
    for (observe::Point& sum : points) {
      while (from != to && from + 1 != to && (from + 1)->at <= sum.at) ++from;
      if (from != to && from->at <= sum.at) sum.value += from->value;
    }
  }
  return points;
}

void Chart::setValues() {
  double largest = 0;
  std::vector<std::vector<observe::Point>> values;
  for (const ChartSeries& series : spec_.series) {
    values.push_back(pointsOf(series));
    for (const observe::Point& point : values.back()) largest = std::max(largest, point.value);
  }
  prefix_ = chart_prefix(spec_.unit, largest);
  scale_ = std::pow(1000.0, -prefix_);
  for (std::size_t i = 0; i < values.size(); ++i) {
    QVector<QCPGraphData> drawn;
    drawn.reserve(static_cast<qsizetype>(values[i].size()));
    for (const observe::Point& point : values[i]) {
      drawn.append({(point.at - start_).count_seconds(), point.value * scale_});
    }
    plot_->graph(static_cast<int>(i))->data()->set(drawn, true);
  }
  plot_->xAxis->setRange((range_.left - start_).count_seconds(),
                         (range_.right - start_).count_seconds());
  // A flat line at zero keeps a scale, and small counts keep whole steps.
  const double floor = spec_.unit == ChartUnit::partitions ? 4 : 1;
  plot_->yAxis->setRange(0, std::max(largest * scale_ * 1.12, floor));
  placeCursor();
  QWidget::update();
  plot_->replot(QCustomPlot::rpQueuedReplot);
}

std::optional<double> Chart::valueAt(std::size_t series, Instant at) const {
  if (!history_ || series >= spec_.series.size()) return std::nullopt;
  std::optional<double> sum;
  for (const std::string& key : spec_.series[series].keys) {
    const observe::Series* found = history_->find(key);
    if (!found) continue;
    const auto next = std::upper_bound(
        found->points.begin(), found->points.end(), at,
        [](Instant moment, const observe::Point& point) { return moment < point.at; });
    if (next != found->points.begin()) sum = sum.value_or(0) + std::prev(next)->value;
  }
  return sum;
}

void Chart::setCursor(std::optional<Instant> at) {
  if (at == cursor_at_) return;
  cursor_at_ = at;
  placeCursor();
  plot_->layer(QStringLiteral("cursor"))->replot();
  QWidget::update(0, 0, width(), header_height);
}

void Chart::placeCursor() {
  std::vector<ChartCursor::Ring> rings;
  if (!cursor_at_) return cursor_->show(std::nullopt, {});
  for (std::size_t i = 0; i < spec_.series.size(); ++i) {
    if (const auto value = valueAt(i, *cursor_at_)) {
      rings.push_back({*value * scale_, theme_->series[i % theme_->series.size()]});
    }
  }
  cursor_->show((*cursor_at_ - start_).count_seconds(), std::move(rings));
}

QString Chart::unitText() const {
  static constexpr std::array bytes{"B/s", "kB/s", "MB/s", "GB/s"};
  static constexpr std::array counts{"", "thousands", "millions", "billions"};
  const auto prefix = static_cast<std::size_t>(prefix_);
  switch (spec_.unit) {
    case ChartUnit::bytes_per_second: return QString::fromLatin1(bytes[prefix]);
    case ChartUnit::per_second:
      return prefix == 0 ? tr("per second") : QString::fromLatin1(counts[prefix]) + "/s";
    case ChartUnit::records: return prefix == 0 ? tr("records") : tr(counts[prefix]);
    case ChartUnit::milliseconds: return tr("ms");
    case ChartUnit::seconds: return tr("s");
    case ChartUnit::partitions: return tr("partitions");
  }
  return {};
}

QString Chart::valueText(double value) const {
  const double scaled = value * scale_;
  if (spec_.unit == ChartUnit::partitions || (prefix_ == 0 && scaled >= 100)) {
    return number(std::llround(scaled));
  }
  return QString::number(scaled, 'f', 1);
}

bool Chart::empty() const {
  for (int i = 0; i < plot_->graphCount(); ++i) {
    if (!plot_->graph(i)->data()->isEmpty()) return false;
  }
  return true;
}

void Chart::paintHeader(QPainter& painter) {
  const double width_of = width();
  const QFont title = words(12.5, 600);
  double x = 16;
  x += draw_text(painter, {x, 2, width_of - x, 18}, spec_.title, title, theme_->t1) + 8;
  QString note = unitText();
  if (!spec_.note.isEmpty()) note += QStringLiteral(", ") + spec_.note;
  draw_text(painter, {x, 2, width_of - x - 8, 18}, note, words(11.5), theme_->t3);
  if (empty()) return;
  x = 16;
  const QFont label_font = words(11.5);
  const QFont value_font = mono(11.5, 500);
  const Instant at = cursor_at_.value_or(range_.right);
  for (std::size_t i = 0; i < spec_.series.size(); ++i) {
    const auto value = valueAt(i, at);
    if (!value && !history_->find(spec_.series[i].keys.front())) continue;
    const QString shown = value ? valueText(*value) : unknown_value();
    const double needed =
        18 + text_width(spec_.series[i].label, label_font) + 5 + text_width(shown, value_font) + 14;
    if (x + needed > width_of) break;
    painter.setRenderHint(QPainter::Antialiasing, false);
    QPen pen = series_pen(*theme_, i);
    pen.setWidth(2);
    QVector<qreal> dashes = series_dashes(i);
    for (qreal& dash : dashes) dash /= 2;
    if (!dashes.isEmpty()) pen.setDashPattern(dashes);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    painter.drawLine(QPointF(x, 29), QPointF(x + 13, 29));
    x += 18;
    x += draw_text(painter, {x, 20, 400, 18}, spec_.series[i].label, label_font, theme_->t2) + 5;
    x += draw_text(painter, {x, 20, 400, 18}, shown, value_font, theme_->t1) + 14;
  }
}

void Chart::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), theme_->bg);
  paintHeader(painter);
}

void Chart::paintTo(QCPPainter& painter) {
  painter.save();
  painter.fillRect(rect(), theme_->bg);
  paintHeader(painter);
  painter.translate(0, header_height);
  plot_->toPainter(&painter, plot_->width(), plot_->height());
  painter.restore();
}

Instant Chart::momentAt(double x) const {
  return start_ + Duration::micros(std::llround(plot_->xAxis->pixelToCoord(x) * 1e6));
}

bool Chart::eventFilter(QObject*, QEvent* event) {
  switch (event->type()) {
    case QEvent::MouseMove: {
      const QPointF at = static_cast<QMouseEvent*>(event)->position();
      if (plot_->axisRect()->rect().contains(at.toPoint())) {
        emit cursorMoved(momentAt(at.x()));
      } else {
        emit cursorLeft();
      }
      return false;
    }
    case QEvent::Leave: emit cursorLeft(); return false;
    case QEvent::MouseButtonRelease:
      emit clicked(momentAt(static_cast<QMouseEvent*>(event)->position().x()));
      return false;
    case QEvent::Wheel: {
      const auto* wheel = static_cast<QWheelEvent*>(event);
      emit zoomed(std::pow(1.2, wheel->angleDelta().y() / 120.0), momentAt(wheel->position().x()));
      return true;
    }
    case QEvent::Paint: {
      if (!empty() || spec_.empty.isEmpty()) return false;
      // An empty chart says what would be here, over its grid.
      plot_->removeEventFilter(this);
      QCoreApplication::sendEvent(plot_, event);
      plot_->installEventFilter(this);
      QPainter painter(plot_);
      const QRectF inside(plot_->axisRect()->rect());
      const double wide = std::min(text_width(spec_.empty, words(12)), inside.width() - 16);
      const QRectF line(inside.left() + 8, inside.center().y() - 10, wide, 20);
      painter.fillRect(line.adjusted(-6, 0, 6, 0), theme_->bg);
      draw_text(painter, line, spec_.empty, words(12), theme_->t3);
      return true;
    }
    default: return false;
  }
}

}  // namespace ottla::ui
