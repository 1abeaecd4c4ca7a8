// Compacted topics in a running cluster: each broker compacts by itself, and what was acknowledged
// or committed stays.
#include <algorithm>

#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

world::ClusterSpec compacted_orders() {
  world::ClusterSpec spec = test::small_segments(11);
  spec.settings["log.cleaner.backoff.ms"] = "2000";
  spec.workload.topics.front().config["cleanup.policy"] = "compact";
  spec.workload.producers.front().keys = 100;
  spec.workload.groups.push_back({.name = "readers", .topics = {"orders"}, .members = 2});
  return spec;
}

// The largest log of the topic on any broker, in bytes.
std::uint64_t largest_log(const world::Cluster& cluster) {
  std::uint64_t largest = 0;
  for (const world::ProcessId process : cluster.brokers()) {
    const auto* broker = cluster.broker(process);
    if (broker == nullptr) continue;
    for (const auto& [key, replica] : broker->replicas().all()) {
      if (replica->topic() == "orders") largest = std::max(largest, replica->log().size());
    }
  }
  return largest;
}

}  // namespace

class CompactionTest : public QObject {
  Q_OBJECT
 private slots:
  void logs_stay_small_and_keep_what_was_acknowledged();
  void brokers_that_lose_power_come_back_with_compacted_logs();
};

void CompactionTest::logs_stay_small_and_keep_what_was_acknowledged() {
  test::Scene scene(compacted_orders());
  scene.run(Duration::seconds(50));
  QVERIFY(scene.acknowledged() > 100'000);
  // 24 MB a partition came in.
  QVERIFY(largest_log(scene.cluster) < 8'000'000);
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void CompactionTest::brokers_that_lose_power_come_back_with_compacted_logs() {
  test::Scene scene(compacted_orders());
  world::World& world = scene.cluster.world();
  for (const world::ProcessId victim : scene.cluster.brokers()) {
    scene.run(Duration::millis(4321));
    world.power_loss(victim);
    scene.run(Duration::seconds(3));
    world.start(victim);
    scene.run(Duration::seconds(15));
    QVERIFY(scene.healthy());
  }
  QVERIFY(largest_log(scene.cluster) < 8'000'000);
  QCOMPARE(scene.violations(), std::string());
}

OTTLA_TEST(CompactionTest)
#include "compaction_test.moc"
