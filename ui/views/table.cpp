#include "ui/views/table.h"

#include <QEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/canvas/fonts.h"
#include "ui/canvas/paint.h"

namespace ottla::ui {
namespace {

constexpr int row_height = 22;
constexpr int header_height = 24;
constexpr int padding = 8;
constexpr int first_padding = 16;

int scaled(int design_pixels) {
  return static_cast<int>(std::lround(design_pixels * text_scale()));
}

// The box of a cell's content: the first column stands clear of the selection bar.
QRectF content_box(const QRectF& cell, bool first) {
  return cell.adjusted(first ? first_padding : padding, 0, -padding, 0);
}

}  // namespace

QColor cell_colour(const Theme& theme, CellTone tone) {
  switch (tone) {
    case CellTone::plain: return theme.t1;
    case CellTone::muted: return theme.t3;
    case CellTone::ok: return theme.ok;
    case CellTone::info: return theme.info;
    case CellTone::warn: return theme.warn;
    case CellTone::err: return theme.err;
    case CellTone::stale: return theme.t3;
  }
  return theme.t1;
}

Tone chip_tone(CellTone tone) {
  switch (tone) {
    case CellTone::ok: return Tone::good;
    case CellTone::warn: return Tone::warning;
    case CellTone::err: return Tone::error;
    case CellTone::info: return Tone::information;
    default: return Tone::neutral;
  }
}

std::optional<Glyph> mark_glyph(Mark mark) {
  switch (mark) {
    case Mark::none: return std::nullopt;
    case Mark::check: return Glyph::check;
    case Mark::dot: return Glyph::dot;
    case Mark::warning: return Glyph::warning;
    case Mark::not_equal: return Glyph::not_equal;
    case Mark::cross: return Glyph::cross;
    case Mark::pause: return Glyph::pause;
    case Mark::square: return Glyph::square;
    case Mark::rewind: return Glyph::rewind;
    case Mark::hourglass: return Glyph::hourglass;
    case Mark::turning: return Glyph::turning;
    case Mark::ring: return Glyph::empty_ring;
    case Mark::clock: return Glyph::clock;
    case Mark::leader: return Glyph::diamond;
    case Mark::in_sync: return Glyph::equal;
    case Mark::cut: return Glyph::scissors;
    case Mark::flame: return Glyph::flame;
    case Mark::bolt: return Glyph::bolt;
    case Mark::up: return Glyph::arrow_up;
    case Mark::down: return Glyph::arrow_down;
  }
  return std::nullopt;
}

Table::Table(const Theme& theme, QWidget* parent) : QTableView(parent), theme_(&theme) {
  setHorizontalHeader(new TableHeader(this));
  setItemDelegate(new CellDelegate(this));
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setTabKeyNavigation(false);
  setShowGrid(false);
  setWordWrap(false);
  setMouseTracking(true);
  setFrameShape(NoFrame);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollMode(ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  setCornerButtonEnabled(false);
  applyMetrics();
}

void Table::setTheme(const Theme& theme) {
  theme_ = &theme;
  viewport()->update();
  horizontalHeader()->viewport()->update();
}

void Table::setColumns(std::vector<int> widths, std::vector<int> hidden_first) {
  widths_ = std::move(widths);
  hidden_first_ = std::move(hidden_first);
  fitColumns();
}

void Table::setEmptyText(const QString& text) {
  if (text == empty_text_) return;
  empty_text_ = text;
  viewport()->update();
}

void Table::showRow(int proxy_row) {
  if (proxy_row < 0 || !model()) return;
  if (selectionModel()->isRowSelected(proxy_row, {})) return;
  selectRow(proxy_row);
  scrollTo(model()->index(proxy_row, 0));
}

void Table::setRowsShown(int rows_max) {
  rows_shown_ = rows_max;
  updateGeometry();
}

QSize Table::sizeHint() const {
  if (rows_shown_ == 0) return QTableView::sizeHint();
  return {400, scaled(header_height) + rows_shown_ * scaled(row_height)};
}

QSize Table::minimumSizeHint() const {
  return {160, scaled(header_height) + 2 * scaled(row_height)};
}

void Table::applyMetrics() {
  verticalHeader()->setMinimumSectionSize(scaled(row_height));
  verticalHeader()->setDefaultSectionSize(scaled(row_height));
  horizontalHeader()->setFixedHeight(scaled(header_height));
  fitColumns();
}

void Table::fitColumns() {
  if (!model() || widths_.empty()) return;
  const int columns = std::min(model()->columnCount(), static_cast<int>(widths_.size()));
  std::vector<bool> shown(static_cast<std::size_t>(columns), true);
  const auto total = [&] {
    int sum = 0;
    for (std::size_t i = 0; i < shown.size(); ++i) sum += shown[i] ? scaled(widths_[i]) : 0;
    return sum;
  };
  for (const int column : hidden_first_) {
    if (total() <= viewport()->width()) break;
    shown[static_cast<std::size_t>(column)] = false;
  }
  const double stretch = std::max(1.0, viewport()->width() / static_cast<double>(total()));
  double edge = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    setColumnHidden(static_cast<int>(i), !shown[i]);
    if (!shown[i]) continue;
    const double next = edge + scaled(widths_[i]) * stretch;
    setColumnWidth(static_cast<int>(i), static_cast<int>(std::floor(next) - std::floor(edge)));
    edge = next;
  }
}

void Table::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  fitColumns();
}

