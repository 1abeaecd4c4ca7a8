// The Cluster place: the map with its toolbar above and its legend below.
#pragma once

#include <QWidget>

#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"

class QButtonGroup;
class QHBoxLayout;
class QLabel;
class QToolButton;

namespace ottla::ui {

class ClusterMap;
class EdgeTab;

class ClusterPage : public QWidget {
  Q_OBJECT

 public:
  ClusterPage(SessionFeed& feed, Selection& selection, const Theme& theme,
              QWidget* parent = nullptr);

  [[nodiscard]] ClusterMap& map() { return *map_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QWidget* makeToolbar();
  void updateTopics();
  void updateFilter();
  void updateZoom(double zoom);

  SessionFeed& feed_;
  const Theme& theme_;
  ClusterMap* map_;
  // What the map folds away when it is narrow.
  EdgeTab* producers_;
  EdgeTab* groups_;
  QButtonGroup* modes_ = nullptr;
  QHBoxLayout* topics_ = nullptr;
  QLabel* summary_ = nullptr;
  QLabel* zoom_ = nullptr;
  QToolButton* internal_ = nullptr;
  std::vector<std::string> topic_names_;
  std::vector<QToolButton*> topic_chips_;
};

// What colours, glyphs, edges and dots mean; shows what has room.
class MapLegend : public QWidget {
  Q_OBJECT

 public:
  MapLegend(ClusterMap& map, SessionFeed& feed, const Theme& theme, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  ClusterMap& map_;
  SessionFeed& feed_;
  const Theme& theme_;
};

}  // namespace ottla::ui
