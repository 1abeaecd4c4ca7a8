// Combined mode: nodes that are broker and controller in one process (process.roles=broker,
// controller). What happens to the process happens to both roles.
#include "engine/protocol/messages/describe_cluster_request.h"
#include "engine/protocol/messages/describe_cluster_response.h"
#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_configs_response.h"
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_quorum_response.h"
#include "tests/simulation/outside_client.h"
#include "tests/simulation/scene.h"
#include "tests/simulation/seeded_run.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using protocol::ErrorCode;
using test::OutsideClient;

namespace {

world::ClusterSpec combined(std::uint64_t seed) {
  world::ClusterSpec spec = test::small_segments(seed);
  spec.controllers = 3;
  spec.combined = true;
  spec.workload.topics.front().partitions = 6;  // So that every node leads some.
  return spec;
}

const std::vector<BrokerId> all_three{BrokerId{1}, BrokerId{2}, BrokerId{3}};

struct CombinedCluster : test::Scene {
  explicit CombinedCluster(const world::ClusterSpec& spec) : Scene(spec) {}

  [[nodiscard]] BrokerId active() const {
    const auto* node = cluster.active_controller();
    return node == nullptr ? no_broker : node->config().node_id;
  }
  [[nodiscard]] world::ProcessId process_of(BrokerId node) const {
    return *cluster.world().find(std::to_string(node.value()));
  }
  [[nodiscard]] int led_by(BrokerId broker) const {
    int led = 0;
    const metadata::Topic* topic = cluster.newest_image()->topic(std::string_view("orders"));
    for (const auto& [index, partition] : topic->partitions)
      led += partition.leader == broker ? 1 : 0;
    return led;
  }
  [[nodiscard]] bool goes_on() {
    const std::int64_t before = acknowledged();
    run(Duration::seconds(2));
    return acknowledged() > before;
  }
  [[nodiscard]] bool was_closed_cleanly(world::ProcessId process) const {
    return cluster.broker(process)->directories().all().front()->was_closed_cleanly();
  }
};

}  // namespace

class CombinedTest : public QObject {
  Q_OBJECT
 private slots:
  void three_nodes_have_both_roles();
  void brokers_beyond_the_quorum_and_controllers_beyond_the_brokers_have_one_role();
  void both_roles_fail_over_when_the_active_controller_is_killed();
  void a_node_that_shuts_down_hands_over_both_roles_and_takes_them_up_again();
  void all_nodes_shut_down_together_in_an_orderly_way();
  void what_a_node_tells_depends_on_the_listener_that_is_asked();
  void a_snapshot_shows_a_node_as_broker_and_as_controller();
  void the_metadata_log_lies_in_the_first_log_directory();
  void a_failed_metadata_directory_stops_both_roles();
  void invariants_hold_under_random_faults_data();
  void invariants_hold_under_random_faults();
};

void CombinedTest::three_nodes_have_both_roles() {
  CombinedCluster scene(combined(1));
  QCOMPARE(scene.cluster.nodes().size(), std::size_t{3});
  QVERIFY(scene.cluster.brokers() == scene.cluster.controllers());
  const auto* active = scene.cluster.active_controller();
  QVERIFY(active != nullptr);
  QCOMPARE(active->raft().voter_set().ids(), all_three);
  // A broker beside a controller reads the log by which that votes: nobody observes.
  QVERIFY(active->raft().observers(scene.cluster.world().now()).empty());
  for (const world::ProcessId process : scene.cluster.nodes()) {
    const auto* node = scene.cluster.server(process);
    QVERIFY(&node->broker()->metadata().quorum() == &node->quorum());
    QVERIFY(&node->controller()->quorum() == &node->quorum());
    QVERIFY(node->broker()->image() == node->controller()->committed_image());
  }
  QVERIFY(scene.healthy());
  QVERIFY(scene.goes_on());
  QCOMPARE(scene.violations(), std::string());
}

void CombinedTest::brokers_beyond_the_quorum_and_controllers_beyond_the_brokers_have_one_role() {
  world::ClusterSpec spec = combined(2);
  spec.controllers = 1;
  CombinedCluster fewer(spec);
  QCOMPARE(fewer.cluster.nodes().size(), std::size_t{3});
  QCOMPARE(fewer.cluster.controllers().size(), std::size_t{1});
  QCOMPARE(fewer.active(), BrokerId{1});
  QVERIFY(fewer.cluster.controller(fewer.process_of(BrokerId{2})) == nullptr);
  QVERIFY(fewer.healthy() && fewer.goes_on());

  spec.controllers = 5;
  CombinedCluster more(spec);
  QCOMPARE(more.cluster.nodes().size(), std::size_t{5});
  QCOMPARE(
      more.cluster.spec().node_ids(),
      (std::vector<BrokerId>{BrokerId{1}, BrokerId{2}, BrokerId{3}, BrokerId{104}, BrokerId{105}}));
  QVERIFY(more.cluster.broker(more.process_of(BrokerId{104})) == nullptr);
  QCOMPARE(more.cluster.active_controller()->raft().voter_set().size(), std::size_t{5});
  QVERIFY(more.healthy() && more.goes_on());
}

