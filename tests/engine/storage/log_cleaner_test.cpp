#include "engine/storage/log_cleaner.h"

#include <QTest>

#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};
constexpr Duration retention = Duration::seconds(10);

bool any_file_ends_with(const CleanerFixture& f, std::string_view ending) {
  for (const std::string& path : f.files.paths()) {
    if (std::string_view(path).ends_with(ending)) return true;
  }
  return false;
}

}  // namespace

class LogCleanerTest : public QObject {
  Q_OBJECT
 private slots:
  void the_last_value_of_each_key_stays();
  void the_active_segment_is_not_touched();
  void segments_are_joined_up_to_the_segment_size();
  void segments_are_joined_up_to_the_index_size();
  void segments_further_apart_than_an_index_reaches_are_not_joined();
  void the_end_of_the_pass_is_the_next_dirty_offset();
  void a_second_pass_removes_what_later_records_made_obsolete();
  void a_map_that_is_full_leaves_the_rest_to_the_next_pass();
  void small_steps_come_to_the_same_as_one();
  void appends_go_on_between_steps();
  void a_truncation_between_steps_ends_the_pass();
  void retention_between_steps_ends_the_pass();
  void another_cleanup_policy_between_steps_ends_the_pass();
  void tombstones_go_after_their_retention();
  void aborted_records_go_and_their_marker_later();
  void committed_records_stay_and_their_marker();
  void aborted_transactions_are_told_to_readers_as_long_as_they_have_batches();
  void no_group_comes_out_empty();
  void damage_is_reported_and_the_log_left_alone();
  void a_full_disk_leaves_the_log_alone();
};

void LogCleanerTest::the_last_value_of_each_key_stays() {
  CleanerFixture f;
  f.reopen();
  f.put({{"a", "1"}, {"b", "1"}});
  f.put({{"a", "2"}, {"c", "1"}});
  f.roll();
  f.put({{"b", "2"}});
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("2:a=2 3:c=1 4:b=2"));
  QCOMPARE(f.log->log_end().value(), 5);
  QVERIFY(!any_file_ends_with(f, ".cleaned") && !any_file_ends_with(f, ".swap"));
}

void LogCleanerTest::the_active_segment_is_not_touched() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.roll();
  f.put("a", "2");
  f.put("a", "3");
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("0:a=1 1:a=2 2:a=3"));
}

void LogCleanerTest::segments_are_joined_up_to_the_segment_size() {
  CleanerFixture f;
  f.reopen();
  for (const char* key : {"a", "b", "c", "d", "e"}) {
    f.put(key, "1");
    f.roll();
  }
  const std::uint64_t one = f.log->segments().front().size;
  f.config.segment_bytes = static_cast<std::uint32_t>(2 * one);
  f.log->set_config(f.config);
  QVERIFY(f.cleans());
  QCOMPARE(f.segment_bases(), (std::vector<std::int64_t>{0, 2, 4, 5}));
  QCOMPARE(f.bases_from(0), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
}

void LogCleanerTest::segments_are_joined_up_to_the_index_size() {
  CleanerFixture f;
  f.config.index_interval_bytes = 1;
  f.reopen();
  for (int segment = 0; segment < 4; ++segment) {
    for (int i = 0; i < 4; ++i) f.put("k" + std::to_string(segment * 4 + i), "1");
    f.roll();
  }
  // Each segment's index has three entries of 8 bytes.
  f.config.index_bytes_max = 50;
  f.log->set_config(f.config);
  QVERIFY(f.cleans());
  QCOMPARE(f.segment_bases(), (std::vector<std::int64_t>{0, 8, 16}));
}

void LogCleanerTest::segments_further_apart_than_an_index_reaches_are_not_joined() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  const auto far =
      keyed_batch({{"b", "1"}}, f.now).placed_at(Offset{std::int64_t{1} << 31}, LeaderEpoch{0});
  QVERIFY(f.log->append_as_follower({&far, 1}, f.now));
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.segment_bases(),
           (std::vector<std::int64_t>{0, std::int64_t{1} << 31, (std::int64_t{1} << 31) + 1}));
}

void LogCleanerTest::the_end_of_the_pass_is_the_next_dirty_offset() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.put("a", "2");
  f.roll();
  f.put("a", "3");
  QVERIFY(f.cleans());
  QCOMPARE(f.cleaned_to->value(), 2);
  QCOMPARE(f.measure()->cleanable_bytes, 0U);
}

void LogCleanerTest::a_second_pass_removes_what_later_records_made_obsolete() {
  CleanerFixture f;
  f.reopen();
  f.put({{"a", "1"}, {"b", "1"}});
  f.roll();
  QVERIFY(f.cleans());
  f.put("a", "2");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("1:b=1 2:a=2"));
}

