// Ctrl+K: every command of the window and every object of the cluster, found by a few letters and
// run without the mouse.
#pragma once

#include <QLineEdit>
#include <QPointer>
#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

#include "ui/canvas/icons.h"
#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"
#include "ui/feed/session_feed.h"

namespace ottla::ui {

struct Command {
  QString name;      // "Kill broker 4", "Fit the map"
  QString place;     // Where it belongs: "Cluster", "View".
  QString shortcut;  // As shown at the right; empty when it has none.
  std::function<void()> run;
  Icon icon = Icon::chevron;
  std::function<bool()> enabled = {};  // Left out of the list while it says no.
};

// Covers its parent while it is open; a click beside the box or Escape closes it.
class CommandPalette : public QWidget {
  Q_OBJECT

 public:
  static constexpr int rows_max = 10;

  CommandPalette(SessionFeed& feed, Selection& selection, const Theme& theme,
                 QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void addCommand(Command command);

  // What is listed now, the best first; for tests and screen readers.
  [[nodiscard]] QStringList listed() const;

 public slots:
  void open();
  void close();

 signals:
  void opened();
  void closed();
  // An object was chosen; the Selection has it already. A window may show its place.
  void objectChosen();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Entry {
    Command command;
    std::vector<int> matched;
    int score = 0;
  };

  void gatherObjects();
  void addObject(const QString& name, const QString& place, Icon icon, SelectedThing thing);
  void search(const QString& typed);
  void runCurrent();
  void layOut();
  void moveCurrent(int by);
  void paintEntry(QPainter& painter, const QRectF& row, const Entry& entry, bool current) const;
  [[nodiscard]] QRectF rowBox(int row) const;

  SessionFeed& feed_;
  Selection& selection_;
  const Theme* theme_;
  QLineEdit* field_;
  std::vector<Command> commands_;
  std::vector<Command> objects_;  // Of the snapshot at the moment it opened.
  std::vector<Entry> entries_;    // What matches, the best first; at most entries_max.
  int current_ = 0;
  int first_ = 0;  // The topmost row shown.
  QRectF box_;
  QPointer<QWidget> focus_before_;
};

}  // namespace ottla::ui
