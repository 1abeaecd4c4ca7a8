#include "engine/storage/log.h"
#include "tests/engine/storage/log_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

constexpr ProducerId pid{9};
constexpr std::string_view first_log = "00000000000000000000.log";

void damage(LogFixture& f, std::string_view name, std::uint64_t position) {
  f.files.find("t-0/" + std::string(name))->flip_bit(position, 0);
}

}  // namespace

class LogRecoveryTest : public QObject {
  Q_OBJECT
 private slots:
  void a_killed_process_loses_nothing();
  void a_torn_last_batch_is_cut_off();
  void the_log_ends_before_the_first_bad_batch();
  void what_is_below_the_recovery_point_is_not_read_again();
  void a_missing_or_damaged_index_is_built_anew();
  void a_lie_about_a_clean_shutdown_is_found_out();
  void leftovers_of_interrupted_work_are_swept_away();
  void a_retried_batch_is_known_after_a_restart();
  void sequences_go_on_after_every_kind_of_restart();
  void transactions_go_on_after_every_kind_of_restart();
  void aborted_transactions_are_told_to_readers();
  void damaged_aborted_transactions_are_built_anew();
  void truncation_takes_producers_back();
  void epochs_are_found_in_the_batches_when_the_checkpoint_is_gone();
  void epochs_without_records_are_dropped();
  void records_below_the_log_start_stay_gone();
  void a_log_start_past_the_end_starts_anew();
  void seeded_crashes_keep_what_was_synced();
};

void LogRecoveryTest::a_killed_process_loses_nothing() {
  LogFixture f;
  f.config.segment_bytes = 2000;
  f.reopen();
  f.write_many(100);
  f.crash();
  f.reopen();
  QCOMPARE(f.log->log_end().value(), 100);
  QCOMPARE(f.bases_from(0).size(), 100U);
  QCOMPARE(f.write()->first_offset.value(), 100);
}

void LogRecoveryTest::a_torn_last_batch_is_cut_off() {
  const std::size_t batch = make_batch().size_in_bytes();
  for (std::size_t torn = 1; torn < batch; ++torn) {
    LogFixture f;
    f.reopen();
    f.write_many(3);
    f.crash();
    f.files.find("t-0/" + std::string(first_log))->truncate(batch * 2 + torn);
    f.reopen();
    QCOMPARE(f.log->log_end().value(), 2);
    QCOMPARE(f.files.find("t-0/" + std::string(first_log))->size(), batch * 2);
    QCOMPARE(f.write()->first_offset.value(), 2);
    QCOMPARE(f.bases_from(0).size(), 3U);
  }
}

void LogRecoveryTest::the_log_ends_before_the_first_bad_batch() {
  LogFixture f;
  f.config.segment_bytes = 1000;
  f.reopen();
  f.write_many(100);
  f.crash();
  const std::size_t batch = make_batch().size_in_bytes();
  damage(f, first_log, batch * 5 - 1);
  f.reopen();
  QCOMPARE(f.log->log_end().value(), 4);
  QCOMPARE(f.log->segments().size(), 1U);
  QCOMPARE(f.bases_from(0).size(), 4U);
}

void LogRecoveryTest::what_is_below_the_recovery_point_is_not_read_again() {
  LogFixture f;
  f.config.segment_bytes = 1000;
  f.reopen();
  f.write_many(100);
  QCOMPARE(f.sync(), SyncState::done);
  f.crash();
  const std::size_t batch = make_batch().size_in_bytes();
  damage(f, first_log, batch * 5 - 1);
  f.reopen();
  QCOMPARE(f.log->log_end().value(), 100);
}