void Table::changeEvent(QEvent* event) {
  QTableView::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) applyMetrics();
}

void Table::mouseMoveEvent(QMouseEvent* event) {
  setHoveredRow(rowAt(event->pos().y()));
  QTableView::mouseMoveEvent(event);
}

void Table::leaveEvent(QEvent* event) {
  setHoveredRow(-1);
  QTableView::leaveEvent(event);
}

void Table::setHoveredRow(int row) {
  if (row == hovered_row_) return;
  hovered_row_ = row;
  viewport()->update();
}

void Table::paintEvent(QPaintEvent* event) {
  QTableView::paintEvent(event);
  QPainter painter(viewport());
  if (model() && model()->rowCount() == 0 && !empty_text_.isEmpty()) {
    draw_text(painter, QRectF(viewport()->rect()).adjusted(first_padding, 0, -16, 0), empty_text_,
              words(12), theme_->t3);
  }
  if (!hasFocus() || !currentIndex().isValid()) return;
  QRect row = visualRect(currentIndex());
  row.setLeft(0);
  row.setRight(viewport()->width() - 1);
  painter.setPen(QPen(theme_->accent, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(row.adjusted(1, 1, -1, -2));
}

TableHeader::TableHeader(Table* table) : QHeaderView(Qt::Horizontal, table), table_(table) {
  setSectionsClickable(true);
  setHighlightSections(false);
  setSectionsMovable(true);
  setMinimumSectionSize(24);
  setFocusPolicy(Qt::NoFocus);
}

void TableHeader::paintEvent(QPaintEvent* event) {
  QPainter ground(viewport());
  ground.fillRect(rect(), table_->theme().raised);
  ground.end();
  QHeaderView::paintEvent(event);
}

void TableHeader::paintSection(QPainter* painter, const QRect& rect, int section) const {
  const Theme& theme = table_->theme();
  painter->fillRect(rect, theme.raised);
  if (!model()) return;
  const auto alignment = static_cast<Qt::Alignment>(
      model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).toInt());
  const bool right = alignment.testFlag(Qt::AlignRight);
  QRectF box = content_box(rect, visualIndex(section) == 0);
  const QString title = model()->headerData(section, Qt::Horizontal).toString();
  const bool sorted = isSortIndicatorShown() && sortIndicatorSection() == section;
  const QFont font = words(11, 600);
  const double width = std::min(text_width(title, font), box.width());
  if (sorted) {
    const bool down = sortIndicatorOrder() == Qt::DescendingOrder;
    const double x = right ? box.right() - width - 7 : box.left() + width + 7;
    const double y = box.center().y() + 0.5;
    const double tip = down ? 2.5 : -2.5;
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(theme.accent, 1.5));
    painter->drawPolyline(
        QPolygonF({{x - 3, y - tip / 2}, {x, y + tip / 2}, {x + 3, y - tip / 2}}));
  }
  draw_text(*painter, box, title, font, sorted ? theme.t1 : theme.t3,
            (right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

CellDelegate::CellDelegate(Table* table) : QStyledItemDelegate(table), table_(table) {}

void draw_cell_ground(QPainter& painter, const Table& table, const QStyleOptionViewItem& option,
                      const QModelIndex& index) {
  const Theme& theme = table.theme();
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  if (selected) {
    painter.fillRect(option.rect, theme.accent_bg);
  } else if (index.row() == table.hoveredRow()) {
    painter.fillRect(option.rect, mixed(theme.bg, theme.hover, 0.5));
  }
  painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                   with_alpha(theme.line, 0.6));
  if (selected && table.horizontalHeader()->visualIndex(index.column()) == 0) {
    painter.fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()),
                     theme.accent);
  }
}

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const {
  const Theme& theme = table_->theme();
  painter->save();
  draw_cell_ground(*painter, *table_, option, index);
  const Cell cell = index.data(cell_role).value<Cell>();
  const bool first = table_->horizontalHeader()->visualIndex(index.column()) == 0;
  const QRectF box = content_box(QRectF(option.rect).adjusted(0, 0, 0, -1), first);
  const std::optional<Glyph> glyph = mark_glyph(cell.mark);
  if (cell.chip) {
    const ChipLook chip{cell.text, glyph, chip_tone(cell.tone)};
    const double height = std::min(box.height() - 2, 20.0);
    const double width = std::min(chip_width(chip), box.width() + padding - 2);
    draw_chip(*painter,
              {box.left() - (first ? 0 : 6), box.center().y() - height / 2, width, height}, chip,
              theme);
    painter->restore();
    return;
  }
  const QFont font =
      cell.mono ? mono(11.5, cell.strong ? 500 : 400) : words(12, cell.strong ? 600 : 400);
  const QColor colour = cell_colour(theme, cell.tone);
  const double glyph_width = glyph ? 15 : 0;
  const double width = std::min(text_width(cell.text, font), box.width() - glyph_width);
  const double left = cell.number ? box.right() - width - glyph_width : box.left();
  if (glyph) draw_glyph(*painter, *glyph, {left + 4.5, box.center().y()}, 9, colour);
  draw_text(*painter, {left + glyph_width, box.top(), width + 1, box.height()}, cell.text, font,
            colour);
  painter->restore();
}

}  // namespace ottla::ui
