#include "engine/broker/controller/metadata_snapshots.h"

#include "engine/broker/controller/metadata_log.h"
#include "engine/env/memory_disk.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using raft::OffsetAndEpoch;

namespace {

constexpr std::string_view folder = "__cluster_metadata-0";

struct NoSyncs : SyncScheduler {
  void schedule_sync_done(DiskOperationId, DiskResult<void>) override {}
};

// A node's disk, and what is on it.
struct Machine {
  MemoryFileSystem files;
  NoSyncs syncs;
  MemoryDisk disk{files, syncs};

  MetadataSnapshots opened() {
    MetadataSnapshots snapshots(disk, std::string(folder));
    const auto done = snapshots.open();
    if (!done) qFatal("%s", done.error().c_str());
    return snapshots;
  }
  [[nodiscard]] std::vector<std::string> names() { return *disk.list(folder); }
  // Flips a bit of the file.
  void damage(const std::string& path, std::uint64_t at) {
    const Bytes whole = *read_file(disk, path);
    std::string text(whole.text());
    text.at(at) = static_cast<char>(text.at(at) ^ 1);
    const auto done = replace_file(disk, path, ByteChain(Bytes::copy_of(std::string_view(text))));
    if (!done) qFatal("the file cannot be written");
  }
};

ByteChain batch_of(const MetadataSnapshots::Content& content, Offset base, LeaderEpoch epoch) {
  return metadata_batch(content.records, {base, epoch, Instant::from_millis(5)}).bytes();
}

MetadataSnapshots::Content content_of(int topics) {
  MetadataSnapshots::Content content;
  content.last_contained_timestamp = 1234;
  for (int n = 0; n < topics; ++n) {
    protocol::TopicRecord record;
    record.name = "topic-" + std::to_string(n);
    record.topic_id = Uuid{1, static_cast<std::uint64_t>(n)};
    content.records.emplace_back(record);
  }
  return content;
}

const OffsetAndEpoch early{Offset{10}, LeaderEpoch{1}};
const OffsetAndEpoch late{Offset{20}, LeaderEpoch{3}};

}  // namespace

class MetadataSnapshotsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_snapshot_is_found_again_with_all_its_records();
  void what_was_not_finished_is_removed_at_the_next_start();
  void a_damaged_snapshot_is_refused_with_its_file();
  void a_snapshot_comes_in_by_pieces();
  void a_log_that_ends_before_its_snapshot_begins_there();
  void old_snapshots_and_the_log_before_them_go_when_too_much_is_kept();
};

void MetadataSnapshotsTest::a_snapshot_is_found_again_with_all_its_records() {
  Machine machine;
  const auto content = content_of(2500);  // Three batches.
  QVERIFY(machine.opened().write(early, content));
  QVERIFY(machine.opened().write(late, content_of(1)));
  MetadataSnapshots found = machine.opened();
  QVERIFY(found.earliest() == early);
  QVERIFY(found.latest() == late);
  const auto back = found.read(early);
  QVERIFY(back.has_value());
  QCOMPARE(back->records.size(), 2500U);
  QVERIFY(back->records == content.records);
  QCOMPARE(back->last_contained_timestamp, 1234);
  QVERIFY(!found.size_of({early.offset, late.epoch}));
  QCOMPARE(machine.names().front(), std::string("00000000000000000010-0000000001.checkpoint"));
}

void MetadataSnapshotsTest::what_was_not_finished_is_removed_at_the_next_start() {
  Machine machine;
  MetadataSnapshots snapshots = machine.opened();
  QVERIFY(snapshots.begin(early));
  QVERIFY(snapshots.append(early, ByteChain(Bytes::copy_of(std::string_view("half")))));
  QCOMPARE(machine.names().size(), 1U);
  QVERIFY(!machine.opened().latest());
  QVERIFY(machine.names().empty());
}