void LogRecoveryTest::a_missing_or_damaged_index_is_built_anew() {
  LogFixture f;
  f.config.segment_bytes = 4000;
  f.config.index_interval_bytes = 100;
  f.reopen();
  for (int i = 0; i < 200; ++i) f.write_many(1, {.timestamp = 1000 + i});
  f.shut_down_cleanly();
  const std::string index = "t-0/00000000000000000000.index";
  const std::string time_index = "t-0/00000000000000000000.timeindex";
  const auto content = *read_file(*f.disk, index);
  const auto times = *read_file(*f.disk, time_index);
  QVERIFY(content.size() >= 16 && content.size() % 8 == 0 && times.size() % 12 == 0);
  f.files.find(index)->truncate(content.size() - 3);
  QVERIFY(f.files.remove(time_index));
  f.reopen(true);
  QCOMPARE(f.log->log_end().value(), 200);
  QVERIFY(*read_file(*f.disk, index) == content);
  QCOMPARE((*f.log->offset_for_timestamp(1017))->offset.value(), 17);
  damage(f, "00000000000000000000.index", 9);
  f.reopen(true);
  QVERIFY(*read_file(*f.disk, index) == content);
}

void LogRecoveryTest::a_lie_about_a_clean_shutdown_is_found_out() {
  LogFixture f;
  f.reopen();
  f.write_many(10);
  f.crash();
  const std::size_t batch = make_batch().size_in_bytes();
  f.files.find("t-0/" + std::string(first_log))->truncate(batch * 9 + 20);
  f.reopen(true);
  QCOMPARE(f.log->log_end().value(), 9);
  QCOMPARE(f.bases_from(0).size(), 9U);
}

void LogRecoveryTest::leftovers_of_interrupted_work_are_swept_away() {
  LogFixture f;
  f.reopen();
  f.write_many(3);
  f.crash();
  for (const char* name : {"00000000000000000100.index", "00000000000000000100.timeindex",
                           "00000000000000000000.log.deleted", "leader-epoch-checkpoint.tmp",
                           "00000000000000000100.snapshot"}) {
    QVERIFY(f.files.open("t-0/" + std::string(name), Disk::Open::create_new));
  }
  f.reopen();
  QCOMPARE(f.log->log_end().value(), 3);
  for (const std::string& path : f.files.paths()) {
    QVERIFY2(path.find("0100.") == std::string::npos &&
                 path.find(".deleted") == std::string::npos &&
                 path.find(".tmp") == std::string::npos,
             path.c_str());
  }
}

void LogRecoveryTest::a_retried_batch_is_known_after_a_restart() {
  for (const bool clean : {false, true}) {
    LogFixture f;
    f.reopen();
    f.write_many(4);
    const BatchSpec spec{.records = 3, .producer = pid, .sequence = 0};
    QCOMPARE(f.write(spec)->first_offset.value(), 4);
    const auto at_once = f.write(spec);
    QVERIFY(at_once->duplicate);
    QCOMPARE(at_once->first_offset.value(), 4);
    QCOMPARE(at_once->last_offset.value(), 6);
    clean ? f.shut_down_cleanly() : f.crash();
    f.reopen(clean);
    const auto later = f.write(spec);
    QVERIFY(later->duplicate);
    QCOMPARE(later->last_offset.value(), 6);
    QCOMPARE(f.log->log_end().value(), 7);
  }
}

void LogRecoveryTest::sequences_go_on_after_every_kind_of_restart() {
  LogFixture f;
  f.config.segment_bytes = 700;
  f.reopen();
  for (std::int32_t i = 0; i < 60; ++i) {
    QVERIFY(f.write({.producer = pid, .sequence = i}));
    QVERIFY(f.write({.producer = ProducerId{100 + i % 3}, .sequence = i / 3}));
    if (i % 7 == 3) f.crash(), f.reopen();
    if (i % 7 == 5) f.shut_down_cleanly(), f.reopen(true);
    if (i % 11 == 5) QCOMPARE(f.sync(), SyncState::done);
    QCOMPARE(f.write({.producer = pid, .sequence = i + 2}).error(),
             StorageError::out_of_order_sequence);
  }
  QVERIFY(f.log->segments().size() > 5);
}

