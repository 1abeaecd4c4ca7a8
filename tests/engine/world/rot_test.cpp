#include "engine/world/rot.h"

#include <QTest>

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;

namespace {

using Paths = std::vector<std::string>;

// The disk of a broker with two log directories, of which one has the metadata log, too.
struct Machine {
  Machine() {
    for (const std::string path :
         {"disk1/__cluster_metadata-0/00000000000000000000.index",
          "disk1/__cluster_metadata-0/quorum-state", "disk1/meta.properties",
          "disk1/orders-0/00000000000000000000.index",
          "disk1/orders-0/00000000000000000000.timeindex",
          "disk1/orders-0/00000000000000000042.snapshot"}) {
      add(path, "content");
    }
    for (const std::string path :
         {"disk1/__cluster_metadata-0/00000000000000000000.log",
          "disk1/__cluster_metadata-0/00000000000000000007.log",
          "disk1/orders-0/00000000000000000000.log", "disk1/orders-0/00000000000000000042.log",
          "disk2/orders-1/00000000000000000000.log"}) {
      add(path, two_batches);
    }
  }

  void add(const std::string& path, std::string_view content) {
    auto file = files.open(path, Disk::Open::create_new);
    if (!file || !files.append(**file, ByteChain(Bytes::copy_of(content))))
      qFatal("%s cannot be written", path.c_str());
  }
  [[nodiscard]] Paths may_rot(RotIn where, std::string_view prefix = {}) const {
    Paths paths;
    for (const FileRange& place : places_to_rot(where, prefix, files)) {
      if (paths.empty() || paths.back() != place.path) paths.push_back(place.path);
    }
    return paths;
  }

  // Of 61 and of 62 bytes, and the beginning of a third.
  static inline const std::string two_batches = std::string(11, '\0') + '\x31' +
                                                std::string(49 + 11, '\0') + '\x32' +
                                                std::string(50 + 20, '\0');
  MemoryFileSystem files;
};

}  // namespace

class RotTest : public QObject {
  Q_OBJECT
 private slots:
  void any_file_is_any_under_the_prefix();
  void indexes_are_those_of_offsets_and_times();
  void a_log_ends_with_its_last_segment();
  void a_clean_shutdown_vouches_for_logs();
  void the_metadata_log_is_no_partition_s();
  void a_disk_may_be_one_directory();
  void of_a_batch_rots_what_its_checksum_covers();
};

void RotTest::any_file_is_any_under_the_prefix() {
  const Machine machine;
  QCOMPARE(machine.may_rot(RotIn::any_file).size(), std::size_t{11});
  const std::string log = "disk2/orders-1/00000000000000000000.log";
  QVERIFY(places_to_rot(RotIn::any_file, "disk2/", machine.files) ==
          (std::vector<FileRange>{{log, 0, Machine::two_batches.size()}}));
  QVERIFY(machine.may_rot(RotIn::any_file, "disk3/").empty());
}

void RotTest::indexes_are_those_of_offsets_and_times() {
  const Machine machine;
  QVERIFY(machine.may_rot(RotIn::index, "disk1/orders") ==
          (Paths{"disk1/orders-0/00000000000000000000.index",
                 "disk1/orders-0/00000000000000000000.timeindex"}));
  QCOMPARE(machine.may_rot(RotIn::index).size(), std::size_t{3});
  QVERIFY(machine.may_rot(RotIn::producer_snapshot) ==
          Paths{"disk1/orders-0/00000000000000000042.snapshot"});
}

void RotTest::a_log_ends_with_its_last_segment() {
  QVERIFY(Machine().may_rot(RotIn::log_end) == (Paths{"disk1/orders-0/00000000000000000042.log",
                                                      "disk2/orders-1/00000000000000000000.log"}));
}

void RotTest::a_clean_shutdown_vouches_for_logs() {
  Machine machine;
  machine.add("disk1/.kafka_cleanshutdown", "{}");
  QVERIFY(machine.may_rot(RotIn::log_end) == Paths{"disk2/orders-1/00000000000000000000.log"});
  QCOMPARE(machine.may_rot(RotIn::metadata_log).size(), std::size_t{2});
}

void RotTest::the_metadata_log_is_no_partition_s() {
  QVERIFY(Machine().may_rot(RotIn::metadata_log) ==
          (Paths{"disk1/__cluster_metadata-0/00000000000000000000.log",
                 "disk1/__cluster_metadata-0/00000000000000000007.log"}));
}

void RotTest::a_disk_may_be_one_directory() {
  Machine machine;
  const Paths logs = {"__cluster_metadata-0/00000000000000000000.log",
                      "orders-0/00000000000000000000.log"};
  for (const std::string& log : logs) machine.add(log, Machine::two_batches);
  QVERIFY(machine.may_rot(RotIn::metadata_log, "__") == Paths{logs[0]});
  QVERIFY(machine.may_rot(RotIn::log_end, "orders") == Paths{logs[1]});
}

void RotTest::of_a_batch_rots_what_its_checksum_covers() {
  const std::string log = "disk2/orders-1/00000000000000000000.log";
  QVERIFY(places_to_rot(RotIn::log_end, "disk2/", Machine().files) ==
          (std::vector<FileRange>{{log, 21, 61}, {log, 61 + 21, 61 + 62}}));
}

OTTLA_TEST(RotTest)
#include "rot_test.moc"
