#include "ui/models/rows_proxy.h"

#include <algorithm>
#include <utility>

#include "ui/models/cell.h"

namespace ottla::ui {

RowsProxy::RowsProxy(QObject* parent) : QSortFilterProxyModel(parent) {
  setSortRole(sort_role);
  setDynamicSortFilter(true);
}

void RowsProxy::setWords(const QString& words, int columns) {
  words_ = words.split(QChar(' '), Qt::SkipEmptyParts);
  word_columns_ = columns;
  invalidateRowsFilter();
}

void RowsProxy::setCondition(Condition condition) {
  condition_ = std::move(condition);
  invalidateRowsFilter();
}

bool RowsProxy::filterAcceptsRow(int row, const QModelIndex& parent) const {
  if (condition_ && !condition_(row)) return false;
  return std::all_of(words_.begin(), words_.end(), [&](const QString& word) {
    for (int column = 0; column < word_columns_; ++column) {
      const QString text = sourceModel()->index(row, column, parent).data().toString();
      if (text.contains(word, Qt::CaseInsensitive)) return true;
    }
    return false;
  });
}

bool RowsProxy::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  const QVariant a = left.data(sort_role);
  const QVariant b = right.data(sort_role);
  const auto order = QVariant::compare(a, b);
  // Equal cells keep the source's order, in both directions of sorting.
  if (order == QPartialOrdering::Equivalent) {
    return sortOrder() == Qt::AscendingOrder ? left.row() < right.row() : left.row() > right.row();
  }
  return order == QPartialOrdering::Less;
}

}  // namespace ottla::ui