void MetadataSnapshotsTest::a_damaged_snapshot_is_refused_with_its_file() {
  Machine machine;
  QVERIFY(machine.opened().write(early, content_of(3)));
  const std::string path = std::string(folder) + "/00000000000000000010-0000000001.checkpoint";
  const auto size = static_cast<std::uint64_t>(*machine.opened().size_of(early));
  machine.damage(path, size / 2);
  const auto read = machine.opened().read(early);
  QVERIFY(!read);
  QVERIFY2(read.error().find(path) != std::string::npos, read.error().c_str());
  // One that ends before its footer is no snapshot either.
  QVERIFY(machine.opened().write(late, content_of(3)));
  const std::string whole = std::string(folder) + "/00000000000000000020-0000000003.checkpoint";
  const auto file = machine.disk.open(whole, Disk::Open::existing);
  const std::int64_t footer = 80;
  const auto cut = static_cast<std::uint64_t>(*machine.opened().size_of(late) - footer);
  QVERIFY(machine.disk.truncate(*file, cut));
  QVERIFY(!machine.opened().read(late));
}

void MetadataSnapshotsTest::a_snapshot_comes_in_by_pieces() {
  Machine from;
  Machine to;
  QVERIFY(from.opened().write(late, content_of(100)));
  MetadataSnapshots served = from.opened();
  MetadataSnapshots fetched = to.opened();
  const std::int64_t size = *served.size_of(late);
  QVERIFY(fetched.begin(late));
  for (std::int64_t position = 0; position < size; position += 1000)
    QVERIFY(fetched.append(late, served.read_bytes(late, position, 1000)));
  QVERIFY(!fetched.latest());
  QVERIFY(fetched.finish(late));
  QVERIFY(fetched.read(late)->records == content_of(100).records);
}

void MetadataSnapshotsTest::a_log_that_ends_before_its_snapshot_begins_there() {
  Machine machine;
  const Instant now = Instant::from_millis(10);
  {
    MetadataLog log(machine.disk);
    QVERIFY(log.open(now, true));
    QVERIFY(log.append(batch_of(content_of(5), Offset{0}, LeaderEpoch{1}), now));
    QVERIFY(log.snapshots().write(late, content_of(1)));
  }
  MetadataLog log(machine.disk);
  QVERIFY(log.open(now, false));
  QCOMPARE(log.start_offset(), late.offset);
  QCOMPARE(log.end_offset(), late.offset);
  QCOMPARE(log.last_epoch(), late.epoch);
  QVERIFY(
      (log.end_offset_for_epoch(LeaderEpoch{2}) == raft::OffsetAndEpoch{late.offset, late.epoch}));
}

void MetadataSnapshotsTest::old_snapshots_and_the_log_before_them_go_when_too_much_is_kept() {
  Machine machine;
  const Instant now = Instant::from_millis(100'000);
  MetadataLog log(machine.disk);
  QVERIFY(log.open(now, true));
  QVERIFY(log.append(batch_of(content_of(10), Offset{0}, LeaderEpoch{1}), now));
  QVERIFY(log.append(batch_of(content_of(10), Offset{10}, LeaderEpoch{3}), now));
  QVERIFY(log.append(batch_of(content_of(10), Offset{20}, LeaderEpoch{3}), now));
  QVERIFY(log.snapshots().write(early, content_of(10)));
  QVERIFY(log.snapshots().write(late, content_of(20)));
  const std::int64_t plenty = 1 << 30;
  const Duration long_ago = Duration::seconds(1000);
  QVERIFY(log.clean({plenty, long_ago}, Offset{30}, now));
  QVERIFY(log.earliest_snapshot() == early);
  QVERIFY(log.clean({0, long_ago}, Offset{15}, now));  // The later one is not committed yet.
  QCOMPARE(log.start_offset(), Offset{0});
  QVERIFY(log.clean({0, long_ago}, Offset{30}, now));
  QVERIFY(log.earliest_snapshot() == late);
  QCOMPARE(log.start_offset(), late.offset);
  // The last one stays, however little may be kept.
  QVERIFY(log.clean({0, Duration()}, Offset{30}, now));
  QVERIFY(log.latest_snapshot() == late);
  QCOMPARE(log.end_offset(), Offset{30});
}

OTTLA_TEST(MetadataSnapshotsTest)
#include "metadata_snapshots_test.moc"
