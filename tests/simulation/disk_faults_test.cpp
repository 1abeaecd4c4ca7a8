// What a broker's disk does to a running cluster: full, closed in an orderly way, without power.
#include <fmt/format.h>

#include <algorithm>

#include "engine/world/faults.h"
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

using test::Scene;

world::ClusterSpec small_segments() {
  return test::small_segments(7);
}

std::uint64_t log_bytes(const MemoryFileSystem& files) {
  std::uint64_t sum = 0;
  for (const std::string& path : files.paths()) {
    if (path.starts_with("orders-") && path.ends_with(".log")) sum += files.find(path)->size();
  }
  return sum;
}

}  // namespace

class DiskFaultsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_rolled_segment_is_made_durable();
  void a_clean_shutdown_makes_every_log_durable_before_its_marker();
  void a_broker_whose_disk_is_full_stops_and_the_others_go_on();
  void a_broker_whose_syncs_fail_stops();
  void comparing_logs_finds_no_disk_that_fails();
  void a_bit_rots_only_where_there_is_one();
  void a_log_of_a_topic_that_was_deleted_meanwhile_is_moved_aside();
  void a_broker_that_does_not_catch_up_keeps_its_checkpoints_and_claims_nothing();
};

void DiskFaultsTest::a_rolled_segment_is_made_durable() {
  Scene scene(small_segments());
  const auto* broker = scene.cluster.broker(scene.cluster.brokers().front());
  int logs = 0;
  for (const auto& [key, replica] : broker->replicas().all()) {
    if (replica->topic() != "orders") continue;
    ++logs;
    const auto segments = replica->log().segments();
    QVERIFY(segments.size() >= 2);
    QVERIFY(replica->log().recovery_point() >= segments.back().base);
  }
  QCOMPARE(logs, 2);
}

void DiskFaultsTest::a_clean_shutdown_makes_every_log_durable_before_its_marker() {
  Scene scene(small_segments());
  world::World& world = scene.cluster.world();
  const world::ProcessId victim = scene.cluster.brokers().front();
  world.shutdown(victim);
  scene.run(Duration::seconds(3));
  QVERIFY(scene.cluster.broker(victim) == nullptr);
  const std::uint64_t before = log_bytes(world.sim_disk(victim)->files());
  QVERIFY(before > 0);
  world.power_loss(victim);
  QCOMPARE(log_bytes(world.sim_disk(victim)->files()), before);
  world.start(victim);
  scene.run(Duration::seconds(10));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void DiskFaultsTest::a_broker_whose_disk_is_full_stops_and_the_others_go_on() {
  Scene scene(small_segments());
  world::World& world = scene.cluster.world();
  const world::ProcessId victim = scene.cluster.brokers().front();
  DiskFaults& faults = world.sim_disk(victim)->faults();
  faults.capacity_bytes = world.sim_disk(victim)->used_bytes() + 100'000;
  scene.run(Duration::seconds(2));
  QVERIFY(scene.cluster.broker(victim) == nullptr);
  bool told = false;
  for (const observe::Event& event : scene.cluster.take_events()) {
    told = told || event.text.find("no space left on the disk") != std::string::npos;
  }
  QVERIFY(told);
  scene.run(Duration::seconds(15));
  const std::int64_t before = scene.acknowledged();
  scene.run(Duration::seconds(2));
  QVERIFY(scene.acknowledged() > before + 2000);

  faults = {};
  world.start(victim);
  scene.run(Duration::seconds(15));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void DiskFaultsTest::a_broker_whose_syncs_fail_stops() {
  Scene scene(small_segments());
  const world::ProcessId victim = scene.cluster.brokers().front();
  scene.cluster.world().sim_disk(victim)->faults().syncs_fail = true;
  scene.run(Duration::seconds(5));
  QVERIFY(scene.cluster.broker(victim) == nullptr);
  QCOMPARE(scene.violations(), std::string());
}

// The invariants' look is not one that a node has, nor one that would make it give its disk up.
void DiskFaultsTest::comparing_logs_finds_no_disk_that_fails() {
  Scene scene(small_segments());
  world::World& world = scene.cluster.world();
  for (const world::ProcessId node : scene.cluster.nodes())
    world.spoil_disk(node, world::fault::DiskTrouble::read_errors);
  QCOMPARE(scene.violations(), std::string());
  for (const world::ProcessId node : scene.cluster.nodes())
    world.spoil_disk(node, world::fault::DiskTrouble::none);
  scene.run(Duration::seconds(1));
  for (const world::ProcessId node : scene.cluster.nodes())
    QVERIFY(scene.cluster.server(node) != nullptr);
  QVERIFY(scene.healthy());
}

void DiskFaultsTest::a_bit_rots_only_where_there_is_one() {
  Scene scene(small_segments());
  const auto rot = [&](const std::string& node, const std::string& path) {
    return scene.cluster.apply({observe::RotBit{node, path, {}}, {}});
  };
  QCOMPARE(rot("1", "orders-0/"), std::string());
  QCOMPARE(rot("1", "absent-0/"),
           std::string("1 has no file under absent-0/ in which a bit could rot"));
  QVERIFY(rot("17", "orders-0/").find("17") != std::string::npos);
}

void DiskFaultsTest::a_log_of_a_topic_that_was_deleted_meanwhile_is_moved_aside() {
  world::ClusterSpec spec = small_segments();
  spec.workload.producers.clear();
  Scene scene(spec);
  world::World& world = scene.cluster.world();
  const world::ProcessId victim = scene.cluster.brokers().front();
  const auto has_folder = [&](std::string_view like = "orders-0/") {
    const auto paths = world.sim_disk(victim)->files().paths();
    return std::any_of(paths.begin(), paths.end(),
                       [like](const std::string& path) { return path.starts_with(like); });
  };
  QVERIFY(has_folder());
  world.kill(victim);
  QCOMPARE(scene.cluster.apply({observe::DeleteTopic{"orders"}, {}}), observe::CommandResult());
  scene.run(Duration::seconds(3));
  QVERIFY(has_folder());
  world.start(victim);
  scene.run(Duration::seconds(5));
  QVERIFY(!has_folder());
  QVERIFY(has_folder("orders-0."));  // orders-0.<32 digits>-stray, as Kafka names it.
}

void DiskFaultsTest::a_broker_that_does_not_catch_up_keeps_its_checkpoints_and_claims_nothing() {
  Scene scene(small_segments());
  world::World& world = scene.cluster.world();
  const world::ProcessId victim = scene.cluster.brokers().front();
  const MemoryFileSystem& files = world.sim_disk(victim)->files();
  world.kill(victim);
  const auto before = files.find("replication-offset-checkpoint")->size();
  QVERIFY(before > std::string_view("0\n0\n").size());
  world.kill(scene.cluster.controllers().front());
  world.start(victim);
  scene.run(Duration::seconds(12));  // More than twice the checkpoints' interval.
  QCOMPARE(files.find("replication-offset-checkpoint")->size(), before);
  world.shutdown(victim);
  scene.run(Duration::seconds(2));
  QVERIFY(scene.cluster.broker(victim) == nullptr);
  QVERIFY(files.find(".kafka_cleanshutdown") == nullptr);
  QCOMPARE(files.find("replication-offset-checkpoint")->size(), before);
}

OTTLA_TEST(DiskFaultsTest)
#include "disk_faults_test.moc"
