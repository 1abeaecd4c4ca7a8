// A log that compaction has been through: its gaps, its producers and epochs, its followers.
#include <QTest>

#include "engine/base/prng.h"
#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};
constexpr Duration retention = Duration::seconds(10);

}  // namespace

class CompactedLogTest : public QObject {
  Q_OBJECT
 private slots:
  void offsets_in_gaps_are_read_from_what_follows();
  void timestamps_are_found_across_gaps();
  void truncation_into_a_gap_keeps_what_is_before();
  void a_follower_appends_what_a_compacted_leader_sends();
  void a_followers_gaps_survive_an_unclean_stop();
  void a_gap_at_a_segments_end_is_clean_with_it();
  void sequences_go_on_after_a_pass();
  void sequences_go_on_after_a_pass_and_an_unclean_stop();
  void leader_epochs_stay();
  void producer_snapshots_of_joined_segments_go();
  void an_empty_segment_below_the_checkpoint_is_compactions_doing();
  void seeded_logs_hold_the_same_values_before_and_after();
};

void CompactedLogTest::offsets_in_gaps_are_read_from_what_follows() {
  CleanerFixture f;
  f.reopen();
  for (int i = 0; i < 10; ++i) f.put(i == 2 ? "b" : "a", std::to_string(i));
  f.roll();
  f.put("c", "10");
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("2:b=2 9:a=9 10:c=10"));
  for (std::int64_t from = 0; from <= 10; ++from) {
    const auto part = f.read(from, 1);
    QCOMPARE(part->first_offset.value(), from <= 2 ? 2 : from <= 9 ? 9 : 10);
  }
  f.crash();
  f.reopen();
  for (std::int64_t from = 0; from <= 10; ++from) {
    QCOMPARE(f.read(from, 1)->first_offset.value(), from <= 2 ? 2 : from <= 9 ? 9 : 10);
  }
}

void CompactedLogTest::timestamps_are_found_across_gaps() {
  CleanerFixture f;
  f.reopen();
  for (int i = 0; i < 10; ++i) {
    f.now = Instant::from_millis(1000 + i);
    f.put(i == 2 ? "b" : "a", std::to_string(i));
  }
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE((*f.log->offset_for_timestamp(1000))->offset.value(), 2);
  QCOMPARE((*f.log->offset_for_timestamp(1003))->offset.value(), 9);
  QCOMPARE((*f.log->offset_for_timestamp(1003))->timestamp, 1009);
  QVERIFY(!*f.log->offset_for_timestamp(1010));
  QCOMPARE((*f.log->offset_of_max_timestamp())->offset.value(), 9);
}

void CompactedLogTest::truncation_into_a_gap_keeps_what_is_before() {
  CleanerFixture f;
  f.reopen();
  for (int i = 0; i < 10; ++i) f.put(i == 2 ? "b" : "a", std::to_string(i));
  f.roll();
  QVERIFY(f.cleans());
  QVERIFY(f.log->truncate_to(Offset{6}, f.now));
  QCOMPARE(f.log->log_end().value(), 6);
  QCOMPARE(f.contents(), std::string("2:b=2"));
  f.put("c", "6");
  QCOMPARE(f.contents(), std::string("2:b=2 6:c=6"));
}

void CompactedLogTest::a_follower_appends_what_a_compacted_leader_sends() {
  CleanerFixture leader;
  leader.reopen();
  for (int i = 0; i < 10; ++i) leader.put(i == 2 ? "b" : "a", std::to_string(i));
  leader.roll();
  leader.put("c", "10");
  QVERIFY(leader.cleans());
  CleanerFixture follower;
  follower.reopen();
  while (follower.log->log_end() < leader.log->log_end()) {
    const auto part = leader.read(follower.log->log_end().value(), 1);
    const auto batches = *protocol::split_batches(part->bytes);
    QVERIFY(follower.log->append_as_follower(batches, follower.now));
  }
  QCOMPARE(follower.contents(), leader.contents());
  QCOMPARE(follower.log->log_end().value(), 11);
}

void CompactedLogTest::a_followers_gaps_survive_an_unclean_stop() {
  CleanerFixture f;
  f.config.segment_bytes = 200;
  f.reopen();
  for (std::int64_t offset = 0; offset < 60; offset += 6) {
    const auto batch =
        keyed_batch({{"a", std::to_string(offset)}}, f.now).placed_at(Offset{offset}, f.epoch);
    QVERIFY(f.log->append_as_follower({&batch, 1}, f.now));
  }
  const auto before = f.contents();
  QVERIFY(f.log->segments().size() > 2);
  f.crash();
  f.reopen();
  QCOMPARE(f.contents(), before);
  QCOMPARE(f.log->log_end().value(), 55);
}

void CompactedLogTest::a_gap_at_a_segments_end_is_clean_with_it() {
  CleanerFixture f;
  f.config.segment_bytes = 100;
  f.reopen();
  for (const std::int64_t offset : {0, 6}) {
    const auto batch = keyed_batch({{"a", "1"}}, f.now).placed_at(Offset{offset}, f.epoch);
    QVERIFY(f.log->append_as_follower({&batch, 1}, f.now));
  }
  QCOMPARE(f.segment_bases(), (std::vector<std::int64_t>{0, 6}));
  QVERIFY(f.cleans());
  QCOMPARE(f.cleaned_to->value(), 6);
}

void CompactedLogTest::sequences_go_on_after_a_pass() {
  CleanerFixture f;
  f.reopen();
  for (std::int32_t i = 0; i < 5; ++i) f.put({{"a", "1"}}, {.producer = pid, .sequence = i});
  f.roll();
  f.put("a", "2");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("4-4: 5:a=2"));
  f.put({{"a", "3"}}, {.producer = pid, .sequence = 5});
}

