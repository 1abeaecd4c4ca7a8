// The timeline along the bottom: faults, elections, ISR changes, groups and records in, on one time
// axis with the playhead. It follows the present until somebody scrolls. A drag chooses a span of
// time; Ctrl or the middle button drags the axis.
#pragma once

#include <QToolButton>
#include <QWidget>
#include <array>
#include <optional>
#include <vector>

#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"
#include "ui/models/time_bands.h"
#include "ui/views/time_scale.h"
#include "ui/views/timeline_lanes.h"

namespace ottla::ui {

class TimelineDock : public QWidget {
  Q_OBJECT

 public:
  TimelineDock(SessionFeed& feed, Selection& selection, const Theme& theme,
               QWidget* parent = nullptr);
  void setTheme(const Theme& theme);

  [[nodiscard]] const TimeScale& scale() const { return scale_; }
  [[nodiscard]] bool following() const { return following_; }
  QSize sizeHint() const override { return {800, 146}; }
  QSize minimumSizeHint() const override { return {320, 64}; }

 public slots:
  void zoomIn();
  void zoomOut();
  // Keeps the present in view again.
  void follow();
  // Puts this moment in the middle and stops following.
  void showMoment(Instant at);

 signals:
  // A click on the ruler: go to this time.
  void timeChosen(ottla::Instant at);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void takeEvents(int count);
  void refresh();
  void place();
  void scrollBy(double pixels);
  void zoomBy(double factor, double around_x);
  void updateIcons();
  [[nodiscard]] const TimelineHit* hitAt(QPointF at) const;
  void selectSubject(std::uint64_t event);
  void paintSpan(QPainter& painter) const;
  void brush(double from_x, double to_x);

  SessionFeed& feed_;
  Selection& selection_;
  const Theme* theme_;
  TimeBands bands_;
  TimeScale scale_;
  bool following_ = true;
  std::vector<TimelineHit> hits_;  // Of the last paint; the topmost last.
  QToolButton* zoom_out_;
  QToolButton* zoom_in_;
  QToolButton* follow_;
  std::optional<QPointF> pressed_at_;
  QPointF dragged_to_;
  bool dragged_ = false;
  bool panning_ = false;  // What the drag does, if it does not brush.
};

}  // namespace ottla::ui