void LogRecoveryTest::transactions_go_on_after_every_kind_of_restart() {
  for (const int how : {0, 1, 2}) {
    LogFixture f;
    f.config.segment_bytes = 400;
    f.reopen();
    f.write_many(2);
    QVERIFY(f.write({.producer = pid, .sequence = 0, .transactional = true}));
    f.write_many(6);
    if (how == 0) f.crash(), f.reopen();
    if (how == 1) f.shut_down_cleanly(), f.reopen(true);
    if (how == 2) {
      QCOMPARE(f.sync(), SyncState::done);
      f.crash();
      f.files.lose_power();
      f.reopen();
    }
    QCOMPARE(f.log->last_stable_offset(f.log->log_end()).value(), 2);
    QVERIFY(f.end_transaction(pid, ProducerEpoch{0}, true));
    QCOMPARE(f.log->last_stable_offset(f.log->log_end()).value(), 2);
    f.log->on_high_watermark(f.log->log_end());
    QCOMPARE(f.log->last_stable_offset(f.log->log_end()).value(), 10);
  }
}

void LogRecoveryTest::aborted_transactions_are_told_to_readers() {
  LogFixture f;
  f.config.segment_bytes = 400;
  f.reopen();
  QVERIFY(f.write({.producer = pid, .sequence = 0, .transactional = true}));  // 0
  f.write_many(5);
  QVERIFY(f.end_transaction(pid, ProducerEpoch{0}, false));                   // 6
  QVERIFY(f.write({.producer = pid, .sequence = 1, .transactional = true}));  // 7
  f.write_many(5);
  QVERIFY(f.end_transaction(pid, ProducerEpoch{0}, false));  // 13
  f.write_many(3);
  const std::vector<AbortedTransaction> both = {{pid, Offset{0}, Offset{6}, Offset{7}},
                                                {pid, Offset{7}, Offset{13}, Offset{14}}};
  for (const int restart : {0, 1, 2}) {
    if (restart == 1) f.crash(), f.reopen();
    if (restart == 2) f.shut_down_cleanly(), f.reopen(true);
    QCOMPARE(*f.log->aborted_transactions(Offset{0}, Offset{17}), both);
    QCOMPARE(*f.log->aborted_transactions(Offset{0}, Offset{7}), std::vector{both[0]});
    QCOMPARE(*f.log->aborted_transactions(Offset{7}, Offset{17}), std::vector{both[1]});
    QVERIFY(f.log->aborted_transactions(Offset{14}, Offset{17})->empty());
  }
  QVERIFY(f.log->truncate_to(Offset{13}, f.now));
  QCOMPARE(*f.log->aborted_transactions(Offset{0}, Offset{13}), std::vector{both[0]});
  QCOMPARE(f.log->producers().first_undecided_offset()->value(), 7);
  f.log->on_high_watermark(f.log->log_end());
  QCOMPARE(f.log->last_stable_offset(f.log->log_end()).value(), 7);
}

void LogRecoveryTest::damaged_aborted_transactions_are_built_anew() {
  const std::string index = "t-0/00000000000000000000.txnindex";
  const std::string missing = "missing";
  for (const std::string& content :
       {std::string(), missing, std::string("cut in an entry"), std::string("\xff")}) {
    LogFixture f;
    f.reopen();
    QVERIFY(f.write({.producer = pid, .sequence = 0, .transactional = true}));
    QVERIFY(f.end_transaction(pid, ProducerEpoch{0}, false));
    QVERIFY(f.log->roll(f.now));
    f.write_many(1);
    QCOMPARE(f.sync(), SyncState::done);
    f.shut_down_cleanly();
    const Bytes whole = *read_file(*f.disk, index);
    QCOMPARE(whole.size(), AbortedTransactions::entry_size);
    const std::string garbage = content == "\xff" ? std::string(whole.size(), '\xff') : content;
    if (content == missing) {
      QVERIFY(f.disk->remove(index));
    } else {
      QVERIFY(replace_file(*f.disk, index, Bytes::copy_of(std::string_view(garbage))));
    }
    f.reopen(true);
    // Without an entry it is as good an index as any.
    const bool is_known = !content.empty() && content != missing;
    const auto found = read_file(*f.disk, index);
    QVERIFY2((found && *found == whole) == is_known, content.c_str());
    QCOMPARE(f.log->aborted_transactions(Offset{0}, Offset{3})->size(), is_known ? 1U : 0U);
  }
}

