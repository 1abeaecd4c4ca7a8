#include "app/data/data_directory.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <utility>

#include "engine/env/posix_disk.h"
#include "engine/storage/broker_files.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using data::DataDirectory;

namespace {

using Nodes = std::vector<BrokerId>;

Nodes nodes(std::initializer_list<int> ids) {
  Nodes all;
  for (const int id : ids) all.emplace_back(id);
  return all;
}

// The syncs that a disk told of.
struct Syncs final : SyncScheduler {
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override {
    done.emplace_back(operation, result);
  }
  std::vector<std::pair<DiskOperationId, DiskResult<void>>> done;
};

// A folder for --data-dir that goes with the test.
struct Folder {
  QTemporaryDir root;
  Syncs syncs;

  [[nodiscard]] std::string path() const { return root.filePath("data").toStdString(); }
  [[nodiscard]] bool has(const QString& name) const { return QFile::exists(root.filePath(name)); }
  [[nodiscard]] auto open(const Nodes& wanted, const std::string& cluster = {}) const {
    return DataDirectory::open(path(), wanted, cluster);
  }
  // As the node leaves its own folder behind.
  void claim(const std::string& folder, const std::string& cluster, int node) {
    QVERIFY(QDir().mkpath(QString::fromStdString(path())));
    const auto disk = PosixDisk::open_folder(path() + folder, syncs);
    QVERIFY(disk.has_value());
    QVERIFY(storage::write_meta_properties(
                **disk, {.cluster_id = cluster, .node_id = BrokerId{node}, .directory_id = {1, 2}})
                .has_value());
  }
  // The sentence that refuses it; empty when it is not refused.
  [[nodiscard]] std::string refusal(const Nodes& wanted, const std::string& cluster = {}) const {
    const auto opened = open(wanted, cluster);
    return opened ? std::string() : opened.error();
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class DataDirectoryTest : public QObject {
  Q_OBJECT
 private slots:
  void a_new_folder_gets_one_for_each_node();
  void a_new_folder_takes_the_cluster_that_is_asked_for();
  void its_cluster_is_known_again();
  void a_folder_of_another_cluster_is_refused();
  void nodes_of_two_clusters_do_not_go_together();
  void a_folder_of_another_node_is_refused();
  void more_brokers_than_before_get_folders_of_their_own();
  void fewer_brokers_than_before_leave_the_others_as_they_are();
  void only_nodes_of_its_cluster_are_left_out();
  void the_folder_of_one_kafka_broker_is_refused();
  void a_meta_properties_that_cannot_be_read_is_refused();
  void a_folder_that_is_in_use_is_refused();
  void a_file_is_no_folder();
  void a_process_gets_the_disk_in_its_folder();
  void a_folder_that_became_unusable_is_a_broken_disk();
};

void DataDirectoryTest::a_new_folder_gets_one_for_each_node() {
  const Folder folder;
  const auto opened = folder.open(nodes({1, 2, 101}));
  QVERIFY(opened.has_value());
  QCOMPARE((*opened)->cluster_id(), std::string());
  QVERIFY(folder.has("data/node-1") && folder.has("data/node-2") && folder.has("data/node-101"));
  QVERIFY(!folder.has("data/node-3"));
  QVERIFY((*opened)->left_out().empty());
}

void DataDirectoryTest::a_new_folder_takes_the_cluster_that_is_asked_for() {
  const Folder folder;
  const auto opened = folder.open(nodes({1}), "orders-cluster");
  QVERIFY(opened.has_value());
  QCOMPARE((*opened)->cluster_id(), "orders-cluster");
}

void DataDirectoryTest::its_cluster_is_known_again() {
  Folder folder;
  folder.claim("/node-2", "orders-cluster", 2);
  for (const char* wanted : {"", "orders-cluster"}) {
    const auto opened = folder.open(nodes({1, 2}), wanted);
    QVERIFY2(opened.has_value(), opened ? "" : opened.error().c_str());
    QCOMPARE((*opened)->cluster_id(), "orders-cluster");
  }
}

void DataDirectoryTest::a_folder_of_another_cluster_is_refused() {
  Folder folder;
  folder.claim("/node-1", "orders-cluster", 1);
  const std::string why = folder.refusal(nodes({1}), "payments-cluster");
  QVERIFY2(contains(why,
                    "/node-1 holds the data of cluster orders-cluster, not of cluster "
                    "payments-cluster. Name another folder with --data-dir"),
           why.c_str());
}

void DataDirectoryTest::nodes_of_two_clusters_do_not_go_together() {
  Folder folder;
  folder.claim("/node-1", "orders-cluster", 1);
  folder.claim("/node-2", "payments-cluster", 2);
  const std::string why = folder.refusal(nodes({1, 2}));
  QVERIFY2(contains(why, "/node-2 holds the data of cluster payments-cluster"), why.c_str());
}

void DataDirectoryTest::a_folder_of_another_node_is_refused() {
  Folder folder;
  folder.claim("/node-1", "orders-cluster", 2);
  const std::string why = folder.refusal(nodes({1, 2}));
  QVERIFY2(contains(why, "/node-1 holds the data of node 2, not of node 1"), why.c_str());
}

void DataDirectoryTest::more_brokers_than_before_get_folders_of_their_own() {
  Folder folder;
  folder.claim("/node-1", "orders-cluster", 1);
  const auto opened = folder.open(nodes({1, 2, 3}));
  QVERIFY(opened.has_value());
  QCOMPARE((*opened)->cluster_id(), "orders-cluster");
  QVERIFY(folder.has("data/node-3"));
}

void DataDirectoryTest::fewer_brokers_than_before_leave_the_others_as_they_are() {
  Folder folder;
  for (const int node : {1, 2, 3, 10, 101})
    folder.claim("/node-" + std::to_string(node), "orders-cluster", node);
  const auto opened = folder.open(nodes({1, 2, 101}));
  QVERIFY(opened.has_value());
  QVERIFY((*opened)->left_out() == nodes({3, 10}));
  QVERIFY(folder.has("data/node-3/meta.properties"));
}

void DataDirectoryTest::only_nodes_of_its_cluster_are_left_out() {
  Folder folder;
  folder.claim("/node-1", "orders-cluster", 1);
  folder.claim("/node-2", "payments-cluster", 2);
  folder.claim("/node-3", "orders-cluster", 4);
  folder.claim("/node-5x", "orders-cluster", 5);
  QVERIFY(QDir(folder.root.path()).mkpath("data/node-6"));
  const auto opened = folder.open(nodes({1}));
  QVERIFY(opened.has_value() && (*opened)->left_out().empty());
}

void DataDirectoryTest::the_folder_of_one_kafka_broker_is_refused() {
  Folder folder;
  folder.claim("", "orders-cluster", 1);
  const std::string why = folder.refusal(nodes({1}));
  QVERIFY2(contains(why, "is the data folder of one Kafka broker"), why.c_str());
  QVERIFY(!folder.has("data/node-1"));
}

void DataDirectoryTest::a_meta_properties_that_cannot_be_read_is_refused() {
  Folder folder;
  folder.claim("/node-1", "orders-cluster", 1);
  QFile file(folder.root.filePath("data/node-1/meta.properties"));
  QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
  QVERIFY(file.write("version=1\ncluster") > 0);
  file.close();
  const std::string why = folder.refusal(nodes({1}));
  QVERIFY2(contains(why, "/node-1/meta.properties cannot be read"), why.c_str());
}

void DataDirectoryTest::a_folder_that_is_in_use_is_refused() {
  const Folder folder;
  auto first = folder.open(nodes({1}));
  QVERIFY(first.has_value());
  QVERIFY(!folder.refusal(nodes({1})).empty());
  first->reset();
  QCOMPARE(folder.refusal(nodes({1})), std::string());
}

void DataDirectoryTest::a_file_is_no_folder() {
  const Folder folder;
  QFile file(folder.root.filePath("data"));
  QVERIFY(file.open(QIODevice::WriteOnly));
  QVERIFY(contains(folder.refusal(nodes({1})), folder.path()));
}

void DataDirectoryTest::a_process_gets_the_disk_in_its_folder() {
  Folder folder;
  const auto opened = folder.open(nodes({1, 2}));
  QVERIFY(opened.has_value());
  const auto disk = (*opened)->disk_of("2", folder.syncs);
  QVERIFY(replace_file(*disk, "orders-0/log", Bytes::copy_of(std::string_view("x"))).has_value());
  QVERIFY(folder.has("data/node-2/orders-0/log"));
}

void DataDirectoryTest::a_folder_that_became_unusable_is_a_broken_disk() {
  Folder folder;
  const auto opened = folder.open(nodes({1}));
  QVERIFY(opened.has_value());
  const auto holder = PosixDisk::open_folder(folder.path() + "/node-1", folder.syncs);
  QVERIFY(holder.has_value());
  const auto disk = (*opened)->disk_of("1", folder.syncs);
  const auto file = disk->open("log", Disk::Open::create_or_existing);
  QVERIFY(!file.has_value());
  QCOMPARE(file.error(), DiskError::input_output);
  QVERIFY(!disk->list("").has_value());
  disk->sync(FileId{1}, DiskOperationId{5});
  QCOMPARE(folder.syncs.done.size(), std::size_t{1});
  QCOMPARE(folder.syncs.done[0].first, DiskOperationId{5});
  QVERIFY(!folder.syncs.done[0].second.has_value());
}

OTTLA_TEST(DataDirectoryTest)
#include "data_directory_test.moc"