void CompactedLogTest::sequences_go_on_after_a_pass_and_an_unclean_stop() {
  CleanerFixture f;
  f.reopen();
  for (std::int32_t i = 0; i < 5; ++i) f.put({{"a", "1"}}, {.producer = pid, .sequence = i});
  f.roll();
  f.put("a", "2");
  f.roll();
  QVERIFY(f.cleans());
  f.crash();
  for (const std::string& path : f.files.paths()) {
    if (std::string_view(path).ends_with(".snapshot")) QVERIFY(f.files.remove(path));
  }
  f.reopen();
  QCOMPARE(f.log->producers().producers().at(pid).last_sequence(), 4);
  const auto again = keyed_batch({{"a", "1"}}, f.now, {.producer = pid, .sequence = 6});
  QCOMPARE(f.log->append_as_leader({&again, 1}, {.epoch = f.epoch, .now = f.now}).error(),
           StorageError::out_of_order_sequence);
  f.put({{"a", "3"}}, {.producer = pid, .sequence = 5});
}

void CompactedLogTest::leader_epochs_stay() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.epoch = LeaderEpoch{3};
  f.put("a", "2");
  f.roll();
  f.epoch = LeaderEpoch{5};
  f.put("a", "3");
  f.roll();
  const auto before = f.log->epochs().entries();
  QCOMPARE(before.size(), 3U);
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("2:a=3"));
  QVERIFY(f.log->epochs().entries() == before);
  f.crash();
  f.reopen();
  QVERIFY(f.log->epochs().entries() == before);
}

void CompactedLogTest::producer_snapshots_of_joined_segments_go() {
  CleanerFixture f;
  f.reopen();
  for (int i = 0; i < 3; ++i) {
    f.put("a", "1");
    f.roll();
  }
  QVERIFY(f.has_file("00000000000000000001.snapshot"));
  QVERIFY(f.cleans());
  QVERIFY(!f.has_file("00000000000000000001.snapshot"));
  QVERIFY(!f.has_file("00000000000000000002.snapshot"));
  QVERIFY(f.has_file("00000000000000000003.snapshot"));
}

// Apache Kafka leaves such segments.
void CompactedLogTest::an_empty_segment_below_the_checkpoint_is_compactions_doing() {
  for (const std::int64_t checkpoint : {2, 1}) {
    CleanerFixture f;
    f.reopen();
    for (int i = 0; i < 4; ++i) {
      f.put("a", std::to_string(i));
      f.roll();
    }
    f.crash();
    f.files.find("t-0/00000000000000000001.log")->truncate(0);
    f.disk.emplace(f.files, f.completions);
    const auto log =
        Log::open(*f.disk, "t-0", f.config, {.now = f.now, .cleaned_to = Offset{checkpoint}});
    QCOMPARE(log->log_end().value(), checkpoint == 2 ? 4 : 1);
  }
}

// Random keys, transactions, passes and stops against a plain map.
void CompactedLogTest::seeded_logs_hold_the_same_values_before_and_after() {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Prng draws(seed);
    CleanerFixture f;
    f.config.segment_bytes = static_cast<std::uint32_t>(draws.between(300, 2000));
    f.config.index_interval_bytes = static_cast<std::uint32_t>(draws.between(1, 600));
    f.config.delete_retention = retention;
    f.step_bytes = static_cast<std::size_t>(draws.between(1, 2000));
    if (draws.chance(0.3))
      f.limits.memory_bytes = 24 * static_cast<std::size_t>(draws.between(2, 9));
    f.reopen();
    std::map<std::string, std::string> expected;
    std::int32_t sequence = 0;
    for (int step = 0; step < 150; ++step) {
      const std::string where = "seed " + std::to_string(seed) + " step " + std::to_string(step);
      f.now = f.now + Duration::millis(draws.between(0, 500));
      const std::uint64_t kind = draws.below(20);
      const std::string key = "k" + std::to_string(draws.below(6));
      if (kind < 10) {
        std::vector<Put> puts;
        for (std::int64_t i = draws.between(1, 3); i > 0; --i)
          puts.push_back({"k" + std::to_string(draws.below(6)), std::to_string(step)});
        for (const Put& put : puts) expected[put.key] = *put.value;
        f.put(puts, {.producer = pid, .sequence = sequence});
        sequence += static_cast<std::int32_t>(puts.size());
      } else if (kind < 12) {
        f.remove(key);
        expected.erase(key);
      } else if (kind < 14) {
        const bool committed = draws.chance(0.5);
        const ProducerId producer{20 + static_cast<std::int64_t>(step)};
        f.put({{committed ? key : "aborted", std::to_string(step)}},
              {.producer = producer, .transactional = true});
        f.end(producer, committed);
        if (committed) expected[key] = std::to_string(step);
      } else if (kind < 17) {
        const auto what = (f.log->on_high_watermark(f.log->log_end()), f.measure());
        QVERIFY2(what, where.c_str());
        QVERIFY2(f.cleans(), where.c_str());
      } else if (kind == 17) {
        f.crash();
        if (draws.chance(0.5)) f.now = f.now + retention;
        f.reopen();
      } else if (kind == 18) {
        f.shut_down_cleanly();
        f.reopen(true);
      } else {
        f.roll();
      }
      auto values = f.latest_values();
      values.erase("aborted");
      QVERIFY2(values == expected, where.c_str());
      const auto known = f.log->producers().producers().find(pid);
      QVERIFY2(sequence == 0 || known->second.last_sequence() == sequence - 1, where.c_str());
    }
  }
}

OTTLA_TEST(CompactedLogTest)
#include "compacted_log_test.moc"
