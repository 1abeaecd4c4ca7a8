// Sorts a keyed table by its cells' sort values and filters it by words and, where a page wants it,
// by a condition on the source row.
#pragma once

#include <QSortFilterProxyModel>
#include <QString>
#include <QStringList>
#include <functional>

namespace ottla::ui {

class RowsProxy : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  using Condition = std::function<bool(int source_row)>;

  explicit RowsProxy(QObject* parent = nullptr);

  // Every word must be in the text of one of the first `columns` columns, in any case.
  void setWords(const QString& words, int columns = 1);
  // An empty function lets every row through. Call again when what it depends on changed.
  void setCondition(Condition condition);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  QStringList words_;
  int word_columns_ = 1;
  Condition condition_;
};

}  // namespace ottla::ui
