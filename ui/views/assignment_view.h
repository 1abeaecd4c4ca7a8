// Who reads what: the members of a group at the left, its partitions at the right with a bar for
// their lag, and a ribbon from each member to each partition it owns.
#pragma once

#include <QWidget>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/canvas/theme.h"
#include "ui/feed/selection.h"

namespace ottla::ui {

// Where everything lies, for a size; pure, so that it is tested without a window.
struct AssignmentLayout {
  struct Member {
    QRectF box;
    int partitions = 0;
  };
  struct Row {
    QRectF chip;          // The partition's number.
    int member = -1;      // Who owns it; -1: nobody.
    int state = -1;       // In the group's partitions; -1 is a topic's heading.
    std::string heading;  // The topic.
  };
  std::vector<Member> members;
  std::vector<Row> rows;
  double bars_left = 0;   // Lag bars begin here
  double bars_right = 0;  // and the longest ends here.
  double height = 0;      // What it needs; more than the size asked for when it must scroll.

  [[nodiscard]] static AssignmentLayout of(const observe::GroupState& group, double width,
                                           double height);
};

class AssignmentView : public QWidget {
  Q_OBJECT

 public:
  AssignmentView(Selection& selection, const Theme& theme, QWidget* parent = nullptr);
  void setTheme(const Theme& theme);
  void show(observe::Shared<observe::GroupState> group);
  QSize minimumSizeHint() const override { return {320, 150}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void paintRibbons(QPainter& painter, const AssignmentLayout& layout) const;
  void paintMember(QPainter& painter, const AssignmentLayout& layout, std::size_t index) const;
  void paintRow(QPainter& painter, const AssignmentLayout& layout, const AssignmentLayout::Row& row,
                double largest) const;
  [[nodiscard]] QColor memberHue(int member) const;
  [[nodiscard]] AssignmentLayout layoutNow() const;

  Selection& selection_;
  const Theme* theme_;
  observe::Shared<observe::GroupState> group_;
  double scrolled_ = 0;
};

}  // namespace ottla::ui
