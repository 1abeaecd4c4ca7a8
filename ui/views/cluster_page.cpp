#include "ui/views/cluster_page.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>
#include <array>
#include <cmath>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/canvas/paint.h"
#include "ui/views/bars.h"
#include "ui/views/cluster_map.h"
#include "ui/views/edge_tab.h"
#include "ui/views/page_parts.h"

namespace ottla::ui {
namespace {

constexpr int toolbar_height = 36;
constexpr int legend_height = 24;
constexpr std::size_t topic_chips_max = 6;

}  // namespace

ClusterPage::ClusterPage(SessionFeed& feed, Selection& selection, const Theme& theme,
                         QWidget* parent)
    : QWidget(parent),
      feed_(feed),
      theme_(theme),
      map_(new ClusterMap(feed, selection, theme, this)),
      producers_(new EdgeTab(
          tr("Producers"), EdgeTab::Side::left, selection, theme,
          [&feed] { return producer_lines(*feed.snapshot()); }, this)),
      groups_(new EdgeTab(
          tr("Consumer groups"), EdgeTab::Side::right, selection, theme,
          [&feed] { return group_lines(*feed.snapshot()); }, this)) {
  setAccessibleName(tr("Cluster"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(makeToolbar());
  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  row->addWidget(producers_);
  row->addWidget(map_, 1);
  row->addWidget(groups_);
  column->addLayout(row, 1);
  for (EdgeTab* tab : {producers_, groups_}) {
    tab->hide();
    new PageRefresh(
        feed_, tab, [tab] { tab->refresh(); }, 500);
  }
  column->addWidget(new MapLegend(*map_, feed, theme, this));
  connect(map_, &ClusterMap::zoomChanged, this, &ClusterPage::updateZoom);
  connect(&feed_, &SessionFeed::snapshotChanged, this, &ClusterPage::updateTopics);
  updateTopics();
  updateZoom(map_->zoom());
}

QWidget* ClusterPage::makeToolbar() {
  auto* bar = new Bar(theme_, Bar::Edge::bottom, this);
  bar->setFixedHeight(toolbar_height);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(14, 0, 12, 0);
  row->setSpacing(2);
  modes_ = new QButtonGroup(this);
  const std::array<std::pair<const char*, const char*>, 4> modes = {
      std::pair{"Replicas", "Colour replicas by their state"},
      std::pair{"Traffic", "Colour replicas by bytes in"},
      std::pair{"Lag", "Colour replicas by how far they are behind their leader"},
      std::pair{"Disk", "Colour replicas by the size of their log"}};
  for (int i = 0; i < 4; ++i) {
    auto* button = new QToolButton(bar);
    button->setText(tr(modes[static_cast<std::size_t>(i)].first));
    button->setToolTip(tr(modes[static_cast<std::size_t>(i)].second));
    button->setAccessibleName(button->text());
    button->setProperty("kind", "tab");
    button->setCheckable(true);
    button->setChecked(i == 0);
    button->setFont(words(12, 500));
    modes_->addButton(button, i);
    row->addWidget(button);
  }
  connect(modes_, &QButtonGroup::idClicked, this, &ClusterPage::updateFilter);
  row->addSpacing(10);
  row->addWidget(new Divider(theme_, bar));
  row->addSpacing(10);
  summary_ = new QLabel(bar);
  summary_->setFont(words(12));
  row->addWidget(summary_);
  row->addSpacing(6);
  topics_ = new QHBoxLayout;
  topics_->setSpacing(6);
  row->addLayout(topics_);
  internal_ = new QToolButton(bar);
  internal_->setText(tr("internal"));
  internal_->setToolTip(tr("Show internal topics, such as __consumer_offsets"));
  internal_->setProperty("kind", "chip");
  internal_->setCheckable(true);
  internal_->setFont(mono(11));
  connect(internal_, &QToolButton::clicked, this, &ClusterPage::updateFilter);
  row->addSpacing(6);
  row->addWidget(internal_);
  row->addStretch(1);
  zoom_ = new QLabel(bar);
  zoom_->setFont(mono(11.5));
  zoom_->setToolTip(tr("Zoom"));
  row->addWidget(zoom_);
  const auto add = [&](Icon icon, const QString& text, const QString& tip, auto act) {
    auto* button = new IconButton(icon, text, theme_, bar);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    connect(button, &QToolButton::clicked, map_, act);
    row->addWidget(button);
  };
  add(Icon::minus, {}, tr("Zoom out (−)"), [this] { map_->zoomBy(0.8); });
  add(Icon::plus, {}, tr("Zoom in (+)"), [this] { map_->zoomBy(1.25); });
  add(Icon::fit, {}, tr("Fit the whole cluster (0)"), [this] { map_->fit(); });
  return bar;
}

void ClusterPage::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const bool folded = width() < ClusterMap::clients_width_min;
  producers_->setVisible(folded);
  groups_->setVisible(folded);
}

void ClusterPage::updateTopics() {
  const auto snapshot = feed_.snapshot();
  std::vector<std::string> names;
  bool internal = false;
  for (const auto& topic : snapshot->topics) {
    if (topic->internal)
      internal = true;
    else
      names.push_back(topic->name);
  }
  internal_->setVisible(internal);
  if (names == topic_names_ && !names.empty()) return;
  topic_names_ = names;
  for (QToolButton* chip : topic_chips_) chip->deleteLater();
  topic_chips_.clear();
  if (names.size() > topic_chips_max) {
    std::size_t replicas = 0;
    for (const auto& b : snapshot->brokers) replicas += static_cast<std::size_t>(b.replicas);
    summary_->setText(
        tr("%1, %2, %3, %4")
            .arg(counted(static_cast<std::int64_t>(snapshot->brokers.size()), "broker", "brokers"),
                 counted(static_cast<std::int64_t>(names.size()), "topic", "topics"),
                 counted(snapshot->health.partitions, "partition", "partitions"),
                 counted(static_cast<std::int64_t>(replicas), "replica", "replicas")));
    return;
  }
  summary_->setText(names.empty() ? tr("No topics yet") : tr("Topics"));
  for (const std::string& name : names) {
    auto* chip = new QToolButton(this);
    chip->setText(QString::fromStdString(name));
    chip->setToolTip(tr("Show or hide the replicas of %1").arg(chip->text()));
    chip->setProperty("kind", "chip");
    chip->setCheckable(true);
    chip->setChecked(map_->filter().hidden_topics.count(name) == 0);
    chip->setFont(mono(11));
    connect(chip, &QToolButton::clicked, this, &ClusterPage::updateFilter);
    topics_->addWidget(chip);
    topic_chips_.push_back(chip);
  }
}

void ClusterPage::updateFilter() {
  MapFilter filter;
  filter.mode = static_cast<MapMode>(modes_->checkedId());
  filter.internal_topics = internal_->isChecked();
  for (std::size_t i = 0; i < topic_chips_.size(); ++i) {
    if (!topic_chips_[i]->isChecked()) filter.hidden_topics.insert(topic_names_[i]);
  }
  map_->setFilter(std::move(filter));
}

void ClusterPage::updateZoom(double zoom) {
  zoom_->setText(QString("%1 %").arg(std::lround(zoom * 100)));
}

MapLegend::MapLegend(ClusterMap& map, SessionFeed& feed, const Theme& theme, QWidget* parent)
    : QWidget(parent), map_(map), feed_(feed), theme_(theme) {
  setFixedHeight(legend_height);
  setAccessibleName(tr("Legend"));
  setToolTip(
      tr("Fill and glyph: the state of a replica. Edge: its leader epoch. Dots: requests, "
         "hollow for responses."));
  connect(&map, &ClusterMap::zoomChanged, this, [this] { update(); });
}

void MapLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& t = theme_;
  painter.fillRect(rect(), t.bg);
  const QFont font = words(11);
  const double middle = height() / 2.0 - 1;
  double x = 14;
  const auto fits = [&](double width) { return x + width < this->width() - 8; };
  const auto say = [&](const QString& text, const QColor& colour) {
    x += draw_text(painter, {x, 0, 400, middle * 2}, text, font, colour);
  };
  const bool dense = map_.zoom() < 0.4;
  const std::array<std::pair<CellState, const char*>, 4> states = {
      std::pair{CellState::leader, "Leader"}, std::pair{CellState::in_sync, "In sync"},
      std::pair{CellState::out_of_sync, "Out of sync"}, std::pair{CellState::offline, "Offline"}};
  for (const auto& [state, text] : states) {
    const CellColours& c = t.cell(state);
    if (dense) {
      painter.fillRect(QRectF(x, middle - 4, 8, 8),
                       state == CellState::offline ? mixed(t.card, t.err, 0.62) : c.fill);
      x += 13;
      draw_glyph(painter, cell_glyph(state), {x + 4, middle}, 8, t.t2);
      x += 14;
    } else {
      const QRectF box(x, middle - 7, 15, 14);
      if (state == CellState::offline) {
        draw_dashed_box(painter, box, 3, c.fill, c.outline, 3, 2);
      } else {
        draw_box(painter, box, 3, c.fill, c.outline);
      }
      draw_glyph(painter, cell_glyph(state), box.center(), 8, c.content);
      x += 21;
    }
    say(text, t.t2);
    x += 15;
  }
  if (dense) {
    if (fits(180)) {
      painter.fillRect(QRectF(x, middle - 4, 8, 8), t.epoch_hue(3));
      x += 14;
      say(tr("Leader changed, last 15 s"), t.t2);
    }
    const QString note = tr("1 cell = 1 replica, sorted by state. Hold Z to look closer.");
    if (fits(text_width(note, font) + 30)) {
      draw_text(painter, {0, 0, width() - 14.0, middle * 2}, note, font, t.t3,
                Qt::AlignRight | Qt::AlignVCenter);
    }
    return;
  }
  x += 5;
  if (!fits(220)) return;
  say(tr("Edge = leader epoch"), t.t3);
  x += 8;
  for (int epoch = 0; epoch < 4; ++epoch) {
    const QRectF box(x, middle - 7.5, 15, 15);
    draw_box(painter, box, 3, {}, t.epoch_hue(epoch), epoch == 0 ? 1 : 2);
    draw_text(painter, box, QString::number(epoch), mono(10), t.t1, Qt::AlignCenter);
    x += 19;
  }
  x += 12;
  for (int family = 0; family < 6; ++family) {
    const auto api = static_cast<observe::ApiFamily>(family);
    if (!fits(60)) return;
    draw_dot(painter, api, false, {x + 4, middle}, 7, t.family(api), t.bg);
    x += 13;
    say(family_words(api), t.t2);
    x += 14;
  }
  if (!fits(130)) return;
  draw_dot(painter, observe::ApiFamily::fetch, true, {x + 4, middle}, 7,
           t.family(observe::ApiFamily::fetch), t.bg);
  x += 13;
  say(tr("hollow = response"), t.t2);
}

}  // namespace ottla::ui
