#include "ui/views/cluster_map.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

#include "ui/canvas/format.h"
#include "ui/canvas/motion.h"
#include "ui/views/fault_menus.h"

namespace ottla::ui {
namespace {

using Kind = MapPick::Kind;

// Words and numbers on cards need not change faster than an eye reads them.
constexpr int rebuild_ms = 100;
constexpr int frame_ms = 16;

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

SelectedThing to_selection(const MapPick& pick) {
  switch (pick.kind) {
    case Kind::nothing:
    case Kind::real_clients: return {};
    case Kind::broker: return SelectedBroker{BrokerId(std::stoi(pick.name))};
    case Kind::controller: return SelectedController{BrokerId(std::stoi(pick.name))};
    case Kind::partition: return SelectedPartition{pick.name, PartitionIndex(pick.partition)};
    case Kind::topic: return SelectedTopic{pick.name};
    case Kind::producer: return SelectedProducer{pick.name};
    case Kind::group: return SelectedGroup{pick.name};
    case Kind::member: return SelectedMember{pick.name, pick.peer};
    case Kind::link: return SelectedLink{pick.name, pick.peer};
  }
  return {};
}

MapPick to_pick(const SelectedThing& thing) {
  return std::visit(
      Overloaded{[](std::monostate) { return MapPick{}; },
                 [](const SelectedBroker& s) {
                   return MapPick{Kind::broker, std::to_string(s.id.value()), {}, -1};
                 },
                 [](const SelectedController& s) {
                   return MapPick{Kind::controller, std::to_string(s.id.value()), {}, -1};
                 },
                 [](const SelectedPartition& s) {
                   return MapPick{Kind::partition, s.topic, {}, s.partition.value()};
                 },
                 [](const SelectedTopic& s) {
                   return MapPick{Kind::topic, s.topic, {}, -1};
                 },
                 [](const SelectedGroup& s) {
                   return MapPick{Kind::group, s.group, {}, -1};
                 },
                 [](const SelectedMember& s) {
                   return MapPick{Kind::member, s.group, s.member, -1};
                 },
                 [](const SelectedProducer& s) {
                   return MapPick{Kind::producer, s.producer, {}, -1};
                 },
                 [](const SelectedLink& s) {
                   return MapPick{Kind::link, s.from, s.to, -1};
                 }},
      thing);
}

ClusterMap::ClusterMap(SessionFeed& feed, Selection& selection, const Theme& theme, QWidget* parent)
    : QWidget(parent), feed_(feed), selection_(selection), theme_(theme) {
  setObjectName("clusterMap");
  setAccessibleName(tr("Cluster map"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setMinimumSize(320, 160);
  frame_.setInterval(frame_ms);
  frame_.setTimerType(Qt::PreciseTimer);
  late_rebuild_.setSingleShot(true);
  connect(&frame_, &QTimer::timeout, this, &ClusterMap::tick);
  connect(&late_rebuild_, &QTimer::timeout, this, &ClusterMap::rebuild);
  connect(&feed_, &SessionFeed::snapshotChanged, this, &ClusterMap::takeSnapshot);
  connect(&selection_, &Selection::changed, this, &ClusterMap::repaintAll);
  snapshot_ = feed_.snapshot();
  motion_.observe(*snapshot_);
  rebuild();
}

void ClusterMap::takeSnapshot() {
  snapshot_ = feed_.snapshot();
  motion_.observe(*snapshot_);
  updateTimer();
  if (!since_rebuild_.isValid() || since_rebuild_.elapsed() >= rebuild_ms) {
    rebuild();
  } else if (!late_rebuild_.isActive()) {
    late_rebuild_.start(rebuild_ms - static_cast<int>(since_rebuild_.elapsed()));
  }
  if (!frame_.isActive()) update();
}

void ClusterMap::rebuild() {
  since_rebuild_.restart();
  const MapContents before = std::move(contents_);
  contents_ = map_contents(*snapshot_, filter_);
  MapClients clients = map_clients(*snapshot_);
  clients.shown = width() >= clients_width_min || width() < 100;
  const bool same_shape =
      before.brokers.size() == contents_.brokers.size() &&
      before.controllers.size() == contents_.controllers.size() &&
      before.topics == contents_.topics && before.cells_max() == contents_.cells_max() &&
      before.columns.size() == contents_.columns.size() &&
      clients.group_members == clients_.group_members && clients.producers == clients_.producers &&
      clients.shown == clients_.shown;
  clients_ = clients;
  if (!same_shape || layout_.brokers.empty()) {
    relayout();
    return;
  }
  if (!layout_.dense) {
    fadeFrom(before);
    repaintAll();
    return;
  }
  // Of a hundred brokers few change: paint those.
  dirty_brokers_.resize(contents_.brokers.size());
  for (std::size_t i = 0; i < contents_.brokers.size(); ++i) {
    const MapBroker& was = before.brokers[i];
    const MapBroker& is = contents_.brokers[i];
    dirty_brokers_[i] = dirty_brokers_[i] || was.topics != is.topics ||
                        was.state.status != is.state.status || was.state.load != is.state.load;
  }
  update();
}

// The picture that is on the screen is what changed cells fade from. A paused map does not move.
void ClusterMap::fadeFrom(const MapContents& before) {
  if (!frame_.isActive() || still_dirty_) return;
  const MapChanges changes = map_changes(before, contents_);
  if (!changes.cells.empty()) fades_.begin(still_.copy(), scene(), changes);
}

void ClusterMap::relayout() {
  layout_ = layout_map(contents_, clients_, QSizeF(size()));
  routes_ = MapRoutes(layout_, contents_, *snapshot_);
  if (fitted_) setView(fit_view(layout_, QSizeF(size())));
  repaintAll();
}

void ClusterMap::repaintAll() {
  still_dirty_ = true;
  update();
}

MapScene ClusterMap::scene() const {
  MapScene scene;
  scene.theme = &theme_;
  scene.snapshot = snapshot_.get();
  scene.contents = &contents_;
  scene.layout = &layout_;
  scene.routes = &routes_;
  scene.view = view_;
  scene.mode = filter_.mode;
  scene.selected = to_pick(selection_.current());
  scene.hovered = hovered_;
  return scene;
}

double ClusterMap::zoom() const {
  return view_.scale * layout_.zoom_unit;
}

void ClusterMap::setView(MapView view) {
  view_ = view;
  fades_.clear();
  repaintAll();
  emit zoomChanged(zoom());
}

void ClusterMap::zoomBy(double factor) {
  fitted_ = false;
  setView(zoom_view(layout_, view_, factor, QRectF(rect()).center()));
}

void ClusterMap::fit() {
  fitted_ = true;
  relayout();
}

void ClusterMap::setFilter(MapFilter filter) {
  filter_ = std::move(filter);
  rebuild();
  repaintAll();
}

void ClusterMap::updateTimer() {
  const bool moving = isVisible() && snapshot_->run.running && !motion_reduced();
  if (moving == frame_.isActive()) return;
  if (moving) {
    wall_.restart();
    frame_.start();
  } else {
    frame_.stop();
    fades_.clear();
  }
}

void ClusterMap::tick() {
  const auto passed = static_cast<double>(wall_.restart());
  motion_.advance(passed);
  fades_.advance(passed);
  update();
}

void ClusterMap::paintStillPicture() {
  const QSize pixels = size() * devicePixelRatioF();
  if (still_.size() != pixels) {
    still_ = QImage(pixels, QImage::Format_RGB32);
    still_.setDevicePixelRatio(devicePixelRatioF());
    still_dirty_ = true;
  }
  const MapScene now = scene();
  if (still_dirty_) {
    QPainter painter(&still_);
    paint_still(painter, now, QRectF(rect()));
  } else {
    for (std::size_t i = 0; i < dirty_brokers_.size(); ++i) {
      if (!dirty_brokers_[i]) continue;
      QPainter painter(&still_);
      paint_broker(painter, now, i);
    }
  }
  still_dirty_ = false;
  dirty_brokers_.assign(contents_.brokers.size(), false);
}

void ClusterMap::paintEvent(QPaintEvent*) {
  paintStillPicture();
  QPainter painter(this);
  painter.drawImage(QPointF(0, 0), still_);
  fades_.paint(painter);
  const MapScene now = scene();
  paint_moving(painter, now, motion_reduced() ? still_dots(*snapshot_) : motion_.dots());
  if (hasFocus() && keyboard_) {
    const QRectF box = box_of(now, now.selected);
    if (!box.isEmpty()) draw_focus_ring(painter, box.adjusted(-3, -3, 3, 3), 8, theme_);
  }
  if (drag_ == Drag::cut && moved_) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme_.err, 2, Qt::DashLine));
    painter.drawLine(press_, last_);
    draw_glyph(painter, Glyph::scissors, last_, 14, theme_.err);
  }
  if (drag_ == Drag::lasso && moved_) {
    draw_dashed_box(painter, QRectF(press_, last_).normalized(), 4, with_alpha(theme_.err, 0.08),
                    theme_.err, 4, 3);
  }
  if (loupe_) paintLoupe(painter);
}

// A closer look at the mini card under the pointer, or at the selected one.
void ClusterMap::paintLoupe(QPainter& painter) {
  MapScene now = scene();
  const MapPick pick = hovered_.kind == Kind::broker ? hovered_ : now.selected;
  if (pick.kind != Kind::broker || !layout_.dense) return;
  for (std::size_t i = 0; i < contents_.brokers.size(); ++i) {
    const MapBroker& broker = contents_.brokers[i];
    if (std::to_string(broker.state.id.value()) != pick.name) continue;
    const QRectF card = view_.to_pixels(layout_.brokers[i]);
    QRectF box(0, 0, 330, 224);
    box.moveCenter({card.center().x(), card.top() - box.height() / 2 - 10});
    if (box.top() < 4) box.moveTop(card.bottom() + 10);
    box.moveLeft(std::clamp(box.left(), 6.0, std::max(6.0, width() - box.width() - 6)));
    box.moveTop(std::min(box.top(), height() - box.height() - 6));
    draw_pop_up_shadow(painter, box, 8, theme_);
    draw_box(painter, box, 8, theme_.card, theme_.accent);
    const BrokerLook look = broker_look(broker);
    const QPointF ring(box.left() + 24, box.top() + 24);
    draw_session_ring(painter, ring, 12, broker.state.session_left,
                      broker.state.status == observe::ProcessStatus::down, theme_);
    draw_text(painter, {ring.x() - 12, ring.y() - 8, 24, 16}, QString::fromStdString(pick.name),
              mono(9.5, 500), theme_.t1, Qt::AlignCenter);
    draw_text(painter, {box.left() + 46, box.top() + 8, 160, 18},
              "Broker " + QString::fromStdString(pick.name), words(13, 600), theme_.t1);
    const int behind = broker.count[static_cast<std::size_t>(CellState::out_of_sync)];
    draw_text(painter, {box.left() + 46, box.top() + 25, 220, 16},
              counted(broker.state.leaders, "leader", "leaders") +
                  QString(", %1 out of sync").arg(behind),
              words(11), theme_.t3);
    const ChipLook chip{look.words, look.glyph, look.tone, 0};
    const double wide = chip_width(chip);
    draw_chip(painter, {box.right() - wide - 10, box.top() + 10, wide, 20}, chip, theme_);
    // The same card at the zoom where its cells have glyphs.
    MapScene close = now;
    CellGrid grid;
    grid.count = broker.cells();
    grid.columns = 24;
    const double pitch = std::min(13.0, (box.height() - 78) / std::max(1, (grid.count + 23) / 24));
    grid.cell = {pitch - 1, pitch - 1, 1};
    grid.origin = {box.left() + 12, box.top() + 52};
    const auto cells = sorted_cells(broker);
    for (int c = 0; c < grid.count; ++c) {
      paint_cell(painter, close, *cells[static_cast<std::size_t>(c)], grid.at(c), CellMode::compact,
                 1);
    }
    draw_text(painter, {box.left() + 12, box.bottom() - 22, 300, 16},
              tr("Release Z to go back, double-click to zoom there"), words(11), theme_.t3);
    return;
  }
}

void ClusterMap::resizeEvent(QResizeEvent*) {
  clients_.shown = width() >= clients_width_min;
  relayout();
}

void ClusterMap::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange ||
      event->type() == QEvent::FontChange) {
    repaintAll();
  }
  QWidget::changeEvent(event);
}

void ClusterMap::showEvent(QShowEvent*) {
  updateTimer();
}
void ClusterMap::hideEvent(QHideEvent*) {
  frame_.stop();
}

void ClusterMap::focusInEvent(QFocusEvent* event) {
  keyboard_ = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
  update();
}
void ClusterMap::focusOutEvent(QFocusEvent*) {
  update();
}

}  // namespace ottla::ui
