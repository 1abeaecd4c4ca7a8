// The transport bar: play, pause, step, the virtual time, speed, seed and faults; the health strip
// at its right. What the session cannot do is disabled.
#pragma once

#include <QMenu>
#include <QSlider>
#include <string>

#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"
#include "ui/views/bars.h"

class QLabel;

namespace ottla::ui {

class HealthStrip;

// The speed, on a logarithmic scale with a mark at 1x.
class SpeedSlider : public QSlider {
  Q_OBJECT

 public:
  explicit SpeedSlider(const Theme& theme, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;

 private:
  [[nodiscard]] int placeAt(double x) const;
  const Theme& theme_;
};

class TransportBar : public Bar {
  Q_OBJECT

 public:
  TransportBar(SessionFeed& feed, Selection& selection, const Theme& theme,
               QWidget* parent = nullptr);

  // The menu that the Fault button opens; filled by the window.
  [[nodiscard]] QMenu* faultMenu() { return fault_menu_; }
  [[nodiscard]] HealthStrip* health() { return health_; }

 public slots:
  void playOrPause();
  void stepEvent();
  // Runs to the next event of the kind that was chosen last, an election at first.
  void stepToNext();
  void faster();
  void slower();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  class TimeLabel;
  void refresh();
  void setSpeed(double speed);
  void fillNextMenu();
  void fillSpeedMenu();

  SessionFeed& feed_;
  IconButton* play_;
  IconButton* step_;
  IconButton* next_;
  QToolButton* next_kind_;
  TimeLabel* time_;
  QLabel* speed_word_;
  SpeedSlider* slider_;
  QToolButton* speed_value_;
  QLabel* seed_;
  IconButton* fault_;
  QMenu* fault_menu_;
  HealthStrip* health_;
  std::string kind_ = "leader_elected";
  bool refreshing_ = false;
};

}  // namespace ottla::ui