void LogCleanerTest::a_map_that_is_full_leaves_the_rest_to_the_next_pass() {
  CleanerFixture f;
  f.limits = {.memory_bytes = 3 * OffsetMap::entry_bytes, .load_factor = 0.7};
  f.reopen();
  for (const char* key : {"a", "b", "c", "a", "b", "c"}) f.put(key, "1");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.cleaned_to->value(), 2);
  QCOMPARE(f.bases_from(0).size(), 6U);
  for (int passes = 0; f.cleaned_to->value() < 6; ++passes) {
    QVERIFY(passes < 6);
    QVERIFY(f.cleans());
  }
  QCOMPARE(f.contents(), std::string("3:a=1 4:b=1 5:c=1"));
}

void LogCleanerTest::small_steps_come_to_the_same_as_one() {
  std::string whole;
  for (const std::size_t step_bytes : {std::size_t{1} << 20, std::size_t{1}, std::size_t{200}}) {
    CleanerFixture f;
    f.step_bytes = step_bytes;
    f.config.segment_bytes = 700;
    f.reopen();
    for (int i = 0; i < 40; ++i) f.put("k" + std::to_string(i % 7), std::to_string(i));
    QVERIFY(f.cleans());
    if (whole.empty()) whole = f.contents();
    QVERIFY(whole.size() > 10);
    QCOMPARE(f.contents(), whole);
  }
}

void LogCleanerTest::appends_go_on_between_steps() {
  CleanerFixture f;
  f.config.segment_bytes = 300;
  f.reopen();
  for (int i = 0; i < 20; ++i) f.put("a", std::to_string(i));
  f.log->on_high_watermark(f.log->log_end());
  const auto what = *f.measure();
  LogCleaner cleaner(*f.log, what, f.limits, f.now);
  int next = 20;
  while (*cleaner.step(1) == LogCleaner::Progress::under_way) f.put("a", std::to_string(next++));
  QVERIFY(next > 30);
  QCOMPARE(f.log->log_end().value(), next);
  QCOMPARE(f.latest_values().at("a"), std::to_string(next - 1));
  QVERIFY(f.bases_from(0).size() < static_cast<std::size_t>(next - 10));
}

void LogCleanerTest::a_truncation_between_steps_ends_the_pass() {
  CleanerFixture f;
  f.reopen();
  for (int i = 0; i < 6; ++i) {
    f.put("a", std::to_string(i));
    f.roll();
  }
  f.log->on_high_watermark(f.log->log_end());
  LogCleaner cleaner(*f.log, *f.measure(), f.limits, f.now);
  for (int i = 0; i < 9; ++i) QCOMPARE(*cleaner.step(1), LogCleaner::Progress::under_way);
  QVERIFY(any_file_ends_with(f, ".cleaned"));
  QVERIFY(f.log->truncate_to(Offset{3}, f.now));
  QCOMPARE(*cleaner.step(1), LogCleaner::Progress::aborted);
  QVERIFY(!any_file_ends_with(f, ".cleaned"));
  QCOMPARE(f.contents(), std::string("0:a=0 1:a=1 2:a=2"));
}

void LogCleanerTest::retention_between_steps_ends_the_pass() {
  CleanerFixture f;
  f.config.delete_old = true;
  f.reopen();
  for (int i = 0; i < 6; ++i) {
    f.put("a", std::to_string(i));
    f.roll();
  }
  f.log->on_high_watermark(f.log->log_end());
  LogCleaner cleaner(*f.log, *f.measure(), f.limits, f.now);
  QCOMPARE(*cleaner.step(1), LogCleaner::Progress::under_way);
  QCOMPARE(*f.log->delete_old_segments(f.now, f.log->log_end()), 0U);
  QCOMPARE(*cleaner.step(1), LogCleaner::Progress::under_way);
  QVERIFY(f.log->advance_log_start(Offset{1}));
  QCOMPARE(*f.log->delete_old_segments(f.now, f.log->log_end()), 1U);
  QCOMPARE(*cleaner.step(1), LogCleaner::Progress::aborted);
}

void LogCleanerTest::another_cleanup_policy_between_steps_ends_the_pass() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.put("a", "2");
  f.roll();
  LogCleaner cleaner(*f.log, *f.measure(), f.limits, f.now);
  QCOMPARE(*cleaner.step(1), LogCleaner::Progress::under_way);
  f.config.compact = false;
  f.log->set_config(f.config);
  QCOMPARE(*cleaner.step(1), LogCleaner::Progress::aborted);
  QCOMPARE(f.contents(), std::string("0:a=1 1:a=2"));
}

