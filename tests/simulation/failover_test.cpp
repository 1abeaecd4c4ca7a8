// How long a partition is without a leader after its leader was killed.
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;

namespace {

constexpr std::int32_t partitions = 50;

world::ClusterSpec ten_brokers(std::uint64_t seed) {
  world::ClusterSpec spec = test::small_segments(seed);
  spec.brokers = 10;
  spec.controllers = 3;
  spec.workload.topics.front().partitions = partitions;
  spec.workload.topics.front().replication_factor = 3;
  return spec;
}

// When a broker was fenced, and when each partition was led by another.
struct Elections final : world::WorldListener {
  void on_fact(const world::ObservedFact& observed) override {
    if (std::holds_alternative<probe::BrokerFenced>(observed.fact)) {
      fenced_at = observed.at;
    } else if (const auto* leader = std::get_if<probe::BecameLeader>(&observed.fact)) {
      if (fenced_at && leader->of.topic == "orders")
        led_at[leader->of.partition.value()] = observed.at;
    }
  }
  void on_process(Instant, world::ProcessId, BrokerId, world::ProcessChange) override {}

  std::optional<Instant> fenced_at;
  std::map<std::int32_t, Instant> led_at;
};

std::vector<std::int32_t> led_by(world::Cluster& cluster, BrokerId broker) {
  std::vector<std::int32_t> led;
  const metadata::Topic* topic = cluster.newest_image()->topic(std::string_view("orders"));
  for (const auto& [index, partition] : topic->partitions) {
    if (partition.leader == broker) led.push_back(index.value());
  }
  return led;
}

}  // namespace

class FailoverTest : public QObject {
  Q_OBJECT
 private slots:
  void a_killed_leaders_partitions_are_led_within_a_second_of_its_fencing();
};

void FailoverTest::a_killed_leaders_partitions_are_led_within_a_second_of_its_fencing() {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    test::Scene scene(ten_brokers(seed));
    Elections elections;
    scene.cluster.world().add_listener(elections);
    const auto led = led_by(scene.cluster, BrokerId{4});
    QVERIFY(!led.empty());
    QCOMPARE(scene.cluster.apply({observe::Kill{"4"}, {}}), observe::CommandResult());
    scene.run(Duration::seconds(15));
    QVERIFY(elections.fenced_at.has_value());
    for (const std::int32_t index : led) {
      QVERIFY(elections.led_at.contains(index));
      QVERIFY(elections.led_at.at(index) - *elections.fenced_at < Duration::seconds(1));
    }
    QCOMPARE(scene.violations(), std::string());
    scene.cluster.world().remove_listener(elections);
  }
}

OTTLA_TEST(FailoverTest)
#include "failover_test.moc"
