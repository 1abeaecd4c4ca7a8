#include "engine/storage/leader_epoch_cache.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;

namespace {

LeaderEpochCache cache_of(std::initializer_list<std::pair<int, int>> entries) {
  LeaderEpochCache cache;
  for (const auto& [epoch, start] : entries) cache.assign({LeaderEpoch{epoch}, Offset{start}});
  return cache;
}
EpochEnd end_of(const LeaderEpochCache& cache, int epoch) {
  return cache.end_of(LeaderEpoch{epoch}, Offset{100});
}
EpochEnd end(int epoch, int offset) {
  return {LeaderEpoch{epoch}, Offset{offset}};
}

}  // namespace

class LeaderEpochCacheTest : public QObject {
  Q_OBJECT
 private slots:
  void the_end_of_an_epoch_is_what_kafka_answers();
  void a_later_entry_takes_the_place_of_those_it_contradicts();
  void truncation_at_the_end_forgets_epochs_that_begin_there();
  void truncation_at_the_start_keeps_the_epoch_of_the_first_record();
  void the_checkpoint_is_kafkas_text();
  void text_that_is_no_checkpoint_is_refused();
};

void LeaderEpochCacheTest::the_end_of_an_epoch_is_what_kafka_answers() {
  const LeaderEpochCache cache = cache_of({{2, 10}, {3, 20}, {7, 50}});
  QCOMPARE(end_of(cache, -1), EpochEnd());
  QCOMPARE(end_of(cache, 1), end(1, 10));
  QCOMPARE(end_of(cache, 2), end(2, 20));
  QCOMPARE(end_of(cache, 3), end(3, 50));
  QCOMPARE(end_of(cache, 5), end(3, 50));
  QCOMPARE(end_of(cache, 7), end(7, 100));
  QCOMPARE(end_of(cache, 8), EpochEnd());
  QCOMPARE(end_of(LeaderEpochCache(), 0), EpochEnd());
  QVERIFY(cache.epoch_at(Offset{19}) == LeaderEpoch{2});
  QVERIFY(!cache.epoch_at(Offset{9}));
}

void LeaderEpochCacheTest::a_later_entry_takes_the_place_of_those_it_contradicts() {
  LeaderEpochCache cache = cache_of({{2, 10}, {3, 20}, {7, 50}});
  QVERIFY(!cache.assign({LeaderEpoch{7}, Offset{60}}));
  QVERIFY(cache.assign({LeaderEpoch{8}, Offset{50}}));
  QCOMPARE(cache.entries(), cache_of({{2, 10}, {3, 20}, {8, 50}}).entries());
  QVERIFY(cache.assign({LeaderEpoch{9}, Offset{15}}));
  QCOMPARE(cache.entries(), cache_of({{2, 10}, {9, 15}}).entries());
  QVERIFY(cache.assign({LeaderEpoch{1}, Offset{30}}));
  QCOMPARE(cache.entries(), cache_of({{1, 30}}).entries());
}

void LeaderEpochCacheTest::truncation_at_the_end_forgets_epochs_that_begin_there() {
  LeaderEpochCache cache = cache_of({{2, 10}, {3, 20}, {7, 50}});
  QVERIFY(!cache.truncate_from_end(Offset{51}));
  QVERIFY(cache.truncate_from_end(Offset{20}));
  QCOMPARE(cache.entries(), cache_of({{2, 10}}).entries());
}

void LeaderEpochCacheTest::truncation_at_the_start_keeps_the_epoch_of_the_first_record() {
  LeaderEpochCache cache = cache_of({{2, 10}, {3, 20}, {7, 50}});
  QVERIFY(!cache.truncate_from_start(Offset{5}));
  QVERIFY(!cache.truncate_from_start(Offset{10}));
  QVERIFY(cache.truncate_from_start(Offset{30}));
  QCOMPARE(cache.entries(), cache_of({{3, 30}, {7, 50}}).entries());
  QVERIFY(cache.truncate_from_start(Offset{50}));
  QCOMPARE(cache.entries(), cache_of({{7, 50}}).entries());
}

void LeaderEpochCacheTest::the_checkpoint_is_kafkas_text() {
  const LeaderEpochCache cache = cache_of({{2, 10}, {3, 20}});
  QCOMPARE(cache.encode(), std::string("0\n2\n2 10\n3 20\n"));
  QCOMPARE(LeaderEpochCache::parse(cache.encode())->entries(), cache.entries());
  // Kafka makes a new file without a byte.
  for (const char* text : {"", "0\n", "0\n0\n"})
    QVERIFY2(LeaderEpochCache::parse(text)->entries().empty(), text);
}

void LeaderEpochCacheTest::text_that_is_no_checkpoint_is_refused() {
  for (const char* text : {"junk", "1\n0\n", "0\n2\n2 10\n", "0\n1\n2 10\n3 20\n", "0\n1\n2\n",
                           "0\n1\n2 x\n", "0\n1\n-2 1\n", "0\n1\n2 10 3\n"}) {
    QVERIFY2(!LeaderEpochCache::parse(text), text);
  }
}

OTTLA_TEST(LeaderEpochCacheTest)
#include "leader_epoch_cache_test.moc"
