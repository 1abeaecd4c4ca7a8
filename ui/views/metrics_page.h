// The Metrics place: charts of the cluster over one time axis with one cursor.
#pragma once

#include <QButtonGroup>
#include <QGridLayout>
#include <QScrollArea>
#include <QToolButton>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"
#include "ui/models/time_bands.h"
#include "ui/views/chart.h"
#include "ui/views/fault_strip.h"
#include "ui/views/page_parts.h"

namespace ottla::ui {

class MetricsPage : public QWidget {
  Q_OBJECT

 public:
  MetricsPage(SessionFeed& feed, Selection& selection, const Theme& theme,
              QWidget* parent = nullptr);
  void setTheme(const Theme& theme);

  // The moment under the cursor, in every chart; none: the newest values.
  void setCursor(std::optional<Instant> at);
  [[nodiscard]] std::optional<Instant> cursor() const { return cursor_; }
  // Seconds of the run that are shown, up to now; 0 is the whole run.
  void setWindow(int seconds);
  // Writes the charts that are shown: .png, .svg or .csv by the ending. Returns what went wrong.
  QString exportTo(const QString& path);

 signals:
  // The cursor was put down here: another place may show this moment.
  void momentChosen(ottla::Instant at);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Entry {
    Chart* chart;
    int tabs;  // Bits of the tabs it is on.
  };

  void buildBar();
  void buildCharts();
  void addChart(int tabs, ChartSpec spec);
  void specifyGroupsAndBrokers();
  void layOut();
  void refresh();
  void updateIcons();
  void exportAs(const QString& suffix);
  [[nodiscard]] ChartRange range() const;
  [[nodiscard]] std::vector<Chart*> shown() const;

  SessionFeed& feed_;
  Selection& selection_;
  const Theme* theme_;
  TimeBands bands_;
  PageBar* bar_;
  QButtonGroup* tabs_;
  QToolButton* window_;
  QToolButton* export_;
  ErrorBox* error_;
  QScrollArea* scroll_;
  QWidget* page_;
  QGridLayout* grid_;
  std::vector<Entry> charts_;
  std::vector<FaultStrip*> strips_;
  std::vector<TimeTag*> tags_;
  Chart* leaders_ = nullptr;
  Chart* lag_ = nullptr;
  Chart* lag_seconds_ = nullptr;
  std::vector<std::string> series_names_;  // Brokers and groups that the charts were made for.
  int columns_ = 0;
  int window_s_ = 60;
  std::optional<Instant> zoom_left_;  // Zoomed by hand: the left edge and the width stay.
  double zoom_s_ = 0;
  std::optional<Instant> cursor_;
  bool pinned_ = false;
};

}  // namespace ottla::ui
