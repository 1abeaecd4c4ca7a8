#include "engine/storage/log.h"

#include "engine/protocol/records/record_batch_builder.h"
#include "tests/engine/storage/log_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

class LogTest : public QObject {
  Q_OBJECT
 private slots:
  void a_leader_places_batches_one_after_another();
  void a_batch_is_shared_with_its_readers();
  void a_read_inside_a_batch_gives_that_whole_batch();
  void a_read_gives_whole_batches_within_its_limits();
  void the_first_batch_is_read_even_if_it_is_too_large();
  void a_read_outside_the_log_is_out_of_range();
  void every_batch_is_found_in_old_segments_and_new();
  void segments_roll_by_size_time_and_full_index();
  void append_time_replaces_the_producers_timestamps();
  void a_follower_keeps_offsets_and_epochs();
  void an_empty_follower_takes_the_batch_that_holds_its_start();
  void a_follower_refuses_what_goes_back_or_is_damaged();
  void an_append_larger_than_a_segment_is_refused();
  void a_full_disk_leaves_the_log_as_it_was();
  void a_failure_at_any_step_of_an_append_leaves_the_log_as_it_was();
  void truncation_cuts_the_batch_that_holds_the_offset();
  void truncation_to_the_end_drops_an_epoch_without_records();
  void truncation_to_an_old_segment_removes_the_new_ones();
  void a_fully_truncated_log_starts_anew();
  void old_segments_go_by_time_size_and_log_start();
  void nothing_above_the_high_watermark_is_deleted();
  void a_record_is_found_by_its_time();
  void epochs_end_where_the_next_begin();
  void a_sync_moves_the_recovery_point();
  void a_failed_sync_leaves_the_recovery_point();
};

void LogTest::a_leader_places_batches_one_after_another() {
  LogFixture f;
  f.reopen();
  f.epoch = LeaderEpoch{7};
  const auto first = f.write({.records = 3});
  const auto second = f.write({.records = 2, .timestamp = 5000});
  QCOMPARE(first->first_offset.value(), 0);
  QCOMPARE(first->last_offset.value(), 2);
  QCOMPARE(first->append_time, protocol::no_timestamp);
  QCOMPARE(second->first_offset.value(), 3);
  QCOMPARE(second->max_timestamp, 5001);
  QCOMPARE(f.log->log_end().value(), 5);
  const auto batches = protocol::split_batches(f.read(0)->bytes);
  QCOMPARE(batches->at(1).base_offset().value(), 3);
  QCOMPARE(batches->at(1).header().partition_leader_epoch.value(), 7);
  QVERIFY(batches->at(1).crc_matches());
  QVERIFY(f.has_file("00000000000000000000.log"));
}

void LogTest::a_batch_is_shared_with_its_readers() {
  LogFixture f;
  f.reopen();
  const protocol::RecordBatch batch = make_batch({.value_bytes = 2000});
  QVERIFY(f.log->append_as_leader({&batch, 1}, {.epoch = f.epoch, .now = f.now}));
  const ByteChain read = f.read(0)->bytes;
  const auto& last = batch.bytes().slices().back();
  QCOMPARE(read.slices().back().data() + read.slices().back().size(), last.data() + last.size());
}

void LogTest::a_read_inside_a_batch_gives_that_whole_batch() {
  LogFixture f;
  f.reopen();
  f.write_many(3, {.records = 4});
  const auto read = f.read(6);
  QCOMPARE(read->first_offset.value(), 4);
  QCOMPARE(protocol::split_batches(read->bytes)->size(), 2U);
}

