// Controllers that clients ask directly, by bootstrap.controllers (KIP-919): what the active one
// and the others answer, as Kafka 4.1's would.
#include <map>

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
#include "engine/protocol/messages/list_partition_reassignments_request.h"
#include "engine/protocol/messages/list_partition_reassignments_response.h"
#include "tests/simulation/controllers_scene.h"
#include "tests/simulation/outside_client.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::protocol;
using test::Controllers;
using test::OutsideClient;

namespace {

DeleteTopicsRequest deletion_of(const std::string& topic) {
  DeleteTopicsRequest request;
  request.topics.emplace_back().name = topic;
  request.timeout_ms = 1000;
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
