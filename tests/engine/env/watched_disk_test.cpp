#include "engine/env/watched_disk.h"

#include "engine/env/memory_disk.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

struct NoSyncs final : SyncScheduler {
  void schedule_sync_done(DiskOperationId, DiskResult<void>) override {}
};

struct Machine {
  NoSyncs syncs;
  MemoryFileSystem files;
  MemoryDisk disk{files, syncs};
  WatchedDisk watched{disk};
};

}  // namespace

class WatchedDiskTest : public QObject {
  Q_OBJECT
 private slots:
  void a_missing_or_present_file_is_no_failure();
  void the_first_failure_is_kept();
  void a_failed_sync_counts();
};

void WatchedDiskTest::a_missing_or_present_file_is_no_failure() {
  Machine machine;
  QVERIFY(!machine.watched.open("absent", Disk::Open::existing).has_value());
  QVERIFY(machine.watched.open("present", Disk::Open::create_new).has_value());
  QVERIFY(!machine.watched.open("present", Disk::Open::create_new).has_value());
  QVERIFY(!machine.watched.failure().has_value());
}

void WatchedDiskTest::the_first_failure_is_kept() {
  Machine machine;
  const auto file = machine.watched.open("log", Disk::Open::create_new);
  machine.files.faults.capacity_bytes = 4;
  QVERIFY(!machine.watched.append(*file, Bytes::copy_of("12345")).has_value());
  machine.files.faults.read_only = true;
  QVERIFY(!machine.watched.remove("log").has_value());
  QVERIFY(machine.watched.failure().has_value());
  QCOMPARE(QString::fromStdString(*machine.watched.failure()),
           QStringLiteral("no space left on the disk, on trying to write to a file"));
}

void WatchedDiskTest::a_failed_sync_counts() {
  Machine machine;
  const auto file = machine.watched.open("log", Disk::Open::create_new);
  const DiskResult<void> failed = failure(DiskError::input_output);
  machine.watched.sync(*file, DiskOperationId{1});
  QVERIFY(!machine.watched.note_synced(DiskOperationId{2}, failed));  // Another disk's.
  QVERIFY(machine.watched.note_synced(DiskOperationId{1}, {}));
  QVERIFY(!machine.watched.failure().has_value());
  machine.watched.sync(*file, DiskOperationId{3});
  QVERIFY(machine.watched.note_synced(DiskOperationId{3}, failed));
  QVERIFY(machine.watched.failure().has_value());
}

OTTLA_TEST(WatchedDiskTest)
#include "watched_disk_test.moc"