void LogTest::a_read_gives_whole_batches_within_its_limits() {
  LogFixture f;
  f.reopen();
  f.write_many(10, {.records = 2});
  const std::size_t one = make_batch({.records = 2}).size_in_bytes();
  QCOMPARE(f.read(0, one * 3 + one / 2)->bytes.size(), one * 3);
  QCOMPARE(f.read(0, one * 3)->bytes.size(), one * 3);
  QCOMPARE(f.read(0, std::numeric_limits<std::size_t>::max())->bytes.size(), one * 10);
  const auto bounded =
      f.log->read({.from = Offset{2}, .bytes_max = 1 << 20, .upper_bound = Offset{6}});
  QCOMPARE(bounded->bytes.size(), one * 2);
  const auto at_bound =
      f.log->read({.from = Offset{6}, .bytes_max = 1 << 20, .upper_bound = Offset{6}});
  QVERIFY(at_bound && at_bound->bytes.empty());
  // The same from a log whose batches are found by the index alone.
  f.shut_down_cleanly();
  f.reopen(true);
  QCOMPARE(f.read(0, one * 3 + one / 2)->bytes.size(), one * 3);
  QCOMPARE(f.read(0, one * 3)->bytes.size(), one * 3);
  const auto again =
      f.log->read({.from = Offset{2}, .bytes_max = 1 << 20, .upper_bound = Offset{6}});
  QCOMPARE(again->bytes.size(), one * 2);
}

void LogTest::the_first_batch_is_read_even_if_it_is_too_large() {
  LogFixture f;
  f.reopen();
  f.write_many(2, {.value_bytes = 500});
  QVERIFY(f.read(0, 10)->bytes.size() > 500);
  LogRead strict{.from = Offset{0},
                 .bytes_max = 10,
                 .upper_bound = f.log->log_end(),
                 .at_least_one_batch = false};
  QVERIFY(f.log->read(strict)->bytes.empty());
}

void LogTest::a_read_outside_the_log_is_out_of_range() {
  LogFixture f;
  f.reopen();
  f.write_many(5);
  QCOMPARE(f.read(6).error(), StorageError::offset_out_of_range);
  QVERIFY(f.read(5)->bytes.empty());
  QVERIFY(f.log->advance_log_start(Offset{3}));
  QCOMPARE(f.read(2).error(), StorageError::offset_out_of_range);
  QCOMPARE(f.log->advance_log_start(Offset{9}).error(), StorageError::offset_out_of_range);
  QCOMPARE(error_code_of(StorageError::offset_out_of_range),
           protocol::ErrorCode::offset_out_of_range);
}

void LogTest::every_batch_is_found_in_old_segments_and_new() {
  LogFixture f;
  f.config.segment_bytes = 30'000;
  f.config.index_interval_bytes = 500;
  f.reopen();
  for (int i = 0; i < 1000; ++i) QVERIFY(f.write({.records = 1 + i % 3, .value_bytes = 40}));
  QVERIFY(f.log->segments().size() > 3);
  const std::int64_t end = f.log->log_end().value();
  const auto all = f.bases_from(0);
  QCOMPARE(all.size(), 1000U);
  for (const bool reopened : {false, true}) {
    if (reopened) {
      f.shut_down_cleanly();
      f.reopen(true);
      QCOMPARE(f.log->log_end().value(), end);
    }
    for (std::int64_t offset = 0; offset < end; ++offset) {
      const std::int64_t base = f.read(offset, 1)->first_offset.value();
      const auto expected = std::prev(std::upper_bound(all.begin(), all.end(), offset));
      QCOMPARE(base, *expected);
    }
    QCOMPARE(f.bases_from(0, 777), all);
  }
}

