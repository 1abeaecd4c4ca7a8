#include "ui/views/metrics_page.h"

#include <qcustomplot.h>

#include <QFile>
#include <QFileDialog>
#include <QKeyEvent>
#include <QMenu>
#include <QSvgGenerator>
#include <QTextStream>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/models/text.h"
#include "ui/views/chart_csv.h"

namespace ottla::ui {
namespace {

enum Tab : int { overview = 1, latency = 2, replication = 4, groups = 8, quorum = 16 };

constexpr int two_columns_from = 760;
constexpr int chart_height_min = 118;

ChartSeries one(const QString& label, const char* key) {
  return {label, {key}};
}

}  // namespace

MetricsPage::MetricsPage(SessionFeed& feed, Selection& selection, const Theme& theme,
                         QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(&theme) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Metrics"));
  buildBar();
  error_ = new ErrorBox(theme, this);
  page_ = new QWidget;
  grid_ = new QGridLayout(page_);
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setSpacing(0);
  scroll_ = new QScrollArea(this);
  scroll_->setWidget(page_);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(bar_);
  layout->addWidget(error_);
  layout->addWidget(scroll_, 1);
  buildCharts();

  const auto take = [this](int count) {
    const auto& events = feed_.events();
    for (auto at = events.end() - count; at != events.end(); ++at) bands_.add(*at);
  };
  take(static_cast<int>(feed_.events().size()));
  connect(&feed_, &SessionFeed::eventsAdded, this, take);
  connect(&feed_, &SessionFeed::eventsCleared, this, [this] { bands_.clear(); });
  connect(&selection_, &Selection::spanChanged, this, [this] {
    zoom_left_.reset();
    refresh();
  });
  new PageRefresh(
      feed_, this, [this] { refresh(); }, 100);
  setTheme(theme);
  refresh();
}

void MetricsPage::buildBar() {
  bar_ = new PageBar(tr("Metrics"), *theme_, this);
  tabs_ = new QButtonGroup(this);
  const std::pair<const char*, int> names[] = {{"Overview", overview},
                                               {"Latency", latency},
                                               {"Replication", replication},
                                               {"Groups", groups},
                                               {"Quorum", quorum}};
  for (const auto& [name, tab] : names) {
    QToolButton* button = make_button(tr(name), "tab", bar_);
    button->setCheckable(true);
    button->setChecked(tab == overview);
    tabs_->addButton(button, tab);
    bar_->controls()->addWidget(button);
  }
  bar_->controls()->addStretch(1);
  window_ = make_button(tr("Last 60 s"), "flat", bar_);
  window_->setToolTip(tr("How much of the run is shown. The wheel zooms, 0 goes back."));
  window_->setPopupMode(QToolButton::InstantPopup);
  auto* spans = new QMenu(window_);
  for (const int seconds : {30, 60, 300, 900, 0}) {
    const QString name = seconds == 0    ? tr("Whole run")
                         : seconds < 120 ? tr("Last %1 s").arg(seconds)
                                         : tr("Last %1 min").arg(seconds / 60);
    spans->addAction(name, this, [this, seconds] { setWindow(seconds); });
  }
  window_->setMenu(spans);
  export_ = make_button(tr("Export"), "flat", bar_);
  export_->setToolTip(tr("Write the charts that are shown to a file"));
  export_->setPopupMode(QToolButton::InstantPopup);
  auto* formats = new QMenu(export_);
  formats->addAction(tr("Picture (PNG)…"), this, [this] { exportAs(QStringLiteral("png")); });
  formats->addAction(tr("Drawing (SVG)…"), this, [this] { exportAs(QStringLiteral("svg")); });
  formats->addAction(tr("Values (CSV)…"), this, [this] { exportAs(QStringLiteral("csv")); });
  export_->setMenu(formats);
  bar_->controls()->addWidget(window_);
  bar_->controls()->addWidget(export_);
  connect(tabs_, &QButtonGroup::idClicked, this, [this] {
    columns_ = 0;
    layOut();
    refresh();
  });
}

void MetricsPage::addChart(int tabs, ChartSpec spec) {
  auto* chart = new Chart(std::move(spec), *theme_, page_);
  chart->setMinimumHeight(chart_height_min);
  charts_.push_back({chart, tabs});
  connect(chart, &Chart::cursorMoved, this, [this](Instant at) {
    if (!pinned_) setCursor(at);
  });
  connect(chart, &Chart::cursorLeft, this, [this] {
    if (!pinned_) setCursor(std::nullopt);
  });
  connect(chart, &Chart::clicked, this, [this](Instant at) {
    pinned_ = !pinned_;
    setCursor(at);
    if (pinned_) emit momentChosen(at);
  });
  connect(chart, &Chart::zoomed, this, [this](double factor, Instant around) {
    const ChartRange now_shown = range();
    const double left = (around - now_shown.left).count_seconds();
    const double width_s = (now_shown.right - now_shown.left).count_seconds();
    zoom_s_ = std::clamp(width_s / factor, 0.05, 1e6);
    zoom_left_ = around - Duration::micros(std::llround(left * zoom_s_ / width_s * 1e6));
    refresh();
  });
}

void MetricsPage::buildCharts() {
  const auto add = [this](int tabs, const QString& title, ChartUnit unit,
                          std::vector<ChartSeries> series, const QString& empty, bool steps = false,
                          const QString& note = {}) {
    addChart(tabs, {title, note, unit, std::move(series), steps, empty});
    return charts_.back().chart;
  };
  add(overview, tr("Bytes"), ChartUnit::bytes_per_second,
      {one("in", "bytes_in"), one("out", "bytes_out")},
      tr("No traffic yet. Bytes in and out appear once a client sends."));
  add(overview, tr("Records"), ChartUnit::per_second,
      {one("in", "records_in"), one("out", "records_out")},
      tr("No traffic yet. Records in and out appear once a client sends."));
  add(overview | latency, tr("Produce latency"), ChartUnit::milliseconds,
      {one("p50", "produce_p50"), one("p99", "produce_p99"), one("p99.9", "produce_p999")},
      tr("No produce request was answered yet."));
  add(latency, tr("Fetch latency"), ChartUnit::milliseconds,
      {one("p50", "fetch_p50"), one("p99", "fetch_p99"), one("p99.9", "fetch_p999")},
      tr("No fetch latency is measured in this session."));
  add(overview | replication, tr("Partition health"), ChartUnit::partitions,
      {one("under-replicated", "under_replicated"), one("under min ISR", "under_min_isr"),
       one("offline", "offline")},
      tr("No partitions yet."), true);
  leaders_ = add(overview | replication, tr("Leaders by broker"), ChartUnit::partitions, {},
                 tr("How many partitions each broker leads, once topics have leaders."), true);
  lag_ = add(overview | groups, tr("Lag"), ChartUnit::records, {},
             tr("Lag of each group, once one has committed."), false, tr("sum of each group"));
  lag_seconds_ =
      add(overview | groups, tr("Lag in seconds"), ChartUnit::seconds, {},
          tr("How far each group is behind in time."), false, tr("worst partition of each group"));
  add(groups, tr("Rebalances"), ChartUnit::per_second, {one("rebalances", "rebalances")},
      tr("Rebalances of all groups, once one has members."), true);
  add(replication, tr("ISR changes"), ChartUnit::per_second,
      {one("shrinks", "isr_shrinks"), one("expands", "isr_expands")},
      tr("Shrinks and expansions of in-sync replica sets."), true);
  add(replication | quorum, tr("Elections"), ChartUnit::per_second, {one("elections", "elections")},
      tr("Leader elections of all partitions."), true);
  add(overview | quorum, tr("Metadata log"), ChartUnit::records,
      {one("end offset", "metadata_end_offset")},
      tr("The end of the metadata log, once a controller is active."));
  add(latency | quorum, tr("Metadata commit"), ChartUnit::milliseconds,
      {one("p50", "metadata_commit_p50"), one("p99", "metadata_commit_p99")},
      tr("No commit latency is measured in this session."));
}

// One series a broker and a group: the first five by name, and the rest added up as "others".
void MetricsPage::specifyGroupsAndBrokers() {
  const auto snapshot = feed_.snapshot();
  std::vector<std::string> brokers;
  for (const auto& broker : snapshot->brokers) brokers.push_back(std::to_string(broker.id.value()));
  std::vector<std::string> names = brokers;
  std::vector<std::string> group_names;
  for (const auto& group : snapshot->groups) group_names.push_back(group->name);
  names.insert(names.end(), group_names.begin(), group_names.end());
  if (names == series_names_) return;
  series_names_ = names;
  const auto series_of = [](const std::vector<std::string>& of, const std::string& prefix) {
    std::vector<ChartSeries> series;
    for (std::size_t i = 0; i < of.size(); ++i) {
      const bool own = of.size() <= Chart::series_max || i + 1 < Chart::series_max;
      if (own) {
        series.push_back({text(of[i]), {prefix + of[i]}});
      } else if (series.size() < Chart::series_max) {
        series.push_back({tr("others"), {prefix + of[i]}});
      } else {
        series.back().keys.push_back(prefix + of[i]);
      }
    }
    return series;
  };
  const auto respecify = [](Chart* chart, std::vector<ChartSeries> series) {
    ChartSpec spec = chart->spec();
    spec.series = std::move(series);
    chart->setSpec(std::move(spec));
  };
  respecify(leaders_, series_of(brokers, "leaders."));
  respecify(lag_, series_of(group_names, "lag."));
  respecify(lag_seconds_, series_of(group_names, "lag_seconds."));
}

std::vector<Chart*> MetricsPage::shown() const {
  std::vector<Chart*> charts;
  for (const Entry& entry : charts_) {
    if ((entry.tabs & tabs_->checkedId()) != 0) charts.push_back(entry.chart);
  }
  return charts;
}

void MetricsPage::layOut() {
  const int wanted = width() >= two_columns_from ? 2 : 1;
  if (wanted == columns_) return;
  columns_ = wanted;
  while (QLayoutItem* item = grid_->takeAt(0)) delete item;
  for (const Entry& entry : charts_) entry.chart->hide();
  for (QWidget* strip : strips_) strip->deleteLater();
  for (QWidget* tag : tags_) tag->deleteLater();
  strips_.clear();
  tags_.clear();
  const std::vector<Chart*> charts = shown();
  const int rows = (static_cast<int>(charts.size()) + columns_ - 1) / columns_;
  for (int row = 0; row < grid_->rowCount(); ++row) grid_->setRowStretch(row, 0);
  for (int column = 0; column < 2; ++column) grid_->setColumnStretch(column, column < columns_);
  for (int column = 0; column < columns_; ++column) {
    strips_.push_back(new FaultStrip(feed_, bands_, *theme_, page_));
    tags_.push_back(new TimeTag(*theme_, page_));
    grid_->addWidget(strips_.back(), 0, column);
    grid_->addWidget(tags_.back(), rows + 1, column);
  }
  for (std::size_t i = 0; i < charts.size(); ++i) {
    const auto at = static_cast<int>(i);
    charts[i]->setTimeLabels(at + columns_ >= static_cast<int>(charts.size()));
    grid_->addWidget(charts[i], 1 + at / columns_, at % columns_);
    grid_->setRowStretch(1 + at / columns_, 1);
    charts[i]->show();
  }
}

void MetricsPage::resizeEvent(QResizeEvent*) {
  const int before = columns_;
  layOut();
  // Strips and tags are new: they know no range yet.
  if (columns_ != before) refresh();
}

ChartRange MetricsPage::range() const {
  const auto snapshot = feed_.snapshot();
  const Instant start = snapshot->run.start;
  const Instant now = snapshot->run.now;
  if (zoom_left_) return {*zoom_left_, *zoom_left_ + Duration::micros(std::llround(zoom_s_ * 1e6))};
  if (const auto& chosen = selection_.span()) return {chosen->from, chosen->to};
  const Duration span =
      window_s_ == 0 ? std::max(now - start, Duration::seconds(1)) : Duration::seconds(window_s_);
  return {std::max(now - span, start), std::max(now, start + Duration::seconds(1))};
}

void MetricsPage::refresh() {
  specifyGroupsAndBrokers();
  const auto snapshot = feed_.snapshot();
  const ChartRange shared = range();
  for (Chart* chart : shown()) chart->update(*snapshot, bands_, shared);
  for (FaultStrip* strip : strips_) strip->setRange(shared);
  for (TimeTag* tag : tags_) tag->show(cursor_, snapshot->run.start, shared);
}

void MetricsPage::setTheme(const Theme& theme) {
  theme_ = &theme;
  bar_->setTheme(theme);
  error_->setTheme(theme);
  for (const Entry& entry : charts_) entry.chart->setTheme(theme);
  for (FaultStrip* strip : strips_) strip->setTheme(theme);
  for (TimeTag* tag : tags_) tag->setTheme(theme);
  updateIcons();
}

void MetricsPage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) updateIcons();
}

