#include "engine/env/memory_file_system.h"

#include "engine/env/memory_disk.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

ByteChain text(std::string_view content) {
  return Bytes::copy_of(content);
}

struct Completions final : SyncScheduler {
  std::vector<std::pair<DiskOperationId, DiskResult<void>>> done;
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override {
    done.emplace_back(operation, result);
  }
};

struct Machine {
  MemoryFileSystem files;
  Completions completions;
  MemoryDisk disk{files, completions, MemoryDisk::Syncs::when_finished};

  FileId create(std::string_view path) { return *disk.open(path, Disk::Open::create_or_existing); }
  void write(std::string_view path, std::string_view content) {
    const FileId file = create(path);
    QVERIFY(disk.append(file, text(content)));
    disk.close(file);
  }
  std::string content(std::string_view path) { return std::string(read_file(disk, path)->text()); }
  void sync(std::string_view path, std::uint64_t id) {
    const FileId file = create(path);
    disk.sync(file, DiskOperationId{id});
    disk.close(file);
  }
};

}  // namespace

class MemoryFileSystemTest : public QObject {
  Q_OBJECT
 private slots:
  void appended_slices_are_shared_with_the_reader();
  void any_part_of_a_file_reads_as_it_was_written();
  void a_cut_file_continues_where_it_was_cut();
  void folders_are_listed_sorted_with_a_slash();
  void a_folder_is_renamed_with_all_that_is_in_it();
  void power_loss_keeps_what_was_synced_and_a_kill_keeps_all();
  void bytes_appended_after_a_cut_are_not_part_of_an_earlier_sync();
  void a_renamed_file_has_its_content_after_a_power_loss();
  void a_torn_tail_is_never_longer_than_what_was_appended();
  void a_full_disk_refuses_the_whole_append();
  void a_read_only_or_failing_disk_says_so();
  void one_rotten_bit_changes_one_byte();
  void a_removed_file_takes_no_space();
  void a_mounted_folder_has_faults_and_space_of_its_own();
};

void MemoryFileSystemTest::appended_slices_are_shared_with_the_reader() {
  Machine machine;
  const ByteChain written = text("some bytes");
  const FileId file = machine.create("f");
  QVERIFY(machine.disk.append(file, written));
  const auto read = machine.disk.read(file, 5, 100);
  QCOMPARE(read->slices()[0].data(), written.slices()[0].data() + 5);
  QCOMPARE(read->to_string(), std::string("bytes"));
}

void MemoryFileSystemTest::any_part_of_a_file_reads_as_it_was_written() {
  Machine machine;
  Prng draws(7);
  std::string expected;
  const FileId file = machine.create("f");
  for (int i = 0; i < 200; ++i) {
    ByteChain chain;
    for (std::uint64_t part = draws.below(4); part > 0; --part) {
      std::string piece(draws.below(9), static_cast<char>('a' + draws.below(26)));
      chain.append(Bytes::copy_of(piece));
      expected += piece;
    }
    QVERIFY(machine.disk.append(file, chain));
  }
  QCOMPARE(*machine.disk.size(file), expected.size());
  for (int i = 0; i < 500; ++i) {
    const std::size_t position = draws.below(expected.size() + 3);
    const std::size_t length = draws.below(50);
    const auto read = machine.disk.read(file, position, length);
    QCOMPARE(read->to_string(),
             position < expected.size() ? expected.substr(position, length) : std::string());
  }
}

void MemoryFileSystemTest::a_cut_file_continues_where_it_was_cut() {
  Machine machine;
  const FileId file = machine.create("f");
  QVERIFY(machine.disk.append(file, text("abcdef")));
  QVERIFY(machine.disk.append(file, text("ghi")));
  QVERIFY(machine.disk.truncate(file, 4));
  QVERIFY(machine.disk.append(file, text("XY")));
  QCOMPARE(machine.content("f"), std::string("abcdXY"));
  QCOMPARE(machine.files.used_bytes(), 6U);
}

void MemoryFileSystemTest::folders_are_listed_sorted_with_a_slash() {
  Machine machine;
  machine.write("t-1/0.log", "x");
  machine.write("t-1/0.index", "x");
  machine.write("t.checkpoint", "x");
  machine.write("t-10/0.log", "x");
  QCOMPARE(*machine.disk.list(""), (std::vector<std::string>{"t-1/", "t-10/", "t.checkpoint"}));
  QCOMPARE(*machine.disk.list("t-1"), (std::vector<std::string>{"0.index", "0.log"}));
  QVERIFY(machine.disk.list("absent")->empty());
}