void LogTest::segments_roll_by_size_time_and_full_index() {
  LogFixture f;
  f.config.segment_bytes = 1000;
  f.reopen();
  f.write_many(1, {.value_bytes = 600});
  const auto rolled = f.write({.value_bytes = 600});
  QVERIFY(rolled->rolled);
  QCOMPARE(f.log->segments().size(), 2U);
  QCOMPARE(f.log->segments()[1].base.value(), 1);
  for (const char* name : {"00000000000000000000.index", "00000000000000000000.timeindex",
                           "00000000000000000001.snapshot", "00000000000000000001.log"}) {
    QVERIFY2(f.has_file(name), name);
  }
  f.config.segment_bytes = 1 << 20;
  f.config.segment_time = Duration::millis(100);
  f.log->set_config(f.config);
  const std::int64_t at = start.millis_since_epoch();
  QVERIFY(!f.write({.timestamp = at + 100})->rolled);
  QVERIFY(f.write({.timestamp = at + 101})->rolled);
  f.config.index_bytes_max = 16;
  f.config.index_interval_bytes = 1;
  f.log->set_config(f.config);
  int rolls = 0;
  for (int i = 0; i < 12; ++i) rolls += f.write({.timestamp = at + 101})->rolled ? 1 : 0;
  QVERIFY(rolls >= 2);
  QCOMPARE(f.bases_from(0).size(), 16U);
}

void LogTest::append_time_replaces_the_producers_timestamps() {
  LogFixture f;
  f.config.timestamp_type = protocol::TimestampType::log_append_time;
  f.reopen();
  f.now = Instant::from_millis(5'000'000);
  const auto appended = f.write({.records = 2, .timestamp = 77});
  QCOMPARE(appended->append_time, 5'000'000);
  const auto batch = protocol::split_batches(f.read(0)->bytes)->front();
  QVERIFY(batch.crc_matches());
  QCOMPARE(batch.records()->at(1).timestamp, 5'000'000);
}

void LogTest::a_follower_keeps_offsets_and_epochs() {
  LogFixture f;
  f.reopen();
  const std::vector<protocol::RecordBatch> batches = {
      make_batch({.records = 2, .base = Offset{0}, .leader_epoch = LeaderEpoch{1}}),
      make_batch({.records = 1, .base = Offset{5}, .leader_epoch = LeaderEpoch{4}})};
  const auto appended = f.log->append_as_follower(batches, f.now);
  QCOMPARE(appended->last_offset.value(), 5);
  QCOMPARE(f.log->log_end().value(), 6);
  QCOMPARE(f.log->epochs().entries(),
           (std::vector<EpochStart>{{LeaderEpoch{1}, Offset{0}}, {LeaderEpoch{4}, Offset{5}}}));
  // What compaction took from the leader is skipped.
  QCOMPARE(f.read(3)->first_offset.value(), 5);
}

// As after a DeleteRecords that hit the middle of the leader's batch.
void LogTest::an_empty_follower_takes_the_batch_that_holds_its_start() {
  LogFixture f;
  f.reopen();
  QVERIFY(f.log->truncate_fully_and_start_at(Offset{5}, f.now));
  const auto append = [&](const protocol::RecordBatch& batch) {
    return f.log->append_as_follower({&batch, 1}, f.now);
  };
  QCOMPARE(append(make_batch({.records = 2, .base = Offset{3}})).error(),
           StorageError::offset_went_back);
  const std::vector<protocol::RecordBatch> torn = {
      make_batch({.records = 4, .base = Offset{3}, .leader_epoch = LeaderEpoch{2}}),
      make_batch({.records = 1, .base = Offset{7}, .leader_epoch = LeaderEpoch{1}})};
  QCOMPARE(f.log->append_as_follower(torn, f.now).error(), StorageError::leader_epoch_went_back);
  QCOMPARE(f.log->log_start().value(), 5);
  QCOMPARE(f.log->log_end().value(), 5);
  QVERIFY(append(torn.front()));
  QCOMPARE(f.log->log_start().value(), 5);
  QCOMPARE(f.log->log_end().value(), 7);
  QCOMPARE(f.read(5)->first_offset.value(), 3);
  QCOMPARE(
      append(make_batch({.records = 4, .base = Offset{6}, .leader_epoch = LeaderEpoch{2}})).error(),
      StorageError::offset_went_back);
}