void MetricsPage::updateIcons() {
  QPalette ground = page_->palette();
  ground.setColor(QPalette::Window, theme_->bg);
  page_->setPalette(ground);
  page_->setAutoFillBackground(true);
  export_->setIcon(make_icon(Icon::export_chart, *theme_));
  window_->setIcon(make_icon(Icon::clock, *theme_));
}

void MetricsPage::setCursor(std::optional<Instant> at) {
  cursor_ = at;
  const auto snapshot = feed_.snapshot();
  for (Chart* chart : shown()) chart->setCursor(at);
  for (TimeTag* tag : tags_) tag->show(at, snapshot->run.start, range());
}

void MetricsPage::setWindow(int seconds) {
  window_s_ = seconds;
  zoom_left_.reset();
  for (const QAction* action : window_->menu()->actions()) {
    const bool same = seconds == 0 ? action->text() == tr("Whole run")
                                   : action->text() == tr("Last %1 s").arg(seconds) ||
                                         action->text() == tr("Last %1 min").arg(seconds / 60);
    if (same) window_->setText(action->text());
  }
  refresh();
}

void MetricsPage::keyPressEvent(QKeyEvent* event) {
  const ChartRange shared = range();
  const Duration step = (shared.right - shared.left) / 100;
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
      const Instant from = cursor_.value_or(shared.right);
      const Instant to = event->key() == Qt::Key_Left ? from - step : from + step;
      pinned_ = true;
      return setCursor(std::clamp(to, shared.left, shared.right));
    }
    case Qt::Key_Escape: pinned_ = false; return setCursor(std::nullopt);
    case Qt::Key_0: return setWindow(window_s_);
    default: QWidget::keyPressEvent(event);
  }
}

