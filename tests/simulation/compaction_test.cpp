// Compacted topics in a running cluster: each broker compacts by itself, and what was acknowledged
// or committed stays.
#include <fmt/format.h>

#include "engine/world/cluster.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

world::ClusterSpec compacted_orders() {
  world::ClusterSpec spec;
  spec.seed = 11;
  spec.settings["offsets.topic.num.partitions"] = "2";
  spec.settings["log.cleaner.backoff.ms"] = "2000";
  world::TopicSpec topic;
  topic.name = "orders";
  topic.partitions = 2;
  topic.replication_factor = 3;
  topic.config["cleanup.policy"] = "compact";
  topic.config["segment.bytes"] = "1048576";
  spec.workload.topics.push_back(topic);
  spec.workload.producers.push_back(
      {.name = "shop", .topic = "orders", .records_per_s = 2000, .record_bytes = 400, .keys = 100});
  spec.workload.groups.push_back({.name = "readers", .topics = {"orders"}, .members = 2});
  return spec;
}

struct Scene {
  explicit Scene(const world::ClusterSpec& spec = compacted_orders()) : cluster(spec) {
    run(Duration::seconds(10));
  }
  void run(Duration time) { cluster.run_until(cluster.world().now() + time); }
  [[nodiscard]] std::string violations() {
    cluster.check_everything();
    std::string text;
    for (const world::Violation& violation : cluster.violations().kept()) {
      text += fmt::format("{}: {}\n", violation.invariant, violation.text);
    }
    return text;
  }
  [[nodiscard]] bool healthy() {
    const auto snapshot = cluster.snapshot({});
    return snapshot->health.offline == 0 && snapshot->health.under_replicated == 0;
  }
  // The largest of its logs on any broker.
  [[nodiscard]] std::uint64_t largest_log() {
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
  world::Cluster cluster;
};

}  // namespace

class CompactionTest : public QObject {
  Q_OBJECT
 private slots:
  void logs_stay_small_and_keep_what_was_acknowledged();
  void brokers_that_lose_power_come_back_with_compacted_logs();
};

void CompactionTest::logs_stay_small_and_keep_what_was_acknowledged() {
  Scene scene;
  scene.run(Duration::seconds(50));
  QVERIFY(scene.cluster.snapshot({})->producers.front().acknowledged > 100'000);
  // 24 MB a partition came in.
  QVERIFY(scene.largest_log() < 8'000'000);
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void CompactionTest::brokers_that_lose_power_come_back_with_compacted_logs() {
  Scene scene;
  world::World& world = scene.cluster.world();
  for (const world::ProcessId victim : scene.cluster.brokers()) {
    scene.run(Duration::millis(4321));
    world.power_loss(victim);
    scene.run(Duration::seconds(3));
    world.start(victim);
    scene.run(Duration::seconds(15));
    QVERIFY(scene.healthy());
  }
  QVERIFY(scene.largest_log() < 8'000'000);
  QCOMPARE(scene.violations(), std::string());
}

OTTLA_TEST(CompactionTest)
#include "compaction_test.moc"
