// How the map answers the mouse and the keyboard.
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>
#include <cmath>

#include "ui/canvas/format.h"
#include "ui/views/cluster_map.h"
#include "ui/views/fault_menus.h"

namespace ottla::ui {

using Kind = MapPick::Kind;

void ClusterMap::pick(const MapPick& pick) {
  if (pick.kind == Kind::real_clients) {
    const QString servers = QString::fromStdString(snapshot_->bootstrap);
    if (servers.isEmpty()) return;
    QApplication::clipboard()->setText(servers);
    emit copied(servers);
    return;
  }
  selection_.select(to_selection(pick));
}

bool ClusterMap::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const MapPick under = pick_at(scene(), help->pos());
  const QString tip = tipFor(under);
  if (tip.isEmpty()) {
    QToolTip::hideText();
  } else {
    QToolTip::showText(help->globalPos(), tip, this);
  }
  return true;
}

void ClusterMap::mousePressEvent(QMouseEvent* event) {
  keyboard_ = false;
  press_ = last_ = event->pos();
  moved_ = false;
  if (event->button() == Qt::MiddleButton) {
    drag_ = Drag::pan;
  } else if (event->button() == Qt::LeftButton) {
    const bool faults = snapshot_->capabilities.can_inject_faults;
    drag_ = !faults                                    ? Drag::pan
            : event->modifiers() & Qt::ShiftModifier   ? Drag::lasso
            : event->modifiers() & Qt::ControlModifier ? Drag::pan
                                                       : Drag::cut;
  }
}

void ClusterMap::mouseMoveEvent(QMouseEvent* event) {
  if (drag_ == Drag::none) {
    const MapPick under = pick_at(scene(), event->pos());
    if (under != hovered_) {
      hovered_ = under;
      setCursor(under.kind == Kind::nothing ? Qt::ArrowCursor : Qt::PointingHandCursor);
      repaintAll();
    }
    return;
  }
  if ((event->pos() - press_).manhattanLength() >= QApplication::startDragDistance()) moved_ = true;
  if (drag_ == Drag::pan && moved_) {
    fitted_ = false;
    MapView view = view_;
    view.offset += event->pos() - last_;
    setCursor(Qt::ClosedHandCursor);
    setView(view);
  }
  last_ = event->pos();
  if (moved_) update();
}

void ClusterMap::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  last_ = event->pos();
  if (!moved_ && event->button() == Qt::LeftButton) {
    pick(pick_at(scene(), event->pos()));
  } else if (moved_) {
    endDrag(event->globalPosition().toPoint());
  }
  drag_ = Drag::none;
  moved_ = false;
  unsetCursor();
  update();
}

void ClusterMap::endDrag(QPoint at) {
  const MapScene now = scene();
  if (drag_ == Drag::cut && !layout_.dense) {
    for (const MapLink& link : map_links(now)) {
      if (link.cut || !crosses(link.line, view_.to_layout(press_), view_.to_layout(last_)))
        continue;
      feed_.post({observe::CutLink{link.from, link.to, false}, std::nullopt});
      selection_.select(SelectedLink{link.from, link.to});
    }
  }
  if (drag_ == Drag::lasso) {
    const QRectF band = QRectF(press_, last_).normalized();
    std::vector<std::string> inside;
    for (std::size_t i = 0; i < contents_.brokers.size(); ++i) {
      if (band.contains(view_.to_pixels(layout_.brokers[i]).center())) {
        inside.push_back(std::to_string(contents_.brokers[i].state.id.value()));
      }
    }
    if (inside.empty()) return;
    QMenu* menu = partition_menu(*snapshot_, inside, feed_).release();
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(at);
  }
}

void ClusterMap::mouseDoubleClickEvent(QMouseEvent* event) {
  if (!layout_.dense) {
    mousePressEvent(event);
    return;
  }
  const MapPick under = pick_at(scene(), event->pos());
  if (under.kind != Kind::broker) return;
  fitted_ = false;
  setView(zoom_view(layout_, view_, std::max(1.0, 1.0 / zoom()), event->pos()));
}

void ClusterMap::leaveEvent(QEvent*) {
  if (hovered_.kind == Kind::nothing) return;
  hovered_ = {};
  repaintAll();
}

void ClusterMap::wheelEvent(QWheelEvent* event) {
  if (event->modifiers() & Qt::ShiftModifier) {
    MapView view = view_;
    const QPoint by = event->angleDelta();
    view.offset += QPointF(by.x() != 0 ? by.x() : by.y(), 0) * 0.5;
    fitted_ = false;
    setView(view);
    return;
  }
  fitted_ = false;
  setView(zoom_view(layout_, view_, std::pow(1.0015, event->angleDelta().y()), event->position()));
  event->accept();
}

std::unique_ptr<QMenu> ClusterMap::menuFor(const MapPick& pick) {
  return fault_menu(*snapshot_, pick, feed_);
}