void MetricsPage::exportAs(const QString& suffix) {
  const QString path = QFileDialog::getSaveFileName(this, tr("Export charts"),
                                                    QStringLiteral("ottla-metrics.") + suffix,
                                                    QStringLiteral("*.") + suffix);
  if (path.isEmpty()) return;
  const QString problem = exportTo(path);
  if (problem.isEmpty()) {
    error_->clear();
  } else {
    error_->say(tr("The charts were not written."), problem);
  }
}

QString MetricsPage::exportTo(const QString& path) {
  const std::vector<Chart*> charts = shown();
  if (path.endsWith(QStringLiteral(".png"), Qt::CaseInsensitive)) {
    return page_->grab().save(path) ? QString() : tr("%1 cannot be written.").arg(path);
  }
  if (path.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive)) {
    QFile probe(path);
    if (!probe.open(QIODevice::WriteOnly)) return path + ": " + probe.errorString();
    probe.close();
    QSvgGenerator svg;
    svg.setFileName(path);
    svg.setSize(page_->size());
    svg.setViewBox(page_->rect());
    svg.setTitle(tr("Ottla metrics"));
    QCPPainter painter(&svg);
    for (Chart* chart : charts) {
      painter.save();
      painter.translate(chart->pos());
      chart->paintTo(painter);
      painter.restore();
    }
    return {};
  }
  std::vector<std::string> keys;
  for (const Chart* chart : charts) {
    for (const ChartSeries& series : chart->spec().series) {
      keys.insert(keys.end(), series.keys.begin(), series.keys.end());
    }
  }
  QFile file(path);
  if (!file.open(QIODevice::WriteOnly | QIODevice::Text)) return path + ": " + file.errorString();
  const auto snapshot = feed_.snapshot();
  file.write(chart_csv(*snapshot->history, keys, snapshot->run.start, range()));
  return {};
}

}  // namespace ottla::ui
