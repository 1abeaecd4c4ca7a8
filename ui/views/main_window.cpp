#include "ui/views/main_window.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QPainter>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/canvas/fonts.h"
#include "ui/canvas/format.h"
#include "ui/canvas/icons.h"
#include "ui/canvas/motion.h"
#include "ui/canvas/paint.h"
#include "ui/canvas/style_sheet.h"
#include "ui/views/cluster_map.h"
#include "ui/views/cluster_page.h"
#include "ui/views/command_palette.h"
#include "ui/views/drawer.h"
#include "ui/views/event_log.h"
#include "ui/views/groups_page.h"
#include "ui/views/health_strip.h"
#include "ui/views/inspector.h"
#include "ui/views/metrics_page.h"
#include "ui/views/navigation.h"
#include "ui/views/status_line.h"
#include "ui/views/timeline.h"
#include "ui/views/topics_page.h"
#include "ui/views/transport_bar.h"

namespace ottla::ui {
namespace {

constexpr int menu_row_height = 30;
constexpr int drawer_below = 1280;  // Narrower, the inspector gives its room to the page.
constexpr int labels_below = 1024;
constexpr int layout_version = 1;

// The mark and the name, at the left of the menus.
class WordMark : public QWidget {
 public:
  explicit WordMark(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme) {
    setFixedSize(74, menu_row_height);
    setAccessibleName("Ottla");
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    draw_mark(painter, {20, height() / 2.0}, 15, theme_.accent);
    draw_text(painter, {32, 0, 42, static_cast<double>(height())}, "Ottla", words(13, 600),
              theme_.t1);
  }

 private:
  const Theme& theme_;
};

QWidget* no_title(QDockWidget* dock) {
  auto* nothing = new QWidget(dock);
  nothing->setFixedHeight(0);
  return nothing;
}

}  // namespace

MainWindow::MainWindow(observe::ClusterSession& session, const Theme& theme, QWidget* parent)
    : QMainWindow(parent), theme_(theme), feed_(session, nullptr) {
  setObjectName("mainWindow");
  setMinimumSize(800, 600);
  resize(1600, 1000);
  QSettings settings;
  set_motion_reduced(motion_reduced() || settings.value("reduceMotion", false).toBool());
  set_text_scale(settings.value("textScale", 1.0).toDouble());
  QApplication::setPalette(make_palette(theme_));
  QApplication::setFont(words(12));
  qApp->setStyleSheet(style_sheet(theme_));
  setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowTabbedDocks);
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
  buildTop();
  buildPlaces();
  buildDocks();
  palette_ = new CommandPalette(feed_, selection_, theme_, this);
  palette_->hide();
  buildMenus();
  buildFaultMenu();
  fillPalette();
  connect(&feed_, &SessionFeed::commandRefused, this,
          [this](const QString& why) { status_->say(why, Tone::error); });
  const auto titles = [this] {
    const observe::RunState& run = feed_.snapshot()->run;
    const QString kind = QString::fromStdString(run.kind);
    const QString name = QString::fromStdString(run.title);
    title_->setText(name.isEmpty() ? kind : kind + "  •  " + name);
    setWindowTitle(name.isEmpty() ? "Ottla" : name + " – Ottla");
  };
  connect(&feed_, &SessionFeed::snapshotChanged, this, titles);
  titles();
  recall();
  cluster_->map().setFocus();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildTop() {
  auto* top = new QWidget(this);
  auto* column = new QVBoxLayout(top);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* bar = new Bar(theme_, Bar::Edge::bottom, top);
  bar->setFixedHeight(menu_row_height);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 14, 1);
  row->setSpacing(0);
  row->addWidget(new WordMark(theme_, bar));
  menus_ = new QMenuBar(bar);
  menus_->setNativeMenuBar(false);
  menus_->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
  row->addWidget(menus_, 0, Qt::AlignVCenter);
  row->addStretch(1);
  search_ = new QPushButton(tr("Search, or run a command      Ctrl+K"), bar);
  search_->setObjectName("search");
  search_->setFixedHeight(22);
  search_->setMinimumWidth(200);
  search_->setMaximumWidth(360);
  search_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  search_->setAccessibleName(tr("Search, or run a command"));
  connect(search_, &QPushButton::clicked, this, [this] { palette_->open(); });
  row->addWidget(search_, 3);
  row->addStretch(1);
  title_ = new QLabel(bar);
  title_->setProperty("kind", "label");
  row->addWidget(title_);
  column->addWidget(bar);
  transport_ = new TransportBar(feed_, selection_, theme_, top);
  column->addWidget(transport_);
  setMenuWidget(top);
}