void ClusterMap::contextMenuEvent(QContextMenuEvent* event) {
  MapPick under = pick_at(scene(), event->pos());
  QPoint at = event->globalPos();
  if (event->reason() == QContextMenuEvent::Keyboard) {
    under = to_pick(selection_.current());
    at = mapToGlobal(box_of(scene(), under).center().toPoint());
  } else if (under.kind != Kind::nothing && under.kind != Kind::real_clients) {
    selection_.select(to_selection(under));
  }
  QMenu* menu = menuFor(under).release();
  if (menu->isEmpty()) {
    delete menu;
    return;
  }
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->popup(at);
}

void ClusterMap::keyPressEvent(QKeyEvent* event) {
  const auto move = [this](int dx, int dy) {
    const MapPick next = next_pick(scene(), to_pick(selection_.current()), dx, dy);
    keyboard_ = true;
    if (next.kind != Kind::real_clients) pick(next);
    update();
  };
  switch (event->key()) {
    case Qt::Key_Left: move(-1, 0); return;
    case Qt::Key_Right: move(1, 0); return;
    case Qt::Key_Up: move(0, -1); return;
    case Qt::Key_Down: move(0, 1); return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomBy(1.25); return;
    case Qt::Key_Minus: zoomBy(0.8); return;
    case Qt::Key_0: fit(); return;
    case Qt::Key_Escape: selection_.clear(); return;
    case Qt::Key_Z:
      loupe_ = true;
      update();
      return;
    default: break;
  }
  if (event->modifiers() == Qt::NoModifier && act(event->key())) return;
  QWidget::keyPressEvent(event);
}

void ClusterMap::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Z && !event->isAutoRepeat()) {
    loupe_ = false;
    update();
    return;
  }
  QWidget::keyReleaseEvent(event);
}

// K kills, R restarts, P pauses or resumes what is selected.
bool ClusterMap::act(int key) {
  if (!snapshot_->capabilities.can_inject_faults) return false;
  const auto process = process_of(*snapshot_, to_pick(selection_.current()));
  if (!process) return false;
  switch (key) {
    case Qt::Key_K: feed_.post({observe::Kill{process->name}, std::nullopt}); return true;
    case Qt::Key_R: feed_.post({observe::Restart{process->name}, std::nullopt}); return true;
    case Qt::Key_P:
      if (process->status == observe::ProcessStatus::paused) {
        feed_.post({observe::Resume{process->name}, std::nullopt});
      } else {
        feed_.post({observe::Pause{process->name}, std::nullopt});
      }
      return true;
    default: return false;
  }
}

QString ClusterMap::tipFor(const MapPick& pick) const {
  const QString name = QString::fromStdString(pick.name);
  switch (pick.kind) {
    case Kind::partition: {
      const observe::TopicState* topic = snapshot_->topic(pick.name);
      if (!topic) return {};
      for (const observe::PartitionState& p : topic->partitions) {
        if (p.index.value() != pick.partition) continue;
        return tr("%1-%2\nLeader %3, epoch %4\n%5 of %6 replicas in sync, %7 of the traffic")
            .arg(name)
            .arg(pick.partition)
            .arg(p.leader ? "broker " + QString::number(p.leader->value()) : tr("none"))
            .arg(p.leader_epoch.value())
            .arg(p.isr.size())
            .arg(p.replicas.size())
            .arg(percent(p.share));
      }
      return {};
    }
    case Kind::broker: {
      const observe::BrokerState* b = snapshot_->broker(BrokerId(std::stoi(pick.name)));
      if (!b) return {};
      const QString state = tr("Broker %1, %2\n%3 leaders, %4 of %5 replicas in sync")
                                .arg(name, process_look(b->status).words)
                                .arg(b->leaders)
                                .arg(b->in_sync)
                                .arg(b->replicas);
      if (!b->load.network && !b->load.requests && !b->load.disk) return state;
      return state + tr("\nNet %1, Req %2/s, Disk %3\nOn their bars %4, 100 is twice that")
                         .arg(bytes_per_second(b->bytes_in_per_s + b->bytes_out_per_s),
                              short_number(b->requests_per_s), bytes(b->log_bytes), load_scale());
    }
    case Kind::link:
      return tr("Link %1 – %2\nDrag across it to cut it")
          .arg(name, QString::fromStdString(pick.peer));
    case Kind::real_clients:
      return snapshot_->bootstrap.empty() ? tr("Nothing listens for real clients")
                                          : tr("bootstrap.servers=%1\nClick to copy")
                                                .arg(QString::fromStdString(snapshot_->bootstrap));
    case Kind::group:
      if (const auto* g = snapshot_->group(pick.name)) {
        return g->why.empty() ? name : name + "\n" + QString::fromStdString(g->why);
      }
      return {};
    default: return {};
  }
}

}  // namespace ottla::ui
