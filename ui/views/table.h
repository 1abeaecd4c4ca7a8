// The table of every page: rows of 22, a raised header of 24, hairlines, chips for states, numbers
// in mono at the right. It paints cells itself, which costs less than half of Qt's own delegate.
#pragma once

#include <QHeaderView>
#include <QStyledItemDelegate>
#include <QTableView>
#include <vector>

#include "ui/canvas/glyphs.h"
#include "ui/canvas/theme.h"
#include "ui/models/cell.h"

namespace ottla::ui {

// How a model's tone and mark look.
[[nodiscard]] QColor cell_colour(const Theme& theme, CellTone tone);
[[nodiscard]] Tone chip_tone(CellTone tone);
[[nodiscard]] std::optional<Glyph> mark_glyph(Mark mark);

class Table : public QTableView {
  Q_OBJECT

 public:
  explicit Table(const Theme& theme, QWidget* parent = nullptr);

  void setTheme(const Theme& theme);
  [[nodiscard]] const Theme& theme() const { return *theme_; }
  // Widths in design pixels, by logical column. They share what the view has beyond their sum;
  // when it has less, the columns named last in `hidden_first` go one by one.
  void setColumns(std::vector<int> widths, std::vector<int> hidden_first = {});
  // What would be here, said where there are no rows.
  void setEmptyText(const QString& text);
  [[nodiscard]] int hoveredRow() const { return hovered_row_; }
  // Selects and scrolls to the row without taking the focus; nothing when it is -1.
  void showRow(int proxy_row);
  // High enough for its rows, up to this many.
  void setRowsShown(int rows_max);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  void fitColumns();
  void applyMetrics();
  void setHoveredRow(int row);

  const Theme* theme_;
  std::vector<int> widths_;
  std::vector<int> hidden_first_;
  QString empty_text_;
  int hovered_row_ = -1;
  int rows_shown_ = 0;
};

class TableHeader : public QHeaderView {
  Q_OBJECT

 public:
  explicit TableHeader(Table* table);

 protected:
  void paintSection(QPainter* painter, const QRect& rect, int section) const override;
  void paintEvent(QPaintEvent* event) override;

 private:
  Table* table_;
};

class CellDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  explicit CellDelegate(Table* table);
  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;

 protected:
  Table* table_;
};

// The ground of a cell: selection, hover, hairline, and the bar at the left of a selected row.
void draw_cell_ground(QPainter& painter, const Table& table, const QStyleOptionViewItem& option,
                      const QModelIndex& index);

}  // namespace ottla::ui