void LogTest::a_follower_refuses_what_goes_back_or_is_damaged() {
  LogFixture f;
  f.epoch = LeaderEpoch{3};
  f.reopen();
  f.write_many(4);
  const auto append = [&](const protocol::RecordBatch& batch) {
    return f.log->append_as_follower({&batch, 1}, f.now).error();
  };
  QCOMPARE(append(make_batch({.base = Offset{3}, .leader_epoch = LeaderEpoch{3}})),
           StorageError::offset_went_back);
  QCOMPARE(append(make_batch({.base = Offset{4}, .leader_epoch = LeaderEpoch{2}})),
           StorageError::leader_epoch_went_back);
  ByteChain bytes = make_batch({.base = Offset{4}, .leader_epoch = LeaderEpoch{3}}).bytes();
  const Bytes whole = bytes.flatten();
  std::vector<std::uint8_t> damaged(whole.data(), whole.data() + whole.size());
  damaged.back() = static_cast<std::uint8_t>(damaged.back() ^ 1);
  QCOMPARE(append(*protocol::RecordBatch::read(Bytes::copy_of(damaged))), StorageError::corrupt);
  QCOMPARE(f.log->log_end().value(), 4);
}

void LogTest::an_append_larger_than_a_segment_is_refused() {
  LogFixture f;
  f.config.segment_bytes = 1000;
  f.reopen();
  QCOMPARE(f.write({.value_bytes = 2000}).error(), StorageError::batches_too_large);
  QVERIFY(f.write());
}

void LogTest::a_full_disk_leaves_the_log_as_it_was() {
  LogFixture f;
  f.reopen();
  f.write_many(10);
  f.files.faults.capacity_bytes = f.files.used_bytes() + 20;
  const auto refused = f.write();
  QCOMPARE(refused.error(), StorageError::disk_full);
  QCOMPARE(error_code_of(refused.error()), protocol::ErrorCode::kafka_storage_error);
  QCOMPARE(f.bases_from(0).size(), 10U);
  f.files.faults = {};
  QCOMPARE(f.write()->first_offset.value(), 10);
}

void LogTest::a_failure_at_any_step_of_an_append_leaves_the_log_as_it_was() {
  int failures = 0;
  for (std::uint64_t step = 0; step < 40; ++step) {
    LogFixture f;
    f.config.segment_bytes = 500;
    f.reopen();
    f.write_many(1, {.value_bytes = 300, .producer = ProducerId{1}});
    f.files.faults.changes_until_failure = step;
    f.epoch = LeaderEpoch{1};  // So that the checkpoint is written, and a roll is due.
    const BatchSpec next{.value_bytes = 300, .producer = ProducerId{1}, .sequence = 1};
    const auto refused = f.write(next);
    f.files.faults = {};
    if (refused) break;
    ++failures;
    QCOMPARE(f.log->log_end().value(), 1);
    QCOMPARE(f.log->latest_epoch()->value(), 0);
    QCOMPARE(f.bases_from(0).size(), 1U);
    if (step % 2 == 0) {
      f.crash();
      f.reopen();
      QCOMPARE(f.log->log_end().value(), 1);
    }
    const auto retried = f.write(next);
    QVERIFY(retried && !retried->duplicate);
    QCOMPARE(retried->first_offset.value(), 1);
    QCOMPARE(f.log->end_offset_for_epoch(LeaderEpoch{0}), (EpochEnd{LeaderEpoch{0}, Offset{1}}));
    QCOMPARE(f.bases_from(0).size(), 2U);
  }
  QVERIFY(failures > 5);
}

void LogTest::truncation_cuts_the_batch_that_holds_the_offset() {
  LogFixture f;
  f.config.index_interval_bytes = 100;
  f.reopen();
  f.write_many(50, {.records = 2});
  QVERIFY(f.log->truncate_to(Offset{61}, f.now));
  QCOMPARE(f.log->log_end().value(), 60);
  QCOMPARE(f.bases_from(0).size(), 30U);
  QVERIFY(f.log->truncate_to(Offset{80}, f.now));
  QCOMPARE(f.log->log_end().value(), 60);
  QCOMPARE(f.write({.records = 2})->first_offset.value(), 60);
  f.shut_down_cleanly();
  f.reopen(true);
  QCOMPARE(f.bases_from(0).size(), 31U);
  QCOMPARE(f.read(55, 1)->first_offset.value(), 54);
}

