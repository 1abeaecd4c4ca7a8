#include "engine/broker/data_folder.h"

#include "engine/env/memory_disk.h"
#include "engine/storage/broker_files.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

struct NoSyncs final : SyncScheduler {
  void schedule_sync_done(DiskOperationId, DiskResult<void>) override {}
};
struct Counting final : Random {
  std::uint64_t next() override { return ++last; }
  std::uint64_t last = 0;
};

struct Folder {
  NoSyncs syncs;
  MemoryFileSystem files;
  MemoryDisk disk{files, syncs};
  Counting random;

  auto claim(const std::string& cluster, int node) {
    return broker::claim_data_folder(disk, random, cluster, BrokerId{node});
  }
};

}  // namespace

class DataFolderTest : public QObject {
  Q_OBJECT
 private slots:
  void an_empty_folder_becomes_the_nodes_and_keeps_its_id();
  void a_folder_of_another_node_or_cluster_is_refused();
  void a_meta_properties_that_cannot_be_read_is_refused_and_left_alone();
};

void DataFolderTest::an_empty_folder_becomes_the_nodes_and_keeps_its_id() {
  Folder folder;
  const auto first = folder.claim("c", 1);
  QVERIFY(first.has_value());
  QVERIFY(!first->is_zero());
  QVERIFY(folder.claim("c", 1) == first);
}

void DataFolderTest::a_folder_of_another_node_or_cluster_is_refused() {
  Folder folder;
  QVERIFY(folder.claim("c", 1).has_value());
  QVERIFY(!folder.claim("c", 2).has_value());
  QVERIFY(!folder.claim("d", 1).has_value());
}

void DataFolderTest::a_meta_properties_that_cannot_be_read_is_refused_and_left_alone() {
  Folder folder;
  const Bytes torn = Bytes::copy_of("version=1\ncluster");
  QVERIFY(replace_file(folder.disk, storage::meta_properties_name, torn).has_value());
  QVERIFY(!folder.claim("c", 1).has_value());
  QVERIFY(read_file(folder.disk, storage::meta_properties_name) == torn);
}

OTTLA_TEST(DataFolderTest)
#include "data_folder_test.moc"
