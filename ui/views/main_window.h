// The window: menus, transport bar, places, docks and status line around one session. It owns the
// feed, the selection and the live theme, and remembers its layout.
#pragma once

#include <QMainWindow>
#include <QString>
#include <array>
#include <functional>

#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"

class QAction;
class QDockWidget;
class QLabel;
class QMenuBar;
class QPushButton;
class QStackedWidget;

namespace ottla::ui {

class ClusterPage;
class CommandPalette;
class Drawer;
class EventLogDock;
class Inspector;
class Navigation;
class StatusLine;
class TimelineDock;
class TopicsPage;
class TransportBar;

enum class Place : std::uint8_t { cluster, topics, groups, metrics };

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  // The session must outlive the window. `theme` is copied.
  MainWindow(observe::ClusterSession& session, const Theme& theme, QWidget* parent = nullptr);
  ~MainWindow() override;

  void setPlace(Place place);
  void setTheme(const Theme& theme);
  [[nodiscard]] const Theme& theme() const { return theme_; }
  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] Selection& selection() { return selection_; }
  [[nodiscard]] SessionFeed& feed() { return feed_; }
  [[nodiscard]] ClusterPage& clusterPage() { return *cluster_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void closeEvent(QCloseEvent* event) override;

 private:
  void buildTop();
  void buildPlaces();
  void buildDocks();
  void buildMenus();
  void buildFaultMenu();
  void fillPalette();
  QAction* add(QMenu* menu, const QString& words, const QString& shortcut,
               std::function<void()> act);
  void showShortcuts();
  // In its dock, or as a drawer over the page where the window is narrow.
  void showInspector(bool show);
  [[nodiscard]] bool inspectorShown() const;
  void placeInspector();
  void toggleTheme();
  void setTextScale(double scale);
  void remember();
  void recall();

  Theme theme_;
  SessionFeed feed_;
  Selection selection_;
  QMenuBar* menus_ = nullptr;
  QPushButton* search_ = nullptr;
  QLabel* title_ = nullptr;
  TransportBar* transport_ = nullptr;
  Navigation* navigation_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  std::array<QWidget*, 4> pages_{};  // By Place; null until first shown.
  Place place_ = Place::cluster;
  ClusterPage* cluster_ = nullptr;
  TopicsPage* topics_ = nullptr;
  Inspector* inspector_ = nullptr;
  TimelineDock* timeline_ = nullptr;
  EventLogDock* log_ = nullptr;
  QDockWidget* inspector_dock_ = nullptr;
  QWidget* inspector_home_ = nullptr;  // In the dock; empty while the drawer has the inspector.
  Drawer* drawer_ = nullptr;
  QDockWidget* timeline_dock_ = nullptr;
  QDockWidget* log_dock_ = nullptr;
  StatusLine* status_ = nullptr;
  CommandPalette* palette_ = nullptr;
  bool narrow_ = false;           // The inspector gave way.
  bool inspector_wanted_ = true;  // What a person chose, whatever the width allows.
};

}  // namespace ottla::ui