void LogTest::truncation_to_the_end_drops_an_epoch_without_records() {
  LogFixture f;
  f.reopen();
  f.write_many(3);
  const auto before = f.log->latest_epoch();
  const Offset end = f.log->log_end();
  QVERIFY(f.log->assign_epoch(LeaderEpoch{5}, end));
  QVERIFY(f.log->latest_epoch() == LeaderEpoch{5});
  QVERIFY(f.log->truncate_to(end, f.now));
  QVERIFY(f.log->latest_epoch() == before);
  QCOMPARE(f.log->log_end(), end);
}

void LogTest::truncation_to_an_old_segment_removes_the_new_ones() {
  LogFixture f;
  f.config.segment_bytes = 600;
  f.reopen();
  for (int i = 0; i < 40; ++i) {
    f.epoch = LeaderEpoch{i / 10};
    f.write_many(1);
  }
  const std::size_t before = f.log->segments().size();
  QVERIFY(f.log->truncate_to(Offset{15}, f.now));
  QVERIFY(f.log->segments().size() < before);
  QCOMPARE(f.log->log_end().value(), 15);
  QCOMPARE(f.log->latest_epoch()->value(), 1);
  f.epoch = LeaderEpoch{9};
  f.write_many(3);
  QCOMPARE(f.bases_from(0).size(), 18U);
  f.crash();
  f.reopen();
  QCOMPARE(f.bases_from(0).size(), 18U);
  QCOMPARE(f.log->latest_epoch()->value(), 9);
}

void LogTest::a_fully_truncated_log_starts_anew() {
  LogFixture f;
  f.config.segment_bytes = 600;
  f.reopen();
  f.write_many(30);
  QVERIFY(f.log->truncate_fully_and_start_at(Offset{1000}, f.now));
  QCOMPARE(f.log->log_start().value(), 1000);
  QCOMPARE(f.log->size(), 0U);
  QVERIFY(!f.log->latest_epoch());
  QCOMPARE(f.write()->first_offset.value(), 1000);
  f.crash();
  f.reopen();
  QCOMPARE(f.log->log_start().value(), 1000);
  QCOMPARE(f.log->log_end().value(), 1001);
}

void LogTest::old_segments_go_by_time_size_and_log_start() {
  LogFixture f;
  f.config.segment_bytes = 600;
  f.config.retention_time = Duration::millis(1000);
  f.reopen();
  const std::int64_t at = start.millis_since_epoch();
  for (int i = 0; i < 40; ++i) f.write_many(1, {.timestamp = at + i * 100});
  const Offset end = f.log->log_end();
  QCOMPARE(*f.log->delete_old_segments(Instant::from_millis(at + 900), end), 0U);
  QVERIFY(*f.log->delete_old_segments(Instant::from_millis(at + 3000), end) > 0);
  const Offset by_time = f.log->log_start();
  QVERIFY(by_time > Offset{10} && by_time <= Offset{20});
  QCOMPARE(f.read(by_time.value() - 1).error(), StorageError::offset_out_of_range);
  f.config.retention_time.reset();
  f.config.retention_bytes = 1300;
  f.log->set_config(f.config);
  QVERIFY(*f.log->delete_old_segments(f.now, end) > 0);
  QVERIFY(f.log->size() >= 1300 && f.log->size() < 1300 + 600);
  f.config.retention_bytes.reset();
  f.log->set_config(f.config);
  QVERIFY(f.log->advance_log_start(end));
  QVERIFY(*f.log->delete_old_segments(f.now, end) > 0);
  QCOMPARE(f.log->size(), 0U);
  QCOMPARE(f.log->segments().size(), 1U);
  QCOMPARE(f.write()->first_offset, end);
}