void MainWindow::buildPlaces() {
  auto* centre = new QWidget(this);
  auto* row = new QHBoxLayout(centre);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  navigation_ = new Navigation(theme_, centre);
  stack_ = new QStackedWidget(centre);
  row->addWidget(navigation_);
  row->addWidget(stack_, 1);
  cluster_ = new ClusterPage(feed_, selection_, theme_, stack_);
  stack_->addWidget(cluster_);
  navigation_->addPlace(Icon::cluster, tr("Cluster"));
  navigation_->addPlace(Icon::topics, tr("Topics"));
  navigation_->addPlace(Icon::groups, tr("Groups"));
  navigation_->addPlace(Icon::metrics, tr("Metrics"));
  connect(navigation_, &Navigation::placeChosen, this,
          [this](int place) { setPlace(static_cast<Place>(place)); });
  connect(navigation_, &Navigation::helpAsked, this, &MainWindow::showShortcuts);
  setCentralWidget(centre);
}

void MainWindow::buildDocks() {
  const auto dock = [this](const QString& title, const char* name, QWidget* inside,
                           Qt::DockWidgetArea area) {
    auto* made = new QDockWidget(title, this);
    made->setObjectName(name);
    made->setWidget(inside);
    made->setTitleBarWidget(no_title(made));
    made->setFeatures(QDockWidget::DockWidgetClosable);
    addDockWidget(area, made);
    return made;
  };
  inspector_ = new Inspector(feed_, selection_, theme_, this);
  drawer_ = new Drawer(theme_, stack_);
  inspector_home_ = new QWidget(this);
  inspector_home_->setMinimumWidth(inspector_->minimumWidth());
  inspector_home_->setMaximumWidth(inspector_->maximumWidth());
  auto* home = new QVBoxLayout(inspector_home_);
  home->setContentsMargins(0, 0, 0, 0);
  home->addWidget(inspector_);
  inspector_dock_ = dock(tr("Inspector"), "inspector", inspector_home_, Qt::RightDockWidgetArea);
  timeline_ = new TimelineDock(feed_, selection_, theme_, this);
  timeline_dock_ = dock(tr("Timeline"), "timeline", timeline_, Qt::BottomDockWidgetArea);
  timeline_->setMinimumHeight(64);
  timeline_->setMaximumHeight(320);
  log_ = new EventLogDock(feed_, selection_, theme_, this);
  log_dock_ = dock(tr("Event log"), "eventLog", log_, Qt::BottomDockWidgetArea);
  splitDockWidget(timeline_dock_, log_dock_, Qt::Vertical);
  log_dock_->hide();
  connect(log_, &EventLogDock::momentChosen, timeline_, &TimelineDock::showMoment);
  resizeDocks({inspector_dock_}, {312}, Qt::Horizontal);
  resizeDocks({timeline_dock_}, {146}, Qt::Vertical);
  status_ = new StatusLine(feed_, theme_, this);
  connect(status_, &StatusLine::eventLogAsked, this,
          [this] { log_dock_->setVisible(!log_dock_->isVisible()); });
  connect(&cluster_->map(), &ClusterMap::copied, this,
          [this](const QString& what) { status_->say(tr("Copied %1").arg(what), Tone::good); });
  // The status line spans the window, below the docks.
  auto* bottom = new QDockWidget(this);
  bottom->setObjectName("status");
  bottom->setTitleBarWidget(no_title(bottom));
  bottom->setFeatures(QDockWidget::NoDockWidgetFeatures);
  bottom->setWidget(status_);
  addDockWidget(Qt::BottomDockWidgetArea, bottom);
  splitDockWidget(log_dock_, bottom, Qt::Vertical);
}

