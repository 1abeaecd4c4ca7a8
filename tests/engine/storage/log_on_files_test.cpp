// The log over the machine's own file system: what `--data-dir` is.
#include <QDir>
#include <QTemporaryDir>

#include "engine/env/posix_disk.h"
#include "engine/storage/broker_files.h"
#include "engine/storage/log.h"
#include "engine/storage/log_cleaner.h"
#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

class LogOnFilesTest : public QObject {
  Q_OBJECT
 private slots:
  void a_log_is_written_synced_and_opened_again();
  void a_log_is_compacted_and_opened_again();
};

void LogOnFilesTest::a_log_is_written_synced_and_opened_again() {
  QTemporaryDir temporary;
  // Another folder to keep what was written, for a look with Kafka's own tools.
  const QString kept = qEnvironmentVariable("OTTLA_KEEP_LOG");
  const std::string root = (kept.isEmpty() ? temporary.path() : kept).toStdString();
  LogConfig config;
  config.segment_bytes = 40'000;
  config.index_interval_bytes = 1000;
  Completions completions;
  {
    const auto disk = *PosixDisk::open_folder(root, completions, 3);
    QVERIFY(write_partition_metadata(*disk, "t-0", TopicId(1, 2)));
    auto log = Log::open(*disk, "t-0", config, {.now = start});
    QVERIFY(log);
    for (int i = 0; i < 1000; ++i) {
      const bool transactional = i % 100 < 3;
      const protocol::RecordBatch batch =
          transactional ? make_batch({.producer = ProducerId{7},
                                      .sequence = i / 100 * 3 + i % 100,
                                      .transactional = true})
                        : make_batch({.records = 2, .value_bytes = 50, .timestamp = 1000 + i});
      QVERIFY(log->append_as_leader({&batch, 1}, {.epoch = LeaderEpoch{i / 400}, .now = start}));
      if (i % 100 != 3) continue;
      const auto marker = protocol::make_marker_batch(
          {.committed = i % 200 == 3, .coordinator_epoch = 1}, {.producer_id = ProducerId{7},
                                                                .producer_epoch = ProducerEpoch{0},
                                                                .timestamp = 1000 + i});
      QVERIFY(log->append_as_leader(
          {&marker, 1},
          {.epoch = LeaderEpoch{i / 400}, .now = start, .origin = AppendOrigin::coordinator}));
    }
    QVERIFY(log->prepare_shutdown());
    log->start_sync(DiskOperationId{1});
    SyncState state = SyncState::under_way;
    for (std::size_t i = 0; i < completions.due.size(); ++i) {
      state = log->on_synced(completions.due[i].second);
    }
    QCOMPARE(state, SyncState::done);
    QVERIFY(log->segments().size() > 2);
  }
  const auto disk = *PosixDisk::open_folder(root, completions, 3);
  for (const bool clean : {true, false}) {
    auto log = Log::open(*disk, "t-0", config, {.now = start, .clean_shutdown = clean});
    QVERIFY(log);
    QCOMPARE(log->log_end().value(), 970 * 2 + 30 + 10);
    QCOMPARE(log->latest_epoch()->value(), 2);
    QCOMPARE(log->aborted_transactions(Offset{0}, log->log_end())->size(), 5U);
    const auto read =
        log->read({.from = Offset{501}, .bytes_max = 1000, .upper_bound = log->log_end()});
    QVERIFY(protocol::split_batches(read->bytes)->front().crc_matches());
    QVERIFY(log->prepare_shutdown());
  }
}

void LogOnFilesTest::a_log_is_compacted_and_opened_again() {
  QTemporaryDir temporary;
  // As above.
  const QString kept = qEnvironmentVariable("OTTLA_KEEP_COMPACTED_LOG");
  const std::string root = (kept.isEmpty() ? temporary.path() : kept).toStdString();
  LogConfig config;
  config.compact = true;
  config.segment_bytes = 20'000;
  config.index_interval_bytes = 1000;
  Completions completions;
  const auto disk = *PosixDisk::open_folder(root, completions, 3);
  QVERIFY(write_partition_metadata(*disk, "t-0", TopicId(1, 2)));
  std::int64_t end = 0;
  {
    auto log = *Log::open(*disk, "t-0", config, {.now = start});
    std::int32_t sequence = 0;
    for (int i = 0; i < 1000; ++i) {
      const bool transactional = i % 50 == 7;
      const std::vector<Put> puts = {
          {"key-" + std::to_string(i % 30), std::to_string(i)},
          {"gone-" + std::to_string(i % 9), std::nullopt},
      };
      const Writer writer{.producer = ProducerId{transactional ? 7 : 8},
                          .sequence = transactional ? i / 50 * 2 : sequence,
                          .transactional = transactional};
      if (!transactional) sequence += 2;
      const auto batch = keyed_batch(puts, start + Duration::seconds(i), writer,
                                     static_cast<protocol::Compression>(i % 5));
      QVERIFY(log.append_as_leader({&batch, 1}, {.epoch = LeaderEpoch{i / 400}, .now = start}));
      if (!transactional) continue;
      const auto marker = protocol::make_marker_batch(
          {.committed = i % 100 == 7, .coordinator_epoch = 1}, {.producer_id = ProducerId{7},
                                                                .producer_epoch = ProducerEpoch{0},
                                                                .timestamp = 1000 + i});
      QVERIFY(log.append_as_leader(
          {&marker, 1},
          {.epoch = LeaderEpoch{i / 400}, .now = start, .origin = AppendOrigin::coordinator}));
    }
    end = log.log_end().value();
    const std::uint64_t before = log.size();
    log.on_high_watermark(log.log_end());
    const LogCleaner::Position at{.cleaned_to = {}, .last_stable = log.log_end(), .now = start};
    LogCleaner cleaner(log, *LogCleaner::measure(log, at), {}, start);
    auto progress = cleaner.step(5000);
    while (*progress == LogCleaner::Progress::under_way) progress = cleaner.step(5000);
    QCOMPARE(*progress, LogCleaner::Progress::done);
    QVERIFY(log.size() < before / 3);
    QVERIFY(log.prepare_shutdown());
  }
  for (const bool clean : {true, false}) {
    auto log = *Log::open(*disk, "t-0", config, {.now = start, .clean_shutdown = clean});
    QCOMPARE(log.log_end().value(), end);
    const auto read = *log.read({.from = Offset{0}, .bytes_max = 1, .upper_bound = log.log_end()});
    QCOMPARE(read.first_offset.value(), 16);  // The first marker.
    QCOMPARE(log.latest_epoch()->value(), 2);
    QVERIFY(log.prepare_shutdown());
  }
}

OTTLA_TEST(LogOnFilesTest)
#include "log_on_files_test.moc"
