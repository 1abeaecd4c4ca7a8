// Brokers with two disks each: one fails, one is missing at the start, replicas move from one to
// the other (KIP-112, KIP-113, KIP-858).
#include <algorithm>

#include "engine/metadata/directory_id.h"
#include "engine/protocol/messages/alter_replica_log_dirs_request.h"
#include "engine/protocol/messages/alter_replica_log_dirs_response.h"
#include "engine/protocol/messages/describe_log_dirs_request.h"
#include "engine/protocol/messages/describe_log_dirs_response.h"
#include "engine/protocol/messages/metadata_request.h"
#include "engine/protocol/messages/metadata_response.h"
#include "tests/simulation/outside_client.h"
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using protocol::ErrorCode;
using test::OutsideClient;

namespace {

constexpr BrokerId victim{1};

world::ClusterSpec two_disks() {
  world::ClusterSpec spec = test::small_segments(7);
  spec.settings["log.dirs"] = "/disk1,/disk2";
  return spec;
}

// Broker 1 has one of the two partitions of orders on each disk.
struct Disks : test::Scene {
  Disks() : Scene(two_disks()) {}

  [[nodiscard]] world::ProcessId process() { return cluster.brokers().front(); }
  [[nodiscard]] const broker::BrokerNode* broker() { return cluster.broker(process()); }
  void spoil(const std::string& trouble, const std::string& directory) {
    QCOMPARE(cluster.apply({observe::SpoilDisk{"1", trouble, directory}, {}}),
             observe::CommandResult());
  }
  // The partition of orders that broker 1 has on that disk; -1 when it has none.
  [[nodiscard]] int partition_on(const std::string& directory) {
    for (const auto& [key, replica] : broker()->replicas().all()) {
      if (replica->topic() == "orders" && replica->directory().path() == directory)
        return key.index.value();
    }
    return -1;
  }
  [[nodiscard]] const metadata::Partition& partition(int index) {
    return *cluster.newest_image()->partition(std::string_view("orders"), PartitionIndex{index});
  }
  [[nodiscard]] bool in_sync(int index) { return metadata::contains(partition(index).isr, victim); }
  [[nodiscard]] bool was_told(std::string_view text) {
    const auto events = cluster.take_events();
    return std::any_of(events.begin(), events.end(), [&](const observe::Event& event) {
      return event.text.find(text) != std::string::npos;
    });
  }
  [[nodiscard]] bool goes_on() {
    const std::int64_t before = acknowledged();
    run(Duration::seconds(2));
    return acknowledged() > before + 2000;
  }
};

}  // namespace

class LogDirsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_failed_disk_takes_its_own_partitions_only();
  void a_broker_stops_with_the_disk_of_its_metadata_log();
  void a_broker_starts_without_a_disk_that_is_broken();
  void a_broker_that_cannot_tell_of_its_disk_stops();
  void a_replica_moves_under_load();
  void an_administrator_moves_a_replica();
  void a_repaired_disk_is_so_in_all_its_directories();
  void a_disk_that_is_not_there_is_not_spoiled();
};

