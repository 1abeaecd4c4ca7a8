// Consumers that read from the replica in their own rack (KIP-392), and what becomes of them when
// it goes.
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

// Each broker stands in a rack of its own; the one consumer stands in broker 2's.
world::ClusterSpec consumer_in_rack_b() {
  world::ClusterSpec spec = test::small_segments(7);
  spec.settings["replica.selector.class"] =
      "org.apache.kafka.common.replica.RackAwareReplicaSelector";
  spec.workload.groups.push_back({.name = "billing", .topics = {"orders"}, .rack = "b"});
  return spec;
}

struct RackScene : test::Scene {
  RackScene() : Scene(consumer_in_rack_b()) {}
  // By the brokers' order; 0 of one that does not run.
  std::vector<std::uint64_t> bytes_to_consumers() const {
    std::vector<std::uint64_t> bytes;
    for (const world::ProcessId process : cluster.brokers()) {
      const auto* broker = cluster.broker(process);
      bytes.push_back(broker == nullptr ? 0 : broker->fetch().bytes_to_consumers());
    }
    return bytes;
  }
  std::int64_t consumed() const {
    const auto& member = cluster.workload().groups().at("billing").members.front();
    return cluster.workload().running(member)->statistics().consumed;
  }
};

}  // namespace

class RacksTest : public QObject {
  Q_OBJECT
 private slots:
  void a_consumer_reads_everything_from_the_broker_in_its_rack();
  void when_that_broker_is_gone_it_reads_from_the_leaders();
};

void RacksTest::a_consumer_reads_everything_from_the_broker_in_its_rack() {
  RackScene scene;
  const auto before = scene.bytes_to_consumers();
  const std::int64_t consumed = scene.consumed();
  scene.run(Duration::seconds(10));
  const auto after = scene.bytes_to_consumers();
  QCOMPARE(after[0], before[0]);
  QCOMPARE(after[2], before[2]);
  QVERIFY(after[1] > before[1] + 10 * 2000 * 400 * 9 / 10);
  QVERIFY(scene.consumed() - consumed > 10 * 2000 * 9 / 10);
  QCOMPARE(scene.violations(), std::string());
}

void RacksTest::when_that_broker_is_gone_it_reads_from_the_leaders() {
  RackScene scene;
  scene.cluster.world().kill(scene.cluster.brokers()[1]);
  scene.run(Duration::seconds(30));
  const std::int64_t consumed = scene.consumed();
  scene.run(Duration::seconds(10));
  QVERIFY(scene.consumed() - consumed > 10 * 2000 * 9 / 10);
  QCOMPARE(scene.violations(), std::string());
}

OTTLA_TEST(RacksTest)
#include "racks_test.moc"
