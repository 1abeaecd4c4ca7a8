// Over a column of charts: the faults by name, on the charts' time axis. Under it: the time at the
// cursor.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/feed/session_feed.h"
#include "ui/models/time_bands.h"
#include "ui/views/chart.h"
#include "ui/views/timeline_lanes.h"

namespace ottla::ui {

class FaultStrip : public QWidget {
  Q_OBJECT

 public:
  FaultStrip(SessionFeed& feed, const TimeBands& bands, const Theme& theme,
             QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void setRange(const ChartRange& range);

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  SessionFeed& feed_;
  const TimeBands& bands_;
  const Theme* theme_;
  ChartRange range_;
  std::vector<TimelineHit> hits_;
};

class TimeTag : public QWidget {
  Q_OBJECT

 public:
  explicit TimeTag(const Theme& theme, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void show(std::optional<Instant> at, Instant start, const ChartRange& range);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const Theme* theme_;
  std::optional<Instant> at_;
  Instant start_;
  ChartRange range_;
};

// Charts' time axis in a widget of this width.
[[nodiscard]] TimeScale chart_scale(const ChartRange& range, double width);

}  // namespace ottla::ui
