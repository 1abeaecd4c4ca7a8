// What lies under and over a chart's curves: faults and elections, and the cursor with its rings.
#pragma once

#include <qcustomplot.h>

#include <optional>
#include <vector>

#include "ui/canvas/theme.h"
#include "ui/models/time_bands.h"

namespace ottla::ui {

// Faults as bands of 5 to 10 %, elections as ticks in the epoch's hue with a diamond on top.
class ChartShades : public QCPAbstractItem {
 public:
  explicit ChartShades(QCustomPlot* plot, const Theme& theme)
      : QCPAbstractItem(plot), theme_(&theme) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  void setTheme(const Theme& theme) { theme_ = &theme; }
  void show(const TimeBands& bands, Instant start, Instant now);

 protected:
  void draw(QCPPainter* painter) override;

 private:
  struct Shade {
    double from;
    double to;
    bool error;
  };
  struct Tick {
    double at;
    std::int32_t epoch;
  };
  const Theme* theme_;
  std::vector<Shade> shades_;
  std::vector<Tick> ticks_;
};

class ChartCursor : public QCPAbstractItem {
 public:
  struct Ring {
    double value;
    QColor colour;
  };
  explicit ChartCursor(QCustomPlot* plot, const Theme& theme)
      : QCPAbstractItem(plot), theme_(&theme) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  void setTheme(const Theme& theme) { theme_ = &theme; }
  void show(std::optional<double> at, std::vector<Ring> rings) {
    at_ = at;
    rings_ = std::move(rings);
  }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  const Theme* theme_;
  std::optional<double> at_;
  std::vector<Ring> rings_;
};

// Ticks at steps that people count time in, labelled as virtual time.
class ChartTimeTicker : public QCPAxisTicker {
 public:
  explicit ChartTimeTicker(const QCustomPlot* plot) : plot_(plot) {}

 protected:
  double getTickStep(const QCPRange& range) override;
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;

 private:
  const QCustomPlot* plot_;
};

// Whole and round steps, three or four of them, with thin spaces between thousands.
class ChartValueTicker : public QCPAxisTicker {
 public:
  ChartValueTicker() { setTickCount(4); }

 protected:
  int getSubTickCount(double) override { return 0; }
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;
};

}  // namespace ottla::ui
