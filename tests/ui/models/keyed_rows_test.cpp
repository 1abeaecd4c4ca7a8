#include "ui/models/keyed_rows.h"

#include <QAbstractItemModelTester>
#include <QPersistentModelIndex>
#include <QSignalSpy>
#include <string>

#include "tests/support/test_registry.h"

namespace {

struct Item {
  std::string name;
  int value = 0;
  const std::string& key() const { return name; }
  bool operator==(const Item&) const = default;
};

class Items : public ottla::ui::KeyedRows<Item> {
  Q_OBJECT
 public:
  using KeyedRows::show;

 protected:
  const std::vector<ottla::ui::Column>& columns() const override {
    static const std::vector<ottla::ui::Column> columns{{"Name", ""}, {"Value", "", true}};
    return columns;
  }
  ottla::ui::Cell cell(const Item& row, int column) const override {
    ottla::ui::Cell cell;
    cell.text = column == 0 ? QString::fromStdString(row.name) : QString::number(row.value);
    return cell;
  }
};

std::vector<Item> items(std::initializer_list<std::pair<const char*, int>> list) {
  std::vector<Item> made;
  for (const auto& [name, value] : list) made.push_back({name, value});
  return made;
}

}  // namespace

class KeyedRowsTest : public QObject {
  Q_OBJECT
 private slots:
  void new_rows_are_inserted_where_they_belong();
  void rows_that_are_gone_are_removed_in_runs();
  void a_row_that_changed_says_so_and_nothing_else();
  void a_row_that_moved_keeps_its_persistent_index();
  void nothing_is_said_when_nothing_changed();
  void of_two_rows_with_a_key_the_first_is_shown();
};

void KeyedRowsTest::new_rows_are_inserted_where_they_belong() {
  Items model;
  QAbstractItemModelTester tester(&model);
  model.show(items({{"a", 1}, {"d", 1}}));
  QSignalSpy inserted(&model, &Items::rowsInserted);
  const auto next = items({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}});
  model.show(next);
  QCOMPARE(inserted.count(), 2);
  QCOMPARE(inserted[0][1].toInt(), 1);
  QCOMPARE(inserted[0][2].toInt(), 2);
  QVERIFY(model.rows() == next);
}

void KeyedRowsTest::rows_that_are_gone_are_removed_in_runs() {
  Items model;
  QAbstractItemModelTester tester(&model);
  model.show(items({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}));
  QSignalSpy removed(&model, &Items::rowsRemoved);
  model.show(items({{"a", 1}, {"d", 1}}));
  QCOMPARE(removed.count(), 2);
  QCOMPARE(removed[0][1].toInt(), 4);
  QCOMPARE(removed[1][1].toInt(), 1);
  QCOMPARE(removed[1][2].toInt(), 2);
}

void KeyedRowsTest::a_row_that_changed_says_so_and_nothing_else() {
  Items model;
  model.show(items({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}));
  QSignalSpy changed(&model, &Items::dataChanged);
  QSignalSpy reset(&model, &Items::modelReset);
  model.show(items({{"a", 1}, {"b", 2}, {"c", 2}, {"d", 1}}));
  QCOMPARE(changed.count(), 1);
  QCOMPARE(changed[0][0].toModelIndex(), model.index(1, 0));
  QCOMPARE(changed[0][1].toModelIndex(), model.index(2, 1));
  QCOMPARE(reset.count(), 0);
}

void KeyedRowsTest::a_row_that_moved_keeps_its_persistent_index() {
  Items model;
  QAbstractItemModelTester tester(&model);
  model.show(items({{"a", 1}, {"b", 2}, {"c", 3}}));
  const QPersistentModelIndex c(model.index(2, 0));
  model.show(items({{"c", 3}, {"a", 1}, {"b", 2}}));
  QCOMPARE(c.row(), 0);
  QCOMPARE(c.data().toString(), QString("c"));
}

void KeyedRowsTest::nothing_is_said_when_nothing_changed() {
  Items model;
  model.show(items({{"a", 1}, {"b", 2}}));
  QSignalSpy changed(&model, &Items::dataChanged);
  QSignalSpy inserted(&model, &Items::rowsInserted);
  model.show(items({{"a", 1}, {"b", 2}}));
  QCOMPARE(changed.count(), 0);
  QCOMPARE(inserted.count(), 0);
}

void KeyedRowsTest::of_two_rows_with_a_key_the_first_is_shown() {
  Items model;
  model.show(items({{"a", 1}, {"a", 2}}));
  QCOMPARE(model.rowCount(), 1);
  QCOMPARE(model.row(0).value, 1);
}

OTTLA_TEST(KeyedRowsTest)
#include "keyed_rows_test.moc"