void MemoryFileSystemTest::a_folder_is_renamed_with_all_that_is_in_it() {
  Machine machine;
  machine.write("a/1", "one");
  machine.write("a/2", "two");
  machine.write("b/1", "other");
  QCOMPARE(machine.disk.rename("a", "b").error(), DiskError::already_exists);
  QVERIFY(machine.disk.rename("a", "c"));
  QCOMPARE(machine.content("c/2"), std::string("two"));
  QVERIFY(machine.disk.list("a")->empty());
  QCOMPARE(machine.disk.rename("a", "d").error(), DiskError::not_found);
}

void MemoryFileSystemTest::power_loss_keeps_what_was_synced_and_a_kill_keeps_all() {
  Machine machine;
  machine.write("f", "synced.");
  machine.sync("f", 1);
  machine.write("f", "after");
  QCOMPARE(machine.completions.done.size(), 1U);
  QCOMPARE(machine.disk.bytes_of_sync(DiskOperationId{1}), 7U);
  machine.disk.finish_sync(DiskOperationId{1});
  MemoryDisk after_kill(machine.files, machine.completions);
  QCOMPARE(read_file(after_kill, "f")->text(), std::string_view("synced.after"));
  machine.sync("f", 2);  // Under way when the power goes.
  machine.files.lose_power();
  QCOMPARE(machine.content("f"), std::string("synced."));
  QCOMPARE(machine.files.used_bytes(), 7U);
}

void MemoryFileSystemTest::bytes_appended_after_a_cut_are_not_part_of_an_earlier_sync() {
  Machine machine;
  machine.write("f", "0123456789");
  machine.sync("f", 1);
  QVERIFY(machine.disk.truncate(machine.create("f"), 4));
  machine.write("f", "abcdef");
  machine.disk.finish_sync(DiskOperationId{1});
  machine.files.lose_power();
  QCOMPARE(machine.content("f"), std::string("0123"));
}

void MemoryFileSystemTest::a_renamed_file_has_its_content_after_a_power_loss() {
  Machine machine;
  machine.write("checkpoint", "old");
  machine.sync("checkpoint", 1);
  machine.disk.finish_sync(DiskOperationId{1});
  QVERIFY(replace_file(machine.disk, "checkpoint", text("new")));
  machine.files.lose_power();
  QCOMPARE(machine.content("checkpoint"), std::string("new"));
  QCOMPARE(machine.files.paths(), std::vector<std::string>{"checkpoint"});
}

void MemoryFileSystemTest::a_torn_tail_is_never_longer_than_what_was_appended() {
  bool lost = false;
  bool torn = false;
  bool zeroed = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Machine machine;
    machine.write("f", "synced.");
    machine.sync("f", 1);
    machine.disk.finish_sync(DiskOperationId{1});
    machine.write("f", std::string(2000, 'x'));
    Prng draws(seed);
    machine.files.lose_power_tearing(draws);
    const std::string left = machine.content("f");
    QVERIFY(left.size() <= 2007);
    QCOMPARE(left.substr(0, 7), std::string("synced."));
    lost |= left.size() == 7;
    torn |= left.size() > 7 && left.back() == 'x';
    zeroed |= left.back() == '\0';
  }
  QVERIFY(lost && torn && zeroed);
}

void MemoryFileSystemTest::a_full_disk_refuses_the_whole_append() {
  Machine machine;
  machine.files.faults.capacity_bytes = 10;
  const FileId file = machine.create("f");
  QVERIFY(machine.disk.append(file, text("12345678")));
  QCOMPARE(machine.disk.append(file, text("abc")).error(), DiskError::no_space);
  QCOMPARE(machine.content("f"), std::string("12345678"));
  QVERIFY(machine.disk.append(file, text("ab")));
  QVERIFY(machine.disk.remove("f"));
  machine.write("g", "0123456789");
}