void LogRecoveryTest::truncation_takes_producers_back() {
  LogFixture f;
  f.config.segment_bytes = 500;
  f.reopen();
  for (std::int32_t i = 0; i < 30; ++i) QVERIFY(f.write({.producer = pid, .sequence = i}));
  QVERIFY(f.log->truncate_to(Offset{12}, f.now));
  QCOMPARE(f.log->producers().producers().at(pid).last_sequence(), 11);
  QCOMPARE(f.write({.producer = pid, .sequence = 13}).error(), StorageError::out_of_order_sequence);
  QVERIFY(f.write({.producer = pid, .sequence = 12}));
}

void LogRecoveryTest::epochs_are_found_in_the_batches_when_the_checkpoint_is_gone() {
  for (const bool clean : {false, true}) {
    LogFixture f;
    f.config.segment_bytes = 500;
    f.reopen();
    for (int i = 0; i < 30; ++i) {
      f.epoch = LeaderEpoch{i / 8};
      f.write_many(1);
    }
    const auto before = f.log->epochs().entries();
    QCOMPARE(before.size(), 4U);
    clean ? f.shut_down_cleanly() : f.crash();
    QVERIFY(f.files.remove("t-0/leader-epoch-checkpoint"));
    f.reopen(clean);
    QCOMPARE(f.log->epochs().entries(), before);
    QVERIFY(f.has_file("leader-epoch-checkpoint"));
  }
}

void LogRecoveryTest::epochs_without_records_are_dropped() {
  LogFixture f;
  f.reopen();
  f.write_many(3);
  QCOMPARE(f.sync(), SyncState::done);
  f.epoch = LeaderEpoch{5};
  f.write_many(3);
  f.crash();
  f.files.lose_power();
  f.reopen();
  QCOMPARE(f.log->log_end().value(), 3);
  QCOMPARE(f.log->latest_epoch()->value(), 0);
}

void LogRecoveryTest::records_below_the_log_start_stay_gone() {
  LogFixture f;
  f.config.segment_bytes = 500;
  f.reopen();
  for (std::int32_t i = 0; i < 30; ++i) QVERIFY(f.write({.producer = pid, .sequence = i}));
  f.crash();
  f.disk.emplace(f.files, f.completions);
  auto log = Log::open(*f.disk, "t-0", f.config, {.now = f.now, .log_start = Offset{12}});
  QCOMPARE(log->log_start().value(), 12);
  QCOMPARE(log->read({.from = Offset{11}, .bytes_max = 1, .upper_bound = Offset{30}}).error(),
           StorageError::offset_out_of_range);
  QVERIFY(*log->delete_old_segments(f.now, Offset{30}) > 0);
  QCOMPARE(log->producers().producers().at(pid).last_sequence(), 29);
}

void LogRecoveryTest::a_log_start_past_the_end_starts_anew() {
  LogFixture f;
  f.reopen();
  f.write_many(5);
  f.crash();
  f.disk.emplace(f.files, f.completions);
  auto log = Log::open(*f.disk, "t-0", f.config, {.now = f.now, .log_start = Offset{50}});
  QCOMPARE(log->log_start().value(), 50);
  QCOMPARE(log->log_end().value(), 50);
}