void LogCleanerTest::tombstones_go_after_their_retention() {
  CleanerFixture f;
  f.config.delete_retention = retention;
  f.reopen();
  f.put({{"a", "1"}, {"b", "1"}});
  f.remove("a");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("1:b=1 2:a="));
  f.now = f.now + retention;
  f.put("c", "1");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("1:b=1 3:c=1"));
}

void LogCleanerTest::aborted_records_go_and_their_marker_later() {
  CleanerFixture f;
  f.config.delete_retention = retention;
  f.reopen();
  f.put("a", "1");
  f.put({{"a", "2"}}, {.producer = pid, .transactional = true});
  f.end(pid, false);
  f.put({{"b", "1"}}, {.producer = pid, .sequence = 1});
  f.roll();
  QVERIFY(f.cleans());
  // The aborted "a" does not make the first obsolete.
  QCOMPARE(f.contents(), std::string("0:a=1 2:marker 3:b=1"));
  f.put("c", "1");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("0:a=1 2:marker 3:b=1 4:c=1"));
  f.now = f.now + retention;
  f.put("d", "1");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("0:a=1 3:b=1 4:c=1 5:d=1"));
}

void LogCleanerTest::committed_records_stay_and_their_marker() {
  CleanerFixture f;
  f.config.delete_retention = retention;
  f.reopen();
  f.put("a", "1");
  f.put({{"a", "2"}}, {.producer = pid, .transactional = true});
  f.end(pid, true);
  f.roll();
  for (int i = 0; i < 3; ++i) {
    QVERIFY(f.cleans());
    QCOMPARE(f.contents().substr(0, 14), std::string("1:a=2 2:marker"));
    f.now = f.now + retention;
    f.put("c" + std::to_string(i), "1");
    f.roll();
  }
}

void LogCleanerTest::aborted_transactions_are_told_to_readers_as_long_as_they_have_batches() {
  CleanerFixture f;
  f.reopen();
  // The producer's last batch stays as a header, and so does the marker with its index entry.
  f.put({{"a", "2"}}, {.producer = pid, .transactional = true});
  f.end(pid, false);
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("0-0: 1:marker"));
  const auto told = f.log->aborted_transactions(Offset{0}, f.log->log_end());
  QCOMPARE(told->size(), 1U);
  QVERIFY(told->front() == (AbortedTransaction{pid, Offset{0}, Offset{1}, Offset{2}}));
  f.put({{"b", "1"}}, {.producer = pid, .sequence = 1});
  f.roll();
  QVERIFY(f.cleans());
  f.put("c", "1");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("1:marker 2:b=1 3:c=1"));
  QCOMPARE(f.log->aborted_transactions(Offset{0}, f.log->log_end())->size(), 0U);
}

void LogCleanerTest::no_group_comes_out_empty() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  const std::uint64_t one = f.log->size();
  f.roll();
  f.put("a", "2");
  f.roll();
  f.put("a", "3");
  f.roll();
  f.config.segment_bytes = static_cast<std::uint32_t>(one);
  f.log->set_config(f.config);
  QVERIFY(f.cleans());
  QCOMPARE(f.segment_bases(), (std::vector<std::int64_t>{0, 1, 2, 3}));
  QCOMPARE(f.contents(), std::string("0-0: 1-1: 2:a=3"));
  f.config.segment_bytes = static_cast<std::uint32_t>(2 * one);
  f.log->set_config(f.config);
  f.put("b", "1");
  f.roll();
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("1-1: 2:a=3 3:b=1"));
}

void LogCleanerTest::damage_is_reported_and_the_log_left_alone() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.put("a", "2");
  f.roll();
  const auto file = f.files.find("t-0/00000000000000000000.log");
  file->flip_bit(file->size() - 2, 0);
  f.log->on_high_watermark(f.log->log_end());
  QCOMPARE(f.clean().error(), StorageError::corrupt);
  QVERIFY(!any_file_ends_with(f, ".cleaned") && !any_file_ends_with(f, ".swap"));
  file->flip_bit(file->size() - 2, 0);
  QCOMPARE(f.contents(), std::string("0:a=1 1:a=2"));
}

void LogCleanerTest::a_full_disk_leaves_the_log_alone() {
  CleanerFixture f;
  f.reopen();
  f.put("a", "1");
  f.put("a", "2");
  f.roll();
  f.files.faults.capacity_bytes = f.files.used_bytes();
  f.log->on_high_watermark(f.log->log_end());
  QCOMPARE(f.clean().error(), StorageError::disk_full);
  QVERIFY(!any_file_ends_with(f, ".cleaned"));
  QCOMPARE(f.contents(), std::string("0:a=1 1:a=2"));
  f.files.faults = {};
  QVERIFY(f.cleans());
  QCOMPARE(f.contents(), std::string("1:a=2"));
}

OTTLA_TEST(LogCleanerTest)
#include "log_cleaner_test.moc"
