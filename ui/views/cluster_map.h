// The cluster map as a widget: paints a picture of what stands still when it changes, and what
// moves over it sixty times a second; picks, zooms, pans, and cuts links that a stroke crosses.
#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <optional>

#include "ui/canvas/map_fades.h"
#include "ui/canvas/map_painter.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"

class QMenu;

namespace ottla::ui {

class ClusterMap : public QWidget {
  Q_OBJECT

 public:
  // Narrower than this, producers and groups give their room to the brokers.
  static constexpr int clients_width_min = 820;

  ClusterMap(SessionFeed& feed, Selection& selection, const Theme& theme,
             QWidget* parent = nullptr);

  [[nodiscard]] const MapFilter& filter() const { return filter_; }
  void setFilter(MapFilter filter);
  // As a person reads it: 1 is 100 %.
  [[nodiscard]] double zoom() const;
  void zoomBy(double factor);
  void fit();
  // The scene of the moment, for menus and tests; valid until the next event is processed.
  [[nodiscard]] MapScene scene() const;
  // Everything that can be done to what is picked.
  [[nodiscard]] std::unique_ptr<QMenu> menuFor(const MapPick& pick);
  [[nodiscard]] QSize sizeHint() const override { return {1216, 706}; }

 signals:
  void zoomChanged(double zoom);
  void copied(const QString& what);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;
  bool event(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  enum class Drag : std::uint8_t { none, pan, cut, lasso };

  void takeSnapshot();
  void rebuild();  // Contents, layout, routes.
  void relayout();
  void repaintAll();  // The still picture is wrong as a whole.
  void paintStillPicture();
  void paintLoupe(QPainter& painter);
  void tick();
  void updateTimer();
  void fadeFrom(const MapContents& before);
  void pick(const MapPick& pick);
  void setView(MapView view);
  void endDrag(QPoint at);
  [[nodiscard]] QString tipFor(const MapPick& pick) const;
  [[nodiscard]] bool act(int key);

  // Constant after construction.
  SessionFeed& feed_;
  Selection& selection_;
  const Theme& theme_;

  MapFilter filter_;
  std::shared_ptr<const observe::Snapshot> snapshot_;
  MapContents contents_;
  MapClients clients_;
  MapLayout layout_;
  MapRoutes routes_;
  MapView view_;
  bool fitted_ = true;

  QImage still_;
  bool still_dirty_ = true;
  std::vector<bool> dirty_brokers_;  // Only these, when the picture is else right.

  DotMotion motion_;
  MapFades fades_;
  QElapsedTimer wall_;
  QElapsedTimer since_rebuild_;
  QTimer frame_;
  QTimer late_rebuild_;

  MapPick hovered_;
  bool keyboard_ = false;  // The focus ring is drawn once a key moved it.
  bool loupe_ = false;
  Drag drag_ = Drag::none;
  QPoint press_;
  QPoint last_;
  bool moved_ = false;
};

[[nodiscard]] SelectedThing to_selection(const MapPick& pick);
[[nodiscard]] MapPick to_pick(const SelectedThing& thing);

}  // namespace ottla::ui