void LogDirsTest::a_failed_disk_takes_its_own_partitions_only() {
  Disks scene;
  const int lost = scene.partition_on("/disk2");
  const int kept = scene.partition_on("/disk1");
  QVERIFY(lost >= 0 && kept >= 0);
  QVERIFY(metadata::directory_of(scene.partition(lost), victim) ==
          scene.broker()->directories().find("/disk2")->id());
  QVERIFY(scene.healthy());
  scene.spoil("write_errors", "/disk2");
  scene.run(Duration::seconds(5));
  QVERIFY(scene.broker() != nullptr);
  QVERIFY(scene.was_told("Stopping serving replicas in dir /disk2"));
  QVERIFY(!scene.in_sync(lost));
  QVERIFY(scene.partition(lost).leader != victim);
  QVERIFY(scene.in_sync(kept));
  QVERIFY(scene.goes_on());
  OutsideClient client(scene.cluster, "test", 1);
  protocol::MetadataRequest request;
  request.topics.reset();
  const auto response = client.ask<protocol::MetadataResponse>(request, ApiVersion{12});
  QVERIFY(response.has_value());
  for (const auto& topic : response->topics) {
    if (topic.name != "orders") continue;
    for (const auto& partition : topic.partitions) {
      const bool is_lost = partition.partition_index.value() == lost;
      QCOMPARE(partition.offline_replicas, is_lost ? std::vector{victim} : std::vector<BrokerId>{});
    }
  }
  scene.spoil("none", "/disk2");
  scene.cluster.world().restart(scene.process(), Duration::millis(100));
  scene.run(Duration::seconds(15));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void LogDirsTest::a_broker_stops_with_the_disk_of_its_metadata_log() {
  Disks scene;
  scene.spoil("write_errors", "/disk1");
  scene.run(Duration::seconds(5));
  QVERIFY(scene.broker() == nullptr);
  QVERIFY(scene.was_told("Shutdown broker because the metadata log dir /disk1 has failed"));
  scene.run(Duration::seconds(10));
  QVERIFY(scene.goes_on());
  QCOMPARE(scene.violations(), std::string());
}

void LogDirsTest::a_broker_starts_without_a_disk_that_is_broken() {
  Disks scene;
  const int lost = scene.partition_on("/disk2");
  const int kept = scene.partition_on("/disk1");
  scene.cluster.world().kill(scene.process());
  scene.spoil("read_errors", "/disk2");
  scene.cluster.world().start(scene.process());
  scene.run(Duration::seconds(15));
  QVERIFY(scene.broker() != nullptr);
  QVERIFY(scene.was_told("Log directory /disk2 is offline"));
  QVERIFY(scene.in_sync(kept));
  QVERIFY(!scene.in_sync(lost));
  QVERIFY(scene.goes_on());
  QCOMPARE(scene.violations(), std::string());
}

void LogDirsTest::a_broker_that_cannot_tell_of_its_disk_stops() {
  world::ClusterSpec spec = two_disks();
  spec.settings["log.dir.failure.timeout.ms"] = "2000";
  test::Scene scene(spec);
  const world::ProcessId process = scene.cluster.brokers().front();
  for (const world::ProcessId controller : scene.cluster.controllers())
    scene.cluster.world().cut(process, controller);
  QCOMPARE(scene.cluster.apply({observe::SpoilDisk{"1", "write_errors", "/disk2"}, {}}),
           observe::CommandResult());
  scene.run(Duration::millis(1900));
  const auto* broker = scene.cluster.broker(process);
  QVERIFY(broker->lifecycle().untold().has_value());
  QVERIFY(!broker->lifecycle().wants_shutdown());
  scene.run(Duration::seconds(1));
  QVERIFY(broker->lifecycle().wants_shutdown());
}

void LogDirsTest::an_administrator_moves_a_replica() {
  Disks scene;
  const int moved = scene.partition_on("/disk1");
  // Whichever broker is asked first: all have the partition, so all are asked in turn.
  const auto move = [&] {
    scene.cluster.administer(world::task::MoveReplica{"orders", PartitionIndex{moved}, "/disk2"});
    scene.run(Duration::seconds(5));
  };
  for (std::size_t i = 0; i < scene.cluster.brokers().size(); ++i) move();
  QCOMPARE(scene.partition_on("/disk1"), -1);
  QVERIFY(scene.goes_on());
}

void LogDirsTest::a_replica_moves_under_load() {
  Disks scene;
  const int moved = scene.partition_on("/disk1");
  OutsideClient client(scene.cluster, "test");
  protocol::AlterReplicaLogDirsRequest request;
  auto& to = request.dirs.emplace_back();
  to.path = "/disk2";
  to.topics.push_back({.name = "orders", .partitions = {PartitionIndex{moved}}});
  const auto response = client.ask<protocol::AlterReplicaLogDirsResponse>(request, ApiVersion{2});
  QVERIFY(response.has_value());
  QCOMPARE(response->results.at(0).partitions.at(0).error_code, ErrorCode::none);
  scene.run(Duration::seconds(5));
  QCOMPARE(scene.partition_on("/disk1"), -1);
  QVERIFY(metadata::directory_of(scene.partition(moved), victim) ==
          scene.broker()->directories().find("/disk2")->id());
  protocol::DescribeLogDirsRequest everything;
  everything.topics.reset();
  const auto described = client.ask<protocol::DescribeLogDirsResponse>(everything, ApiVersion{4});
  QVERIFY(described.has_value());
  QCOMPARE(described->results.at(1).log_dir, std::string("/disk2"));
  QCOMPARE(described->results.at(1).topics.at(0).partitions.size(), std::size_t{2});
  QVERIFY(!described->results.at(1).topics.at(0).partitions.at(0).is_future_key);
  QVERIFY(scene.goes_on());
  scene.cluster.world().restart(scene.process(), Duration::millis(100));
  scene.run(Duration::seconds(15));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void LogDirsTest::a_repaired_disk_is_so_in_all_its_directories() {
  Disks scene;
  scene.spoil("write_errors", "/disk2");
  scene.run(Duration::seconds(5));
  QVERIFY(!scene.healthy());
  scene.spoil("none", "");
  scene.cluster.world().restart(scene.process(), Duration::millis(100));
  scene.run(Duration::seconds(15));
  QVERIFY(scene.healthy());
}

void LogDirsTest::a_disk_that_is_not_there_is_not_spoiled() {
  Disks scene;
  const auto result = scene.cluster.apply({observe::SpoilDisk{"1", "full", "/disk3"}, {}});
  QCOMPARE(result, std::string("No log directory is called /disk3. There are: /disk1, /disk2"));
}

OTTLA_TEST(LogDirsTest)
#include "log_dirs_test.moc"
