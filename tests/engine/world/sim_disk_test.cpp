#include "engine/world/sim_disk.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;

namespace {

struct Completions final : SyncScheduler {
  std::vector<DiskOperationId> done;
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override {
    if (result) done.push_back(operation);
  }
};

void write(Disk& disk, std::string_view path, std::string_view content) {
  const auto file = disk.open(path, Disk::Open::create_or_existing);
  QVERIFY(file && disk.append(*file, Bytes::copy_of(content)));
  disk.close(*file);
}

void sync(Disk& disk, std::string_view path, DiskOperationId operation) {
  const auto file = disk.open(path, Disk::Open::existing);
  disk.sync(*file, operation);
  disk.close(*file);
}

}  // namespace

class SimDiskTest : public QObject {
  Q_OBJECT
 private slots:
  void a_killed_process_leaves_all_that_it_wrote();
  void a_power_loss_keeps_what_had_finished_to_sync();
  void a_sync_takes_longer_the_more_it_writes();
  void the_same_seed_takes_the_same_time();
};

void SimDiskTest::a_killed_process_leaves_all_that_it_wrote() {
  Completions completions;
  SimDisk machine({}, Prng(1));
  write(machine.start_process(completions), "f", "content");
  machine.end_process();
  QCOMPARE(read_file(machine.start_process(completions), "f")->text(), std::string_view("content"));
}

void SimDiskTest::a_power_loss_keeps_what_had_finished_to_sync() {
  Completions completions;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimDisk machine({}, Prng(seed));
    Disk& disk = machine.start_process(completions);
    write(disk, "f", "synced.");
    sync(disk, "f", DiskOperationId{1});
    machine.finish_sync(DiskOperationId{1});
    write(disk, "f", "later");
    sync(disk, "f", DiskOperationId{2});
    machine.lose_power();
    machine.finish_sync(DiskOperationId{2});  // Of a process that is no more.
    const Bytes left = *read_file(machine.start_process(completions), "f");
    QVERIFY(left.size() <= 12);
    QCOMPARE(left.text().substr(0, 7), std::string_view("synced."));
  }
}

void SimDiskTest::a_sync_takes_longer_the_more_it_writes() {
  Completions completions;
  SimDisk machine({Duration::millis(1), Duration(), 1'000'000}, Prng(1));
  Disk& disk = machine.start_process(completions);
  write(disk, "f", std::string(5000, 'x'));
  sync(disk, "f", DiskOperationId{1});
  QCOMPARE(machine.sync_duration(DiskOperationId{1}).count_micros(), 6000);
  machine.finish_sync(DiskOperationId{1});
  sync(disk, "f", DiskOperationId{2});
  QCOMPARE(machine.sync_duration(DiskOperationId{2}).count_micros(), 1000);
}

void SimDiskTest::the_same_seed_takes_the_same_time() {
  SimDisk first({}, Prng(5));
  SimDisk second({}, Prng(5));
  for (std::uint64_t i = 0; i < 50; ++i) {
    QCOMPARE(first.sync_duration(DiskOperationId{i}), second.sync_duration(DiskOperationId{i}));
  }
}

OTTLA_TEST(SimDiskTest)
#include "sim_disk_test.moc"
