// A table model over rows that have a key. A new list of rows becomes inserts, removes, moves and
// dataChanged, never a reset: selections, scroll positions and open editors stay where they were.
//
// `Row` has `Key key() const` (comparable with < and ==) and operator==. A subclass names its
// columns and writes cells; it does nothing else.
#pragma once

#include <QAbstractTableModel>
#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "ui/models/cell.h"

namespace ottla::ui {

template <class Row>
class KeyedRows : public QAbstractTableModel {
 public:
  using Key = std::remove_cvref_t<decltype(std::declval<const Row&>().key())>;
  using QAbstractTableModel::QAbstractTableModel;

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const Row& row(int index) const { return rows_[static_cast<std::size_t>(index)]; }
  // The index of the row with this key, or -1.
  [[nodiscard]] int find(const Key& key) const { return find_from(0, key); }

  int rowCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
  }
  int columnCount(const QModelIndex& parent = {}) const override {
    return parent.isValid() ? 0 : static_cast<int>(columns().size());
  }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 protected:
  [[nodiscard]] virtual const std::vector<Column>& columns() const = 0;
  // Text, tone, mark and sort value; alignment and font come from the column.
  [[nodiscard]] virtual Cell cell(const Row& row, int column) const = 0;

  // Makes `next` what the model shows. Of rows with the same key, the first is kept.
  void show(std::vector<Row> next);

 private:
  int find_from(std::size_t first, const Key& key) const {
    for (std::size_t i = first; i < rows_.size(); ++i) {
      if (rows_[i].key() == key) return static_cast<int>(i);
    }
    return -1;
  }
  void remove_missing(const std::set<Key>& next_keys);
  void place(std::vector<Row>& next);
  void replace_changed(std::vector<Row>& next);

  std::vector<Row> rows_;
};

template <class Row>
QVariant KeyedRows<Row>::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Column& column = columns()[static_cast<std::size_t>(index.column())];
  if (role == Qt::TextAlignmentRole) {
    return QVariant((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != cell_role &&
      role != sort_role && role != Qt::AccessibleTextRole) {
    return {};
  }
  Cell made = cell(row(index.row()), index.column());
  if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) return made.text;
  if (role == Qt::ToolTipRole) return made.tip.isEmpty() ? QVariant() : QVariant(made.tip);
  if (role == sort_role) return made.sort.isValid() ? made.sort : QVariant(made.text);
  made.number = column.number;
  made.mono = made.mono || column.mono || column.number;
  made.strong = made.strong || column.strong;
  return QVariant::fromValue(made);
}

template <class Row>
QVariant KeyedRows<Row>::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const Column& column = columns()[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole: return QString::fromUtf8(column.title);
    case Qt::ToolTipRole: return QString::fromUtf8(column.tip);
    case Qt::TextAlignmentRole:
      return QVariant((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default: return {};
  }
}

template <class Row>
void KeyedRows<Row>::show(std::vector<Row> next) {
  // Nearly every time the rows are the same ones and only their values changed.
  if (std::equal(rows_.begin(), rows_.end(), next.begin(), next.end(),
                 [](const Row& a, const Row& b) { return a.key() == b.key(); })) {
    replace_changed(next);
    return;
  }
  std::set<Key> keys;
  std::erase_if(next, [&](const Row& row) { return !keys.insert(row.key()).second; });
  remove_missing(keys);
  place(next);
  replace_changed(next);
}

template <class Row>
void KeyedRows<Row>::remove_missing(const std::set<Key>& next_keys) {
  for (auto last = static_cast<int>(rows_.size()) - 1; last >= 0;) {
    if (next_keys.contains(row(last).key())) {
      --last;
      continue;
    }
    int first = last;
    while (first > 0 && !next_keys.contains(row(first - 1).key())) --first;
    beginRemoveRows({}, first, last);
    rows_.erase(rows_.begin() + first, rows_.begin() + last + 1);
    endRemoveRows();
    last = first - 1;
  }
}

// Afterwards rows_ has the keys of `next`, in its order. What was inserted is moved out of `next`
// into rows_ and copied back, so that replace_changed finds it equal.
template <class Row>
void KeyedRows<Row>::place(std::vector<Row>& next) {
  std::set<Key> here;
  for (const Row& row : rows_) here.insert(row.key());
  for (std::size_t i = 0; i < next.size(); ++i) {
    const Key key = next[i].key();
    if (i < rows_.size() && rows_[i].key() == key) continue;
    const auto at = static_cast<int>(i);
    if (here.contains(key)) {
      const int from = find_from(i, key);
      beginMoveRows({}, from, from, {}, at);
      std::rotate(rows_.begin() + at, rows_.begin() + from, rows_.begin() + from + 1);
      endMoveRows();
      continue;
    }
    std::size_t end = i + 1;
    while (end < next.size() && !here.contains(next[end].key())) ++end;
    beginInsertRows({}, at, static_cast<int>(end) - 1);
    rows_.insert(rows_.begin() + at, next.begin() + at,
                 next.begin() + static_cast<std::ptrdiff_t>(end));
    endInsertRows();
    i = end - 1;
  }
}

template <class Row>
void KeyedRows<Row>::replace_changed(std::vector<Row>& next) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i] == next[i]) continue;
    const std::size_t first = i;
    for (; i < rows_.size() && !(rows_[i] == next[i]); ++i) rows_[i] = std::move(next[i]);
    emit dataChanged(index(static_cast<int>(first), 0),
                     index(static_cast<int>(i) - 1, columnCount() - 1));
  }
}

}  // namespace ottla::ui
