// The answer in three seconds: at most four chips at the right of the transport bar, the worst
// last, each of which selects what it names.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/canvas/paint.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"

namespace ottla::ui {

struct HealthChip {
  ChipLook look;
  int rank = 0;  // How bad: 0 is good.
  SelectedThing selects;
};
// The chips of a snapshot, the worst last; at most four.
[[nodiscard]] std::vector<HealthChip> health_chips(const observe::Snapshot& snapshot);

class HealthStrip : public QWidget {
  Q_OBJECT

 public:
  HealthStrip(SessionFeed& feed, Selection& selection, const Theme& theme,
              QWidget* parent = nullptr);
  // How many of the worst are shown; the rest is a count.
  void setChipsMax(std::size_t count);
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 signals:
  void chosen();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void refresh();
  [[nodiscard]] std::vector<std::pair<QRectF, const HealthChip*>> places(double room) const;
  [[nodiscard]] QSize sizeFor(double room) const;
  void choose(const HealthChip& chip);

  SessionFeed& feed_;
  Selection& selection_;
  const Theme& theme_;
  std::vector<HealthChip> chips_;
  std::size_t chips_max_ = 4;
  std::size_t focused_ = 0;
};

}  // namespace ottla::ui