void LogTest::nothing_above_the_high_watermark_is_deleted() {
  LogFixture f;
  f.config.segment_bytes = 600;
  f.config.retention_bytes = 0;
  f.reopen();
  f.write_many(40);
  const Offset second = f.log->segments()[1].base;
  QCOMPARE(*f.log->delete_old_segments(f.now, second.plus(-1)), 0U);
  QCOMPARE(*f.log->delete_old_segments(f.now, second), 1U);
  QCOMPARE(f.log->log_start(), second);
}

void LogTest::a_record_is_found_by_its_time() {
  LogFixture f;
  f.config.segment_bytes = 3000;
  f.config.index_interval_bytes = 200;
  f.reopen();
  QVERIFY(!*f.log->offset_for_timestamp(0));
  QVERIFY(!*f.log->offset_of_max_timestamp());
  f.epoch = LeaderEpoch{2};
  // Records 2i and 2i+1 at 1000+10i and 1001+10i, but one batch is from the past and one from the
  // future.
  for (int i = 0; i < 100; ++i) {
    const std::int64_t at = i == 30 ? 50 : i == 60 ? 9000 : 1000 + 10 * i;
    f.write_many(1, {.records = 2, .timestamp = at});
  }
  for (const bool reopened : {false, true}) {
    if (reopened) {
      f.crash();
      f.reopen();
    }
    QCOMPARE(**f.log->offset_for_timestamp(0),
             (TimestampedRecord{Offset{0}, 1000, LeaderEpoch{2}}));
    QCOMPARE(**f.log->offset_for_timestamp(1001),
             (TimestampedRecord{Offset{1}, 1001, LeaderEpoch{2}}));
    QCOMPARE(**f.log->offset_for_timestamp(1295),
             (TimestampedRecord{Offset{62}, 1310, LeaderEpoch{2}}));
    QCOMPARE(**f.log->offset_for_timestamp(1595),
             (TimestampedRecord{Offset{120}, 9000, LeaderEpoch{2}}));
    QCOMPARE(**f.log->offset_of_max_timestamp(),
             (TimestampedRecord{Offset{121}, 9001, LeaderEpoch{2}}));
    QVERIFY(!*f.log->offset_for_timestamp(9002));
  }
}

void LogTest::epochs_end_where_the_next_begin() {
  LogFixture f;
  f.reopen();
  f.epoch = LeaderEpoch{2};
  f.write_many(3);
  QVERIFY(f.log->assign_epoch(LeaderEpoch{5}, f.log->log_end()));
  QCOMPARE(f.log->end_offset_for_epoch(LeaderEpoch{3}), (EpochEnd{LeaderEpoch{2}, Offset{3}}));
  QCOMPARE(f.log->end_offset_for_epoch(LeaderEpoch{5}), (EpochEnd{LeaderEpoch{5}, Offset{3}}));
  f.epoch = LeaderEpoch{4};
  QCOMPARE(f.write().error(), StorageError::leader_epoch_went_back);
}

void LogTest::a_sync_moves_the_recovery_point() {
  LogFixture f;
  f.config.segment_bytes = 600;
  f.reopen();
  f.write_many(30);
  QCOMPARE(f.log->recovery_point().value(), 0);
  QCOMPARE(f.sync(), SyncState::done);
  QCOMPARE(f.log->recovery_point().value(), 30);
  f.write_many(5);
  f.crash();
  f.files.lose_power();
  f.reopen();
  QCOMPARE(f.log->log_end().value(), 30);
  QCOMPARE(f.bases_from(0).size(), 30U);
}

void LogTest::a_failed_sync_leaves_the_recovery_point() {
  LogFixture f;
  f.reopen();
  f.write_many(3);
  f.files.faults.syncs_fail = true;
  QCOMPARE(f.sync(), SyncState::failed);
  QCOMPARE(f.log->recovery_point().value(), 0);
  QVERIFY(!f.log->sync_under_way());
  f.files.faults = {};
  QCOMPARE(f.sync(), SyncState::done);
}

OTTLA_TEST(LogTest)
#include "log_test.moc"
