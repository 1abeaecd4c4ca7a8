#include "engine/storage/broker_files.h"

#include "tests/engine/storage/log_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::storage;
using namespace ottla::storage::test;

namespace {

struct Folder {
  MemoryFileSystem files;
  Completions completions;
  MemoryDisk disk{files, completions};
  std::string text(std::string_view path) { return std::string(read_file(disk, path)->text()); }
  void put(std::string_view path, std::string_view content) {
    QVERIFY(replace_file(disk, path, Bytes::copy_of(content)));
  }
};

}  // namespace

class BrokerFilesTest : public QObject {
  Q_OBJECT
 private slots:
  void offsets_by_partition_are_kafkas_text();
  void a_damaged_offset_checkpoint_is_told();
  void meta_properties_name_cluster_and_node();
  void meta_properties_that_java_wrote_are_read();
  void a_clean_shutdown_is_taken_once();
  void partition_metadata_names_the_topic();
  void folder_and_file_names_are_read_back();
};

void BrokerFilesTest::offsets_by_partition_are_kafkas_text() {
  Folder f;
  QVERIFY(read_offset_checkpoint(f.disk, recovery_point_checkpoint)->empty());
  const OffsetCheckpoint offsets = {{{"orders", PartitionIndex{10}}, Offset{7}},
                                    {{"orders", PartitionIndex{2}}, Offset{123456789012}}};
  QVERIFY(write_offset_checkpoint(f.disk, recovery_point_checkpoint, offsets));
  QCOMPARE(f.text("recovery-point-offset-checkpoint"),
           std::string("0\n2\norders 2 123456789012\norders 10 7\n"));
  QVERIFY(*read_offset_checkpoint(f.disk, recovery_point_checkpoint) == offsets);
}

void BrokerFilesTest::a_damaged_offset_checkpoint_is_told() {
  Folder f;
  f.put(log_start_checkpoint, "");  // Kafka's own is so at first.
  QVERIFY(read_offset_checkpoint(f.disk, log_start_checkpoint)->empty());
  for (const char* text : {"0\n1\norders 2\n", "0\n1\norders x 1\n", "junk"}) {
    f.put(log_start_checkpoint, text);
    QCOMPARE(read_offset_checkpoint(f.disk, log_start_checkpoint).error(), StorageError::corrupt);
  }
}

void BrokerFilesTest::meta_properties_name_cluster_and_node() {
  Folder f;
  QVERIFY(!*read_meta_properties(f.disk));
  const MetaProperties properties{"MkU3OEVBNTcwNTJENDM2Qg", BrokerId{3}, Uuid(5, 6)};
  QVERIFY(write_meta_properties(f.disk, properties));
  QVERIFY(**read_meta_properties(f.disk) == properties);
}

void BrokerFilesTest::meta_properties_that_java_wrote_are_read() {
  Folder f;
  f.put(meta_properties_name,
        "#\n#Thu Jan 01 00:00:00 UTC 2026\nnode.id=1\nversion=1\ncluster.id=abc\n");
  QCOMPARE((*read_meta_properties(f.disk))->cluster_id, std::string("abc"));
  for (const char* text : {"version=1\nnode.id=1\n", "version=0\nnode.id=1\ncluster.id=a\n",
                           "version=1\nnode.id=x\ncluster.id=a\n"}) {
    f.put(meta_properties_name, text);
    QCOMPARE(read_meta_properties(f.disk).error(), StorageError::corrupt);
  }
}

void BrokerFilesTest::a_clean_shutdown_is_taken_once() {
  Folder f;
  QVERIFY(!*take_clean_shutdown(f.disk));
  QVERIFY(write_clean_shutdown(f.disk, {BrokerEpoch{77}}));
  QCOMPARE(f.text(".kafka_cleanshutdown"), std::string("{\"version\":0,\"brokerEpoch\":77}"));
  QCOMPARE((*take_clean_shutdown(f.disk))->broker_epoch.value(), 77);
  QVERIFY(!*take_clean_shutdown(f.disk));
  f.put(clean_shutdown_name, "");
  QCOMPARE((*take_clean_shutdown(f.disk))->broker_epoch, no_broker_epoch);
}

void BrokerFilesTest::partition_metadata_names_the_topic() {
  Folder f;
  const TopicId id(1, 2);
  QVERIFY(!*read_partition_metadata(f.disk, "t-0"));
  QVERIFY(write_partition_metadata(f.disk, "t-0", id));
  QCOMPARE(f.text("t-0/partition.metadata"), "version: 0\ntopic_id: " + id.to_string() + "\n");
  QVERIFY(**read_partition_metadata(f.disk, "t-0") == id);
  f.put("t-0/partition.metadata", "version: 0\n");
  QCOMPARE(read_partition_metadata(f.disk, "t-0").error(), StorageError::corrupt);
}

void BrokerFilesTest::folder_and_file_names_are_read_back() {
  const TopicPartition of{"my-topic-1", PartitionIndex{12}};
  QCOMPARE(folder_name(of), std::string("my-topic-1-12"));
  QVERIFY(parse_folder_name("my-topic-1-12") == of);
  for (const char* name :
       {"topic", "-1", "topic-", "topic-x", "topic-1.abc-delete", "topic-99999999999"}) {
    QVERIFY2(!parse_folder_name(name), name);
  }
  QCOMPARE(offset_file_name(Offset{42}, suffix::log), std::string("00000000000000000042.log"));
  QVERIFY(parse_offset_file_name("00000000000000000042.log", suffix::log) == Offset{42});
  QVERIFY(!parse_offset_file_name("00000000000000000042.index", suffix::log));
  QVERIFY(!parse_offset_file_name("42.log", suffix::log));
}

OTTLA_TEST(BrokerFilesTest)
#include "broker_files_test.moc"