void CombinedTest::both_roles_fail_over_when_the_active_controller_is_killed() {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CombinedCluster scene(combined(seed));
    const BrokerId victim = scene.active();
    QVERIFY(scene.led_by(victim) > 0);
    scene.cluster.world().kill(scene.process_of(victim));
    scene.run(Duration::seconds(5));
    QVERIFY(scene.active() != no_broker);
    QVERIFY(scene.active() != victim);
    scene.run(Duration::seconds(15));
    QCOMPARE(scene.led_by(victim), 0);
    QVERIFY(scene.goes_on());
    scene.cluster.world().start(scene.process_of(victim));
    scene.run(Duration::seconds(15));
    QVERIFY(scene.healthy());
    QVERIFY(scene.cluster.server(scene.process_of(victim))->controller() != nullptr);
    QCOMPARE(scene.violations(), std::string());
  }
}

void CombinedTest::a_node_that_shuts_down_hands_over_both_roles_and_takes_them_up_again() {
  CombinedCluster scene(combined(4));
  world::World& world = scene.cluster.world();
  const BrokerId leaver = scene.active();
  const world::ProcessId process = scene.process_of(leaver);
  world.shutdown(process);
  // The broker leads nothing any more before the controller lets go of the quorum.
  QVERIFY(world.run_while([&] { return scene.active() == leaver; },
                          world.now() + Duration::seconds(10)));
  QCOMPARE(scene.led_by(leaver), 0);
  QVERIFY(scene.cluster.broker(process) == nullptr);
  scene.run(Duration::seconds(1));
  QVERIFY(world.status_of(process).state == world::ProcessState::stopped);
  QVERIFY(scene.active() != no_broker);
  QVERIFY(scene.goes_on());

  world.start(process);
  scene.run(Duration::seconds(10));
  QVERIFY(scene.was_closed_cleanly(process));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void CombinedTest::all_nodes_shut_down_together_in_an_orderly_way() {
  CombinedCluster scene(combined(5));
  world::World& world = scene.cluster.world();
  scene.cluster.shut_down_all(Duration::seconds(400));
  for (const world::ProcessId process : scene.cluster.nodes()) {
    QVERIFY(world.status_of(process).state == world::ProcessState::stopped);
    world.start(process);
  }
  scene.run(Duration::seconds(15));
  for (const world::ProcessId process : scene.cluster.nodes())
    QVERIFY(scene.was_closed_cleanly(process));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void CombinedTest::what_a_node_tells_depends_on_the_listener_that_is_asked() {
  CombinedCluster scene(combined(6));
  const Endpoint controller_listener = scene.cluster.active_controller()->config().listener;
  const auto ids = [](const protocol::DescribeClusterResponse& told) {
    std::vector<BrokerId> listed;
    for (const auto& each : told.brokers) listed.push_back(each.broker_id);
    return listed;
  };
  protocol::DescribeClusterRequest cluster_request;
  {
    OutsideClient client(scene.cluster, "client");
    const auto brokers =
        client.ask<protocol::DescribeClusterResponse>(cluster_request, ApiVersion{1});
    QCOMPARE(ids(brokers.value()), all_three);
    QCOMPARE(int{brokers->brokers.front().port}, 9092);

    protocol::DescribeConfigsRequest configs_request;
    configs_request.resources.push_back({.resource_type = 4, .resource_name = "1"});
    const auto configs =
        client.ask<protocol::DescribeConfigsResponse>(configs_request, ApiVersion{4});
    std::map<std::string, std::string> values;
    for (const auto& each : configs.value().results.front().configs)
      values[each.name] = each.value.value_or("");
    QCOMPARE(values["process.roles"], std::string("broker,controller"));
    QCOMPARE(values["listeners"],
             std::string("PLAINTEXT://127.0.0.1:9092,CONTROLLER://broker-1:9093"));
    QCOMPARE(values["advertised.listeners"], std::string("PLAINTEXT://127.0.0.1:9092"));
    QCOMPARE(values["controller.quorum.voters"],
             std::string("1@broker-1:9093,2@broker-2:9093,3@broker-3:9093"));

    protocol::DescribeQuorumRequest quorum_request;
    quorum_request.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{}}});
    const auto quorum = client.ask<protocol::DescribeQuorumResponse>(quorum_request, ApiVersion{2});
    const auto& partition = quorum.value().topics.front().partitions.front();
    QCOMPARE(partition.current_voters.size(), std::size_t{3});
    QVERIFY(partition.observers.empty());
  }
  OutsideClient client(scene.cluster, "client", controller_listener);
  cluster_request.endpoint_type = 1;
  const auto refused =
      client.ask<protocol::DescribeClusterResponse>(cluster_request, ApiVersion{1});
  QCOMPARE(refused.value().error_code, ErrorCode::mismatched_endpoint_type);
  cluster_request.endpoint_type = 2;
  const auto controllers =
      client.ask<protocol::DescribeClusterResponse>(cluster_request, ApiVersion{1});
  QCOMPARE(ids(controllers.value()), all_three);
  QCOMPARE(int{controllers->brokers.front().port}, 9093);
  QCOMPARE(controllers->controller_id, scene.active());
}

