// The Gantt of a group's rebalances: what each member did over the last seconds, put together from
// snapshots, and under it why the group last rebalanced.
#pragma once

#include <QWidget>
#include <string>

#include "engine/observe/snapshot.h"
#include "ui/canvas/theme.h"
#include "ui/models/member_spans.h"
#include "ui/models/time_bands.h"
#include "ui/views/time_scale.h"

namespace ottla::ui {

class RebalanceView : public QWidget {
  Q_OBJECT

 public:
  explicit RebalanceView(const Theme& theme, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void show(std::shared_ptr<const observe::Snapshot> snapshot, const std::string& group,
            const MemberSpans& spans, const TimeBands& bands);
  QSize minimumSizeHint() const override { return {320, 150}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void paintAxis(QPainter& painter, const TimeScale& scale, double bottom) const;
  void paintTrack(QPainter& painter, const TimeScale& scale, const QRectF& row,
                  const MemberTrack& track) const;
  void paintStates(QPainter& painter, const TimeScale& scale, const QRectF& row) const;
  void paintAwaited(QPainter& painter, const observe::GroupState& group, const TimeScale& scale,
                    const QRectF& row, const MemberTrack& track) const;
  void paintLegend(QPainter& painter, double top) const;
  [[nodiscard]] TimeScale scaleNow() const;

  const Theme* theme_;
  std::shared_ptr<const observe::Snapshot> snapshot_;
  std::string group_;
  GroupTrack track_;
  std::deque<Band> states_;
};

// When the rebalance goes on without those it waits for, and who they are:
// "00:01:46.102, then billing-4 is removed". Empty while no deadline runs.
[[nodiscard]] QString deadline_words(const observe::GroupState& group, Instant start);

}  // namespace ottla::ui
