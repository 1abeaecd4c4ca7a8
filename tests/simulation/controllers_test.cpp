// Controllers that clients ask directly, by bootstrap.controllers (KIP-919): what the active one
// and the others answer, as Kafka 4.1's would.
#include <map>

#include "engine/protocol/messages/alter_client_quotas_request.h"
#include "engine/protocol/messages/alter_client_quotas_response.h"
#include "engine/protocol/messages/alter_partition_request.h"
#include "engine/protocol/messages/alter_partition_response.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_topics_request.h"
#include "engine/protocol/messages/delete_topics_response.h"
#include "engine/protocol/messages/describe_cluster_request.h"
#include "engine/protocol/messages/describe_cluster_response.h"
#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_configs_response.h"
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_quorum_response.h"
#include "engine/protocol/messages/list_partition_reassignments_request.h"
#include "engine/protocol/messages/list_partition_reassignments_response.h"
#include "tests/simulation/outside_client.h"
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;
using test::OutsideClient;

namespace {

constexpr std::uint16_t first_port = 9193;

world::ClusterSpec with_controller_ports(std::uint64_t seed) {
  world::ClusterSpec spec = test::small_segments(seed);
  spec.controllers = 3;
  spec.controller_port = first_port;
  return spec;
}

struct Controllers : test::Scene {
  Controllers() : Scene(with_controller_ports(11)) {}

  [[nodiscard]] Endpoint active() const { return cluster.active_controller()->config().listener; }
  [[nodiscard]] Endpoint another() const {
    for (const Endpoint& each : cluster.controller_listeners())
      if (each != active()) return each;
    qFatal("there is one controller");
  }
};

DeleteTopicsRequest deletion_of(const std::string& topic) {
  DeleteTopicsRequest request;
  request.topics.emplace_back().name = topic;
  request.timeout_ms = 1000;
  return request;
}

void limit(Controllers& scene, const std::string& client_id, const std::string& quota,
           double value) {
  OutsideClient admin(scene.cluster, "admin", scene.active());
  AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  entry.entity.push_back({"client-id", client_id});
  entry.ops.push_back({.key = quota, .value = value, .remove = false});
  const auto answer = admin.ask<AlterClientQuotasResponse>(request, ApiVersion{1});
  QCOMPARE(answer.value().entries.at(0).error_code, ErrorCode::none);
  scene.run(Duration::seconds(1));  // Until each controller knows.
}

DescribeQuorumRequest about_the_quorum() {
  DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  return request;
}

CreateTopicsRequest creation_of(const std::string& topic, std::int32_t partitions) {
  CreateTopicsRequest request;
  request.timeout_ms = 1000;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.num_partitions = partitions;
  asked.replication_factor = 1;
  return request;
}

}  // namespace

class ControllersTest : public QObject {
  Q_OBJECT
 private slots:
  void each_listens_at_a_port_of_its_own();
  void a_controller_tells_of_its_own_configs();
  void each_answers_what_it_knows_by_itself();
  void what_asks_for_nothing_needs_no_active_controller();
  void a_client_is_held_to_its_share_of_their_time();
  void nobody_is_charged_for_what_the_quorum_lives_by();
  void who_creates_more_than_its_rate_waits();
  void a_client_says_what_it_is();
};

void ControllersTest::each_listens_at_a_port_of_its_own() {
  Controllers scene;
  OutsideClient client(scene.cluster, "admin", scene.another());
  DescribeClusterRequest request;
  request.endpoint_type = 2;
  const auto told = client.ask<DescribeClusterResponse>(request, ApiVersion{2});
  std::map<std::int32_t, std::string> places;
  for (const auto& each : told.value().brokers)
    places[each.broker_id.value()] = each.host + ":" + std::to_string(each.port);
  QVERIFY(places ==
          (std::map<std::int32_t, std::string>{
              {101, "127.0.0.1:9193"}, {102, "127.0.0.1:9194"}, {103, "127.0.0.1:9195"}}));
  request.endpoint_type = 1;
  QCOMPARE(client.ask<DescribeClusterResponse>(request, ApiVersion{1}).value().error_code,
           ErrorCode::mismatched_endpoint_type);
  QCOMPARE(client.ask<DescribeClusterResponse>(request, ApiVersion{0}).value().error_code,
           ErrorCode::invalid_request);
  QVERIFY(scene.healthy());
}

