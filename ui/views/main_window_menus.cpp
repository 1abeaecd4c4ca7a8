// The window's menus, its shortcuts and what they do.
#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QDockWidget>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QVBoxLayout>

#include "ui/canvas/fonts.h"
#include "ui/canvas/motion.h"
#include "ui/views/cluster_map.h"
#include "ui/views/cluster_page.h"
#include "ui/views/command_palette.h"
#include "ui/views/event_log.h"
#include "ui/views/fault_menus.h"
#include "ui/views/inspector.h"
#include "ui/views/main_window.h"
#include "ui/views/status_line.h"
#include "ui/views/topics_page.h"
#include "ui/views/transport_bar.h"

namespace ottla::ui {

QAction* MainWindow::add(QMenu* menu, const QString& words, const QString& shortcut,
                         std::function<void()> act) {
  QAction* action = menu->addAction(words);
  if (!shortcut.isEmpty()) action->setShortcut(QKeySequence(shortcut));
  // Menus live in a widget of their own; the window hears the shortcuts.
  addAction(action);
  connect(action, &QAction::triggered, this, std::move(act));
  return action;
}

void MainWindow::buildMenus() {
  QMenu* session = menus_->addMenu(tr("Session"));
  add(session, tr("Play or pause"), "Space", [this] { transport_->playOrPause(); });
  add(session, tr("Step one event"), ".", [this] { transport_->stepEvent(); });
  add(session, tr("Run to the next election"), "N", [this] { transport_->stepToNext(); });
  add(session, tr("Faster"), "]", [this] { transport_->faster(); });
  add(session, tr("Slower"), "[", [this] { transport_->slower(); });
  session->addSeparator();
  add(session, tr("Quit"), "Ctrl+Q", [this] { close(); });

  QMenu* edit = menus_->addMenu(tr("Edit"));
  add(edit, tr("Search, or run a command"), "Ctrl+K", [this] { palette_->open(); });
  add(edit, tr("Copy bootstrap.servers"), "Ctrl+Shift+C", [this] {
    const QString servers = QString::fromStdString(feed_.snapshot()->bootstrap);
    if (servers.isEmpty())
      return status_->say(tr("Nothing listens for real clients"), Tone::warning);
    QApplication::clipboard()->setText(servers);
    status_->say(tr("Copied %1").arg(servers), Tone::good);
  });
  add(edit, tr("Select nothing"), "Esc", [this] {
    selection_.clear();
    selection_.chooseSpan(std::nullopt);
  });

  QMenu* view = menus_->addMenu(tr("View"));
  const std::pair<Place, QString> places[] = {{Place::cluster, tr("Cluster")},
                                              {Place::topics, tr("Topics")},
                                              {Place::groups, tr("Groups")},
                                              {Place::metrics, tr("Metrics")}};
  for (const auto& [place, name] : places) {
    add(view, name, QString("Ctrl+%1").arg(static_cast<int>(place) + 1),
        [this, p = place] { setPlace(p); });
  }
  view->addSeparator();
  add(view, tr("Inspector"), "F4", [this] { showInspector(!inspectorShown()); });
  add(view, tr("Timeline"), "F6",
      [this] { timeline_dock_->setVisible(!timeline_dock_->isVisible()); });
  add(view, tr("Event log"), "Ctrl+L", [this] {
    log_dock_->setVisible(!log_dock_->isVisible());
    if (log_dock_->isVisible()) log_->focusFilter();
  });
  view->addSeparator();
  add(view, tr("Dark or light"), "Ctrl+Shift+T", [this] { toggleTheme(); });
  add(view, tr("Larger text"), "Ctrl+Shift++", [this] { setTextScale(text_scale() + 0.1); });
  add(view, tr("Smaller text"), "Ctrl+Shift+-", [this] { setTextScale(text_scale() - 0.1); });
  QAction* reduce = add(view, tr("Reduce motion"), {}, [] {});
  reduce->setCheckable(true);
  reduce->setChecked(motion_reduced());
  connect(reduce, &QAction::toggled, this, [](bool on) {
    set_motion_reduced(on);
    QSettings().setValue("reduceMotion", on);
  });

  QMenu* cluster = menus_->addMenu(tr("Cluster"));
  add(cluster, tr("Fit the map"), "Ctrl+0", [this] { cluster_->map().fit(); });
  add(cluster, tr("Zoom in"), "Ctrl++", [this] { cluster_->map().zoomBy(1.25); });
  add(cluster, tr("Zoom out"), "Ctrl+-", [this] { cluster_->map().zoomBy(0.8); });
  cluster->addSeparator();
  QAction* create = add(cluster, tr("Create topic…"), "Ctrl+T", [this] {
    setPlace(Place::topics);
    topics_->createTopic();
  });
  connect(cluster, &QMenu::aboutToShow, create,
          [this, create] { create->setEnabled(feed_.snapshot()->capabilities.can_create_topics); });
}

void MainWindow::buildFaultMenu() {
  QMenu* faults = menus_->addMenu(tr("Faults"));
  QMenu* help = menus_->addMenu(tr("Help"));
  add(help, tr("Shortcuts"), "?", [this] { showShortcuts(); });
  add(faults, tr("Heal every link"), "Ctrl+H", [this] {
    feed_.post({observe::HealAll{}, std::nullopt});
  });
  // What the rest offers depends on what is there now.
  const auto fill = [this](QMenu* menu, QAction* keep) {
    for (QAction* action : menu->actions()) {
      if (action != keep) delete action;
    }
    menu->addSeparator();
    const auto snapshot = feed_.snapshot();
    const auto add_for = [&](const MapPick& pick, const QString& words) {
      auto sub = cluster_->map().menuFor(pick);
      if (sub->isEmpty()) return;
      sub->setTitle(words);
      sub->setParent(menu, Qt::Popup);
      menu->addMenu(sub.release());
    };
    const MapPick selected = to_pick(selection_.current());
    if (selected.kind != MapPick::Kind::nothing && selected.kind != MapPick::Kind::topic &&
        selected.kind != MapPick::Kind::group) {
      add_for(selected, tr("Selected"));
      menu->addSeparator();
    }
    if (snapshot->brokers.size() > 24) return;
    for (const auto& b : snapshot->brokers) {
      const QString id = QString::number(b.id.value());
      add_for({MapPick::Kind::broker, id.toStdString(), {}, -1}, tr("Broker %1").arg(id));
    }
    for (const auto& c : snapshot->controllers) {
      const QString id = QString::number(c.id.value());
      add_for({MapPick::Kind::controller, id.toStdString(), {}, -1}, tr("Controller %1").arg(id));
    }
    for (const auto& p : snapshot->producers) {
      add_for({MapPick::Kind::producer, p.name, {}, -1}, QString::fromStdString(p.name));
    }
  };
  QAction* heal = faults->actions().first();
  connect(faults, &QMenu::aboutToShow, this, [fill, faults, heal] { fill(faults, heal); });
  QMenu* button = transport_->faultMenu();
  button->addAction(heal);
  connect(button, &QMenu::aboutToShow, this, [fill, button, heal] { fill(button, heal); });
}

void MainWindow::fillPalette() {
  for (QAction* menu : menus_->actions()) {
    const QString place = menu->text();
    for (QAction* action : menu->menu()->actions()) {
      if (action->isSeparator() || action->menu()) continue;
      Command command;
      command.name = action->text();
      command.place = place;
      command.shortcut = action->shortcut().toString(QKeySequence::NativeText);
      command.run = [action] { action->trigger(); };
      palette_->addCommand(std::move(command));
    }
  }
  connect(palette_, &CommandPalette::objectChosen, this, [this] {
    showInspector(true);
    const SelectedThing& thing = selection_.current();
    if (std::holds_alternative<SelectedBroker>(thing) ||
        std::holds_alternative<SelectedController>(thing)) {
      setPlace(Place::cluster);
    }
  });
}

void MainWindow::showShortcuts() {
  auto* dialog = new QDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Shortcuts"));
  auto* grid = new QGridLayout(dialog);
  grid->setContentsMargins(24, 20, 24, 20);
  grid->setHorizontalSpacing(24);
  grid->setVerticalSpacing(6);
  int row = 0;
  int column = 0;
  const auto heading = [&](const QString& text) {
    auto* label = new QLabel(text, dialog);
    label->setFont(words(13, 600));
    grid->addWidget(label, row++, column, 1, 2);
  };
  const auto line = [&](const QString& keys, const QString& what) {
    auto* left = new QLabel(what, dialog);
    auto* right = new QLabel(keys, dialog);
    right->setFont(mono(12));
    right->setProperty("kind", "label");
    grid->addWidget(left, row, column);
    grid->addWidget(right, row++, column + 1);
  };
  for (QAction* menu : menus_->actions()) {
    heading(menu->text());
    for (QAction* action : menu->menu()->actions()) {
      if (!action->shortcut().isEmpty()) {
        line(action->shortcut().toString(QKeySequence::NativeText), action->text());
      }
    }
  }
  row = 0;
  column = 2;
  heading(tr("On the map"));
  line(tr("Arrows"), tr("Move the selection"));
  line("K", tr("Kill what is selected"));
  line("R", tr("Restart it"));
  line("P", tr("Pause or resume it"));
  line("+  −  0", tr("Zoom in, out, fit"));
  line("Z", tr("Hold to look closer at a small card"));
  line(tr("Drag"), tr("Across a link: cut it"));
  line(tr("Shift+drag"), tr("Around brokers: cut them from the rest"));
  line(tr("Ctrl+drag, middle drag"), tr("Move the map"));
  line(tr("Right-click, Menu"), tr("Everything that can be done"));
  heading(tr("On the timeline"));
  line(tr("Drag"), tr("Choose a span: places show what happened in it"));
  line("Esc", tr("Let go of the span"));
  line(tr("Ctrl+drag, middle drag"), tr("Move the axis"));
  dialog->show();
}

}  // namespace ottla::ui
