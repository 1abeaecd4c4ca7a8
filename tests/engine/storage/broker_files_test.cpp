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
  void damaged_meta_properties_are_told();
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
  const std::vector<std::pair<const char*, const char*>> damaged = {
      {"0\n1\norders 2\n",
       "Malformed line in checkpoint file [log-start-offset-checkpoint]: orders 2"},
      {"0\n1\norders x 1\n",
       "Malformed line in checkpoint file [log-start-offset-checkpoint]: orders x 1"},
      {"0\n1\norders 1 1x\n",
       "Malformed line in checkpoint file [log-start-offset-checkpoint]: orders 1 1x"},
      {"junk", "Malformed line in checkpoint file [log-start-offset-checkpoint]: junk"},
      {"0\nmany\n", "Malformed line in checkpoint file [log-start-offset-checkpoint]: many"},
      {"1\n0\n",
       "Unrecognised version:1, expected version: 0 in checkpoint file at: "
       "log-start-offset-checkpoint"},
      {"0\n2\norders 1 1\n",
       "Expected [2] entries in checkpoint file "
       "[log-start-offset-checkpoint], but found only [1]"}};
  for (const auto& [text, why] : damaged) {
    f.put(log_start_checkpoint, text);
    QCOMPARE(read_offset_checkpoint(f.disk, log_start_checkpoint).error(), std::string(why));
  }
  f.put(log_start_checkpoint, "0\n");
  QVERIFY(read_offset_checkpoint(f.disk, log_start_checkpoint)->empty());
  f.put(log_start_checkpoint, "0\n2\norders 1 5\norders 1 3\n");
  QVERIFY(*read_offset_checkpoint(f.disk, log_start_checkpoint) ==
          (OffsetCheckpoint{{{"orders", PartitionIndex{1}}, Offset{3}}}));
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
  f.put(meta_properties_name, "broker.id=4\ncluster.id=abc\n");
  QCOMPARE((*read_meta_properties(f.disk))->node_id, BrokerId{4});
  f.put(meta_properties_name, "version=1\nnode.id=1\nnode.id=2\ncluster.id=abc\n");
  QCOMPARE((*read_meta_properties(f.disk))->node_id, BrokerId{2});
}

void BrokerFilesTest::damaged_meta_properties_are_told() {
  Folder f;
  const std::vector<std::pair<const char*, const char*>> damaged = {
      {"", "broker.id was not found."},
      {"version=1\nnode.id=1\n", "cluster.id was not found."},
      {"version=1\ncluster.id=a\n", "node.id was not found."},
      {"version=0\nnode.id=1\ncluster.id=a\n", "broker.id was not found."},
      {"version=2\nnode.id=1\ncluster.id=a\n", "Unknown meta.properties version number 2"},
      {"version=-1\nnode.id=1\ncluster.id=a\n", "Unknown meta.properties version number -1"},
      {"version=q\nnode.id=1\ncluster.id=a\n", "Invalid meta.properties version string 'q'"},
      {"version=1\nnode.id=x\ncluster.id=a\n", "Unable to read node.id as a base-10 number."},
      {"version=1\nnode.id=1\ncluster.id=a\ndirectory.id=!\n",
       "Unable to read directory.id as a Uuid: !"}};
  for (const auto& [text, why] : damaged) {
    f.put(meta_properties_name, text);
    QCOMPARE(read_meta_properties(f.disk).error(), std::string(why));
  }
}

void BrokerFilesTest::a_clean_shutdown_is_taken_once() {
  Folder f;
  QVERIFY(!*take_clean_shutdown(f.disk));
  QVERIFY(write_clean_shutdown(f.disk, {BrokerEpoch{77}}));
  QCOMPARE(f.text(".kafka_cleanshutdown"), std::string("{\"version\":0,\"brokerEpoch\":77}"));
  QCOMPARE((*take_clean_shutdown(f.disk))->broker_epoch.value(), 77);
  QVERIFY(!*take_clean_shutdown(f.disk));
  for (const char* damaged :
       {"", "junk", "{\"version\":0,\"brokerEpoch\":7", "{\"version\":0,\"brokerEpoch\":x7}"}) {
    f.put(clean_shutdown_name, damaged);
    QCOMPARE((*take_clean_shutdown(f.disk))->broker_epoch, no_broker_epoch);
  }
}

void BrokerFilesTest::partition_metadata_names_the_topic() {
  Folder f;
  const TopicId id(1, 2);
  QVERIFY(!*read_partition_metadata(f.disk, "t-0"));
  QVERIFY(write_partition_metadata(f.disk, "t-0", id));
  QCOMPARE(f.text("t-0/partition.metadata"), "version: 0\ntopic_id: " + id.to_string() + "\n");
  QVERIFY(**read_partition_metadata(f.disk, "t-0") == id);
  f.put("t-0/partition.metadata", "version: 7\ntopic_id: " + id.to_string() + "\n");
  QVERIFY(**read_partition_metadata(f.disk, "t-0") == id);
  const std::string malformed = "Malformed line in checkpoint file [t-0/partition.metadata]: ";
  const std::vector<std::pair<std::string, std::string>> damaged = {
      {"", malformed},
      {"version: 0\n", malformed},
      {"junk", malformed + "junk"},
      {"version: 0\ntopic_id: !\n", malformed + "topic_id: !"},
      {"version: -1\ntopic_id: " + id.to_string() + "\n",
       "Unrecognized version of partition metadata file + (t-0/partition.metadata): -1"},
      {"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA\n",
       "Invalid topic ID in partition metadata file (t-0/partition.metadata)"}};
  for (const auto& [text, why] : damaged) {
    f.put("t-0/partition.metadata", text);
    QCOMPARE(read_partition_metadata(f.disk, "t-0").error(), why);
  }
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