void ControllersTest::a_controller_tells_of_its_own_configs() {
  Controllers scene;
  OutsideClient client(scene.cluster, "admin", scene.cluster.controller_listeners().at(1));
  DescribeConfigsRequest request;
  request.resources.push_back({.resource_type = 4, .resource_name = "102"});
  request.resources.push_back({.resource_type = 4, .resource_name = "1"});
  request.resources.push_back({.resource_type = 2, .resource_name = "orders"});
  const auto told = client.ask<DescribeConfigsResponse>(request, ApiVersion{4}).value().results;
  std::map<std::string, std::string> values;
  for (const auto& each : told.at(0).configs) values[each.name] = each.value.value_or("none");
  QCOMPARE(values["process.roles"], std::string("controller"));
  QCOMPARE(values["node.id"], std::string("102"));
  QCOMPARE(values["listeners"], std::string("CONTROLLER://127.0.0.1:9194"));
  QCOMPARE(values["broker.rack"], std::string("none"));
  QCOMPARE(values["controller.quorum.voters"],
           std::string("101@127.0.0.1:9193,102@127.0.0.1:9194,103@127.0.0.1:9195"));
  QCOMPARE(told.at(1).error_code, ErrorCode::invalid_request);
  QCOMPARE(told.at(1).error_message.value(),
           std::string("Unexpected broker id, expected 102 or empty string, but received 1"));
  QCOMPARE(told.at(2).error_code, ErrorCode::none);
  QVERIFY(told.at(2).configs.size() > 20);
}

void ControllersTest::each_answers_what_it_knows_by_itself() {
  Controllers scene;
  OutsideClient client(scene.cluster, "admin", scene.another());
  const auto listed = client.ask<ListPartitionReassignmentsResponse>(
      ListPartitionReassignmentsRequest(), ApiVersion{0});
  QCOMPARE(listed.value().error_code, ErrorCode::none);
  const auto deleted = [&](const std::string& topic) {
    const auto answer = client.ask<DeleteTopicsResponse>(deletion_of(topic), ApiVersion{6});
    return answer.value().responses.at(0).error_code;
  };
  QCOMPARE(deleted("absent"), ErrorCode::unknown_topic_or_partition);
  QCOMPARE(deleted("orders"), ErrorCode::not_controller);
  QVERIFY(scene.healthy());
}

void ControllersTest::what_asks_for_nothing_needs_no_active_controller() {
  Controllers scene;
  for (const Endpoint& controller : {scene.active(), scene.another()}) {
    OutsideClient client(scene.cluster, "admin", controller);
    const auto created = client.ask<CreateTopicsResponse>(CreateTopicsRequest(), ApiVersion{7});
    QVERIFY(created.value().topics.empty());
    AlterPartitionRequest of_a_past_life;
    of_a_past_life.broker_id = BrokerId{1};
    of_a_past_life.broker_epoch = BrokerEpoch{1};
    const auto nothing = client.ask<AlterPartitionResponse>(of_a_past_life, ApiVersion{3});
    QCOMPARE(nothing.value().error_code, ErrorCode::none);
    of_a_past_life.topics.emplace_back().partitions.emplace_back();
    const auto refused = client.ask<AlterPartitionResponse>(of_a_past_life, ApiVersion{3});
    QCOMPARE(refused.value().error_code, controller == scene.active()
                                             ? ErrorCode::stale_broker_epoch
                                             : ErrorCode::not_controller);
  }
}

