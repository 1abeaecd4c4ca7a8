#include "engine/broker/data/last_of_each.h"

#include <string>
#include <utility>

#include "tests/support/test_registry.h"

using namespace ottla::broker;

namespace {

using Item = std::pair<std::string, int>;

std::vector<Item> kept(std::vector<Item> items) {
  keep_last_of_each(
      items, [](const Item& item) -> const auto& { return item.first; });
  return items;
}

}  // namespace

class LastOfEachTest : public QObject {
  Q_OBJECT
 private slots:
  void what_comes_once_stays_in_its_order() {
    const std::vector<Item> items{{"c", 1}, {"a", 2}, {"b", 3}};
    QVERIFY(kept(items) == items);
    QVERIFY(kept({}).empty());
    QVERIFY(kept({{"a", 1}}) == (std::vector<Item>{{"a", 1}}));
  }
  void the_last_counts_where_the_first_was() {
    QVERIFY(kept({{"a", 1}, {"a", 2}}) == (std::vector<Item>{{"a", 2}}));
    QVERIFY(kept({{"b", 1}, {"a", 2}, {"b", 3}, {"c", 4}, {"a", 5}, {"b", 6}}) ==
            (std::vector<Item>{{"b", 6}, {"a", 5}, {"c", 4}}));
  }
};

OTTLA_TEST(LastOfEachTest)
#include "last_of_each_test.moc"