void MemoryFileSystemTest::a_read_only_or_failing_disk_says_so() {
  Machine machine;
  machine.write("f", "x");
  const FileId file = machine.create("f");
  machine.files.faults.read_only = true;
  QCOMPARE(machine.disk.append(file, text("y")).error(), DiskError::read_only);
  QCOMPARE(machine.disk.remove("f").error(), DiskError::read_only);
  QCOMPARE(machine.disk.open("g", Disk::Open::create_new).error(), DiskError::read_only);
  QCOMPARE(machine.content("f"), std::string("x"));
  machine.files.faults = {};
  machine.files.faults.reads_fail = true;
  QCOMPARE(machine.disk.read(file, 0, 1).error(), DiskError::input_output);
  {
    const MemoryFileSystem::Inspection inspection(machine.files);
    QCOMPARE(machine.content("f"), std::string("x"));
    QCOMPARE(machine.disk.read(file, 0, 1).value().flatten().text(), std::string("x"));
  }
  QCOMPARE(machine.disk.read(file, 0, 1).error(), DiskError::input_output);
  machine.files.faults = {};
  machine.files.faults.changes_until_failure = 1;
  QVERIFY(machine.disk.append(file, text("y")));
  QCOMPARE(machine.disk.append(file, text("z")).error(), DiskError::input_output);
  machine.files.faults = {};
  machine.files.faults.syncs_fail = true;
  machine.disk.sync(file, DiskOperationId{9});
  QCOMPARE(machine.completions.done.back().second.error(), DiskError::input_output);
}

void MemoryFileSystemTest::one_rotten_bit_changes_one_byte() {
  Machine machine;
  machine.write("t-0/f", std::string(64, 'a'));
  machine.write("u-0/f", std::string(64, 'a'));
  Prng draws(3);
  QVERIFY(machine.files.rot_bit(draws, {{"u-0/f", 7, 7}, {"t-0/f", 60, 64}}) == "t-0/f");
  QVERIFY(machine.content("t-0/f") != std::string(64, 'a'));
  QCOMPARE(machine.content("t-0/f").substr(0, 60), std::string(60, 'a'));
  QCOMPARE(machine.content("u-0/f"), std::string(64, 'a'));
  QVERIFY(!machine.files.rot_bit(draws, {{"u-0/f", 7, 7}}));
}

void MemoryFileSystemTest::a_removed_file_takes_no_space() {
  Machine machine;
  machine.write("a/f", "12345");
  const FileId file = machine.create("a/f");
  QVERIFY(machine.disk.remove_folder("a"));
  QCOMPARE(machine.files.used_bytes(), 0U);
  QVERIFY(machine.disk.append(file, text("678")));
  QCOMPARE(machine.files.used_bytes(), 0U);
  QVERIFY(machine.disk.remove_folder("a"));
  QCOMPARE(machine.disk.remove("a/f").error(), DiskError::not_found);
}

void MemoryFileSystemTest::a_mounted_folder_has_faults_and_space_of_its_own() {
  Machine machine;
  machine.write("a/f", "12345");
  machine.write("ab/f", "12345");
  machine.write("b/f", "12345");
  const FileId in_a = machine.create("a/f");
  const FileId in_b = machine.create("b/f");
  machine.files.faults_below("a").capacity_bytes = machine.files.used_bytes("a");
  QCOMPARE(machine.files.used_bytes("a"), 5U);
  QCOMPARE(machine.disk.append(in_a, text("6")).error(), DiskError::no_space);
  QVERIFY(machine.disk.append(in_b, text("6")));
  machine.write("ab/f", "6");
  QCOMPARE(machine.disk.volume("a")->total_bytes, 5U);
  QCOMPARE(machine.disk.volume("a")->usable_bytes, 0U);
  machine.files.faults_below("a/") = {};
  machine.files.faults_below("a").reads_fail = true;
  QCOMPARE(machine.disk.list("a").error(), DiskError::input_output);
  QCOMPARE(machine.disk.volume("a").error(), DiskError::input_output);
  QVERIFY(machine.disk.rename("b", "a/b"));  // What comes there later is on it, too.
  QCOMPARE(machine.disk.read(in_b, 0, 1).error(), DiskError::input_output);
  machine.files.faults_below("a").syncs_fail = true;
  machine.disk.sync(in_b, DiskOperationId{1});
  QCOMPARE(machine.completions.done.back().second.error(), DiskError::input_output);
}

OTTLA_TEST(MemoryFileSystemTest)
#include "memory_file_system_test.moc"