void CombinedTest::a_snapshot_shows_a_node_as_broker_and_as_controller() {
  CombinedCluster scene(combined(7));
  const BrokerId active = scene.active();
  const BrokerId paused{active == BrokerId{1} ? 2 : 1};
  scene.cluster.world().pause(scene.process_of(paused));
  scene.run(Duration::seconds(1));
  const auto snapshot = scene.cluster.snapshot({});
  QCOMPARE(snapshot->brokers.size(), std::size_t{3});
  QCOMPARE(snapshot->controllers.size(), std::size_t{3});
  for (const BrokerId id : all_three) {
    const auto place = static_cast<std::size_t>(id.value() - 1);
    const auto expected =
        id == paused ? observe::ProcessStatus::paused : observe::ProcessStatus::online;
    QCOMPARE(snapshot->brokers[place].id, id);
    QVERIFY(snapshot->brokers[place].status == expected);
    QCOMPARE(int{snapshot->brokers[place].port}, 9091 + id.value());
    QCOMPARE(snapshot->controllers[place].id, id);
    QVERIFY(snapshot->controllers[place].status == expected);
    QCOMPARE(snapshot->controllers[place].active, id == active);
    QCOMPARE(snapshot->controllers[place].rack, snapshot->brokers[place].rack);
  }
  QCOMPARE(snapshot->quorum.replicas.size(), std::size_t{3});
}

void CombinedTest::the_metadata_log_lies_in_the_first_log_directory() {
  for (const std::int16_t kraft_version : {std::int16_t{0}, std::int16_t{1}}) {
    world::ClusterSpec spec = combined(8);
    spec.settings["log.dirs"] = "/disk1,/disk2";
    spec.kraft_version = kraft_version;
    CombinedCluster scene(spec);
    QVERIFY(scene.active() != no_broker);
    for (const world::ProcessId process : scene.cluster.nodes()) {
      const auto& directories = scene.cluster.broker(process)->directories();
      QCOMPARE(directories.metadata().path(), std::string("/disk1"));
      const raft::Voter* self = scene.cluster.controller(process)->raft().voter_set().find(
          scene.cluster.world().spec_of(process).broker);
      QVERIFY(self != nullptr);
      if (kraft_version == 1) QCOMPARE(self->key.directory, directories.metadata().id());
    }
    QVERIFY(scene.healthy() && scene.goes_on());
  }
}

void CombinedTest::a_failed_metadata_directory_stops_both_roles() {
  world::ClusterSpec spec = combined(9);
  spec.settings["log.dirs"] = "/disk1,/disk2";
  CombinedCluster scene(spec);
  const auto spoil = [&](const std::string& node, const std::string& directory) {
    QCOMPARE(scene.cluster.apply({observe::SpoilDisk{node, "write_errors", directory}, {}}),
             observe::CommandResult());
  };
  spoil("1", "/disk2");
  spoil("2", "/disk1");
  scene.run(Duration::seconds(3));
  // Another directory less is no reason to stop, in either role.
  const auto* other = scene.cluster.server(scene.process_of(BrokerId{1}));
  QVERIFY(other->broker() != nullptr && other->controller() != nullptr);
  QVERIFY(other->broker()->directories().has_offline());
  const world::ProcessId process = scene.process_of(BrokerId{2});
  QVERIFY(scene.cluster.world().status_of(process).state == world::ProcessState::stopped);
  scene.run(Duration::seconds(15));
  QVERIFY(scene.goes_on());
}

void CombinedTest::invariants_hold_under_random_faults_data() {
  QTest::addColumn<int>("seed");
  for (int seed = 1; seed <= 12; ++seed) QTest::addRow("seed %d", seed) << seed;
}

void CombinedTest::invariants_hold_under_random_faults() {
  QFETCH(int, seed);
  world::ClusterSpec spec = test::seeded_spec(static_cast<std::uint64_t>(seed));
  spec.controllers = 3;
  spec.combined = true;
  spec.kraft_version = static_cast<std::int16_t>(seed % 2);
  const test::RunOutcome outcome = test::run_under_faults(spec);
  QCOMPARE(outcome.violations, std::string());
  QCOMPARE(outcome.unsettled, std::string());
  QVERIFY(outcome.acknowledged > 0);
}

OTTLA_TEST(CombinedTest)
#include "combined_test.moc"