void ControllersTest::a_client_is_held_to_its_share_of_their_time() {
  Controllers scene;
  limit(scene, "greedy", "request_percentage", 0.0001);
  for (const Endpoint& controller : scene.cluster.controller_listeners()) {
    const auto ask = [&](const std::string& client_id) {
      OutsideClient client(scene.cluster, client_id, controller);
      const Instant asked = scene.cluster.world().now();
      const auto first =
          client.ask<DescribeConfigsResponse>(DescribeConfigsRequest(), ApiVersion{4});
      (void)client.ask<DescribeConfigsResponse>(DescribeConfigsRequest(), ApiVersion{4});
      return std::pair(first.value().throttle_time_ms, scene.cluster.world().now() - asked);
    };
    const auto [greedy_ms, greedy_waited] = ask("greedy");
    QCOMPARE(greedy_ms, 1000);
    QVERIFY(greedy_waited >= Duration::millis(1000) && greedy_waited < Duration::millis(1020));
    const auto [modest_ms, modest_waited] = ask("modest");
    QCOMPARE(modest_ms, 0);
    QVERIFY(modest_waited < Duration::millis(500));
  }
}

// What is asked of the quorum has no room for a wait in its answer: it is told by who comes next.
void ControllersTest::nobody_is_charged_for_what_the_quorum_lives_by() {
  Controllers scene;
  limit(scene, "greedy", "request_percentage", 0.0001);
  OutsideClient client(scene.cluster, "greedy", scene.active());
  const Instant asked = scene.cluster.world().now();
  for (int i = 0; i < 3; ++i) {
    const auto told = client.ask<DescribeQuorumResponse>(about_the_quorum(), ApiVersion{2});
    QCOMPARE(told.value().error_code, ErrorCode::none);
  }
  QVERIFY(scene.cluster.world().now() - asked < Duration::millis(500));
}

void ControllersTest::who_creates_more_than_its_rate_waits() {
  Controllers scene;
  limit(scene, "admin", "controller_mutation_rate", 1);
  OutsideClient client(scene.cluster, "admin", scene.active());
  const auto create = [&](const std::string& topic) {
    return client
        .ask<CreateTopicsResponse>(creation_of(topic, 20), ApiVersion{7}, Duration::seconds(60))
        .value();
  };
  QCOMPARE(create("first").throttle_time_ms, 0);
  const auto second = create("second");
  QCOMPARE(second.topics.at(0).error_code, ErrorCode::throttling_quota_exceeded);
  QVERIFY(second.throttle_time_ms > 8'000 && second.throttle_time_ms <= 9'000);
  const Instant asked = scene.cluster.world().now();
  QCOMPARE(create("third").topics.at(0).error_code, ErrorCode::none);
  const Duration waited = scene.cluster.world().now() - asked;
  QVERIFY(waited >= Duration::millis(second.throttle_time_ms));
  QVERIFY(waited < Duration::millis(second.throttle_time_ms + 60));
}

void ControllersTest::a_client_says_what_it_is() {
  Controllers scene;
  OutsideClient client(scene.cluster, "admin", scene.cluster.controller_listeners().at(2));
  ApiVersionsRequest request;
  request.client_software_name = "!";
  request.client_software_version = "1";
  const auto refused = client.ask<ApiVersionsResponse>(request, ApiVersion{3});
  QCOMPARE(refused.value().error_code, ErrorCode::invalid_request);
  QVERIFY(refused->api_keys.empty());
  request.client_software_name = "tool";
  QVERIFY(!client.ask<ApiVersionsResponse>(request, ApiVersion{3}).value().api_keys.empty());
  const auto seen = scene.cluster.snapshot({})->real_clients;
  QCOMPARE(seen.size(), std::size_t{1});
  QCOMPARE(seen.front().node, BrokerId{103});
  QCOMPARE(seen.front().software, std::string("tool 1"));
  QCOMPARE(seen.front().client_id, std::string("admin"));
}

OTTLA_TEST(ControllersTest)
#include "controllers_test.moc"