// Random work on a log with a machine that fails, against a list of what was appended. After each
// failure: what was synced is there, and what is there is the beginning of what was appended.
void LogRecoveryTest::seeded_crashes_keep_what_was_synced() {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Prng draws(seed);
    LogFixture f;
    f.config.segment_bytes = static_cast<std::uint32_t>(draws.between(600, 3000));
    f.config.index_interval_bytes = static_cast<std::uint32_t>(draws.between(1, 600));
    f.reopen();
    std::vector<std::int64_t> bases;  // Of every batch that is in the log.
    std::vector<std::int64_t> ends;
    std::int64_t synced = 0;
    std::int32_t sequence = 0;
    const auto check = [&](int step) {
      const std::string where = "seed " + std::to_string(seed) + " step " + std::to_string(step);
      QVERIFY2(f.log->log_end().value() >= synced, where.c_str());
      while (!ends.empty() && ends.back() > f.log->log_end().value())
        bases.pop_back(), ends.pop_back();
      QVERIFY2(f.log->log_end().value() == (ends.empty() ? 0 : ends.back()), where.c_str());
      QVERIFY2(f.bases_from(0, 1 + draws.below(2000)) == bases, where.c_str());
      const auto known = f.log->producers().producers().find(pid);
      sequence =
          known == f.log->producers().producers().end() ? 0 : known->second.last_sequence() + 1;
      QVERIFY2(sequence == static_cast<std::int32_t>(f.log->log_end().value()), where.c_str());
      for (const std::int64_t base : bases) {
        const auto read = f.read(base, 1);
        QVERIFY2(read && read->first_offset.value() == base, where.c_str());
      }
    };
    for (int step = 0; step < 60; ++step) {
      const std::uint64_t kind = draws.below(20);
      if (kind < 12) {
        if (draws.chance(0.05)) f.epoch = f.epoch.next();
        const int records = static_cast<int>(draws.between(1, 4));
        const auto appended = f.write({.records = records,
                                       .value_bytes = draws.below(80),
                                       .producer = pid,
                                       .sequence = sequence});
        QVERIFY2(appended, ("seed " + std::to_string(seed) + " step " + std::to_string(step) +
                            ": " + (appended ? "" : std::string(message(appended.error()))))
                               .c_str());
        sequence += records;
        bases.push_back(appended->first_offset.value());
        ends.push_back(appended->last_offset.value() + 1);
      } else if (kind == 12) {
        QCOMPARE(f.sync(), SyncState::done);
        synced = f.log->log_end().value();
      } else if (kind == 13) {
        QVERIFY(f.log->roll(f.now));
      } else if (kind == 14 && !ends.empty()) {
        const std::int64_t to = draws.between(0, ends.back());
        QVERIFY(f.log->truncate_to(Offset{to}, f.now));
        synced = std::min(synced, to);
        synced = std::min(synced, f.log->log_end().value());
        f.synced_recovery_point = std::min(f.synced_recovery_point, f.log->recovery_point());
        check(step);
      } else if (kind == 15) {
        f.shut_down_cleanly();
        f.reopen(true);
        f.synced_recovery_point = std::min(f.synced_recovery_point, Offset{synced});
        check(step);
      } else if (kind == 16) {
        f.crash();
        f.reopen();
        check(step);
      } else if (kind == 17) {
        f.crash();
        f.files.lose_power_tearing(draws);
        f.reopen();
        check(step);
      } else if (kind == 18) {
        f.files.faults.changes_until_failure = draws.below(4);
        const auto appended = f.write({.producer = pid, .sequence = sequence});
        f.files.faults = {};
        if (appended) {
          ++sequence;
          bases.push_back(appended->first_offset.value());
          ends.push_back(appended->last_offset.value() + 1);
        }
        check(step);
      }
      if (QTest::currentTestFailed()) return;
    }
  }
}

OTTLA_TEST(LogRecoveryTest)
#include "log_recovery_test.moc"