void MainWindow::setPlace(Place place) {
  // Made when they are first asked for, so that the window opens on the map at once.
  QWidget*& page = pages_[static_cast<std::size_t>(place)];
  if (!page) {
    switch (place) {
      case Place::cluster: page = cluster_; break;
      case Place::topics: page = topics_ = new TopicsPage(feed_, selection_, theme_, stack_); break;
      case Place::groups: page = new GroupsPage(feed_, selection_, theme_, stack_); break;
      case Place::metrics: page = new MetricsPage(feed_, selection_, theme_, stack_); break;
    }
    if (place != Place::cluster) stack_->addWidget(page);
  }
  place_ = place;
  stack_->setCurrentWidget(page);
  navigation_->setPlace(static_cast<int>(place));
}

void MainWindow::setTheme(const Theme& theme) {
  theme_ = theme;
  QApplication::setPalette(make_palette(theme_));
  qApp->setStyleSheet(style_sheet(theme_));
  // Widgets that paint themselves hear of it even when no style reaches them.
  for (QWidget* widget : findChildren<QWidget*>()) {
    QEvent changed(QEvent::PaletteChange);
    QApplication::sendEvent(widget, &changed);
    widget->update();
  }
}

void MainWindow::toggleTheme() {
  setTheme(theme_.is_dark ? Theme::light() : Theme::dark());
  QSettings().setValue("theme", theme_.is_dark ? "dark" : "light");
}

void MainWindow::setTextScale(double scale) {
  set_text_scale(scale);
  QSettings().setValue("textScale", text_scale());
  QApplication::setFont(words(12));
  setTheme(Theme(theme_));
}

void MainWindow::resizeEvent(QResizeEvent* event) {
  QMainWindow::resizeEvent(event);
  const bool narrow = width() < drawer_below;
  if (narrow != narrow_) {
    narrow_ = narrow;
    placeInspector();
  }
  navigation_->setLabels(width() >= labels_below);
  title_->setVisible(width() >= 1100);
  search_->setText(width() < 1000 ? tr("Search  Ctrl+K")
                                  : tr("Search, or run a command      Ctrl+K"));
  if (height() < 680) {
    timeline_->setMaximumHeight(64);
  } else {
    timeline_->setMaximumHeight(320);
    if (event->oldSize().height() < 680) resizeDocks({timeline_dock_}, {146}, Qt::Vertical);
  }
}

void MainWindow::placeInspector() {
  drawer_->setOpen(false);
  if (narrow_) {
    drawer_->hold(inspector_);
  } else {
    inspector_home_->layout()->addWidget(inspector_);
  }
  inspector_dock_->setVisible(!narrow_ && inspector_wanted_);
}

bool MainWindow::inspectorShown() const {
  return narrow_ ? drawer_->isOpen() : inspector_dock_->isVisible();
}

void MainWindow::showInspector(bool show) {
  if (narrow_) return drawer_->setOpen(show);
  inspector_wanted_ = show;
  inspector_dock_->setVisible(show);
}

void MainWindow::closeEvent(QCloseEvent* event) {
  remember();
  QMainWindow::closeEvent(event);
}

void MainWindow::remember() {
  QSettings settings;
  settings.setValue("geometry", saveGeometry());
  settings.setValue("layout", saveState(layout_version));
  settings.setValue("inspector", inspector_wanted_);
  settings.setValue("place", static_cast<int>(place_));
}

void MainWindow::recall() {
  const QSettings settings;
  inspector_wanted_ = settings.value("inspector", true).toBool();
  if (settings.contains("geometry")) restoreGeometry(settings.value("geometry").toByteArray());
  if (settings.contains("layout"))
    restoreState(settings.value("layout").toByteArray(), layout_version);
  placeInspector();
  setPlace(static_cast<Place>(std::clamp(settings.value("place", 0).toInt(), 0, 3)));
}

}  // namespace ottla::ui
