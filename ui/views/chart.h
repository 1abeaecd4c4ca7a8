// One chart over the shared time axis: title and legend with the values at the cursor, faults as
// shaded bands, elections as ticks, curves of 1 px. What has no series yet says what would be here.
#pragma once

#include <QWidget>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/canvas/theme.h"
#include "ui/models/time_bands.h"

class QCPPainter;
class QCustomPlot;

namespace ottla::ui {

class ChartCursor;
class ChartShades;

struct ChartSeries {
  QString label;
  std::vector<std::string> keys;  // Of the history; more than one are added up.
};

enum class ChartUnit { bytes_per_second, per_second, records, milliseconds, seconds, partitions };

struct ChartSpec {
  QString title;
  QString note;  // Beside the unit: "worst partition of each group".
  ChartUnit unit = ChartUnit::records;
  std::vector<ChartSeries> series;  // At most six.
  bool steps = false;               // A count that holds until it changes.
  QString empty;                    // What would be here, while no series exists.
};

// The range of time that charts share.
struct ChartRange {
  Instant left;
  Instant right;
  bool operator==(const ChartRange&) const = default;
};

class Chart : public QWidget {
  Q_OBJECT

 public:
  static constexpr int header_height = 38;
  static constexpr int left_margin = 46;
  static constexpr int right_margin = 14;
  static constexpr std::size_t series_max = 6;

  Chart(ChartSpec spec, const Theme& theme, QWidget* parent = nullptr);
  ~Chart() override;

  void setTheme(const Theme& theme);
  void setSpec(ChartSpec spec);
  [[nodiscard]] const ChartSpec& spec() const { return spec_; }
  // Whether the time is written under it.
  void setTimeLabels(bool shown);
  void update(const observe::Snapshot& snapshot, const TimeBands& bands, const ChartRange& range);
  // The moment whose values the legend tells; the newest ones when there is none.
  void setCursor(std::optional<Instant> at);

  // The value of a series at this moment, in the series' own unit; for the legend and for tests.
  [[nodiscard]] std::optional<double> valueAt(std::size_t series, Instant at) const;
  // Draws it into the rect of its own size at the origin: for SVG and print.
  void paintTo(QCPPainter& painter);

  QSize sizeHint() const override { return {480, 150}; }
  QSize minimumSizeHint() const override { return {220, 104}; }

 signals:
  void cursorMoved(ottla::Instant at);
  void cursorLeft();
  void clicked(ottla::Instant at);
  // Wheel: zoom by this factor around this moment.
  void zoomed(double factor, ottla::Instant around);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildGraphs();
  void applyTheme();
  void paintHeader(QPainter& painter);
  void setValues();
  void placeCursor();
  [[nodiscard]] std::vector<observe::Point> pointsOf(const ChartSeries& series) const;
  [[nodiscard]] QString valueText(double value) const;
  [[nodiscard]] QString unitText() const;
  [[nodiscard]] Instant momentAt(double x) const;
  [[nodiscard]] bool empty() const;

  const Theme* theme_;
  ChartSpec spec_;
  QCustomPlot* plot_;
  ChartShades* shades_;
  ChartCursor* cursor_;
  bool time_labels_ = true;
  observe::Shared<observe::History> history_;
  Instant start_;
  ChartRange range_;
  std::optional<Instant> cursor_at_;
  double scale_ = 1;  // Values are drawn times this: 1e-6 for MB/s.
  int prefix_ = 0;    // In powers of a thousand, 1 for kB/s and thousands.
};

// The pen's dashes of the nth series: solid, 5-3, 8-3, 2-3, so that curves differ without colour.
[[nodiscard]] QVector<qreal> series_dashes(std::size_t series);
// Powers of a thousand to write a largest value with: 140 000 000 -> 2.
[[nodiscard]] int chart_prefix(ChartUnit unit, double largest);

}  // namespace ottla::ui
