// Quotas in a running cluster: what an admin sets holds clients to it, from the request over the
// metadata log to the brokers and back to the clients' own patience.
#include "engine/protocol/messages/alter_client_quotas_request.h"
#include "engine/protocol/messages/alter_client_quotas_response.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_configs_response.h"
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_quorum_response.h"
#include "engine/protocol/messages/metadata_request.h"
#include "engine/protocol/messages/metadata_response.h"
#include "tests/simulation/controllers_scene.h"
#include "tests/simulation/outside_client.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using protocol::ErrorCode;
using test::Controllers;
using test::OutsideClient;

namespace {

void limit(OutsideClient& admin, const std::string& client_id, const std::string& quota,
           double value) {
  protocol::AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  entry.entity.push_back({"client-id", client_id});
  entry.ops.push_back({.key = quota, .value = value, .remove = false});
  const auto answer = admin.ask<protocol::AlterClientQuotasResponse>(request, ApiVersion{1});
  QVERIFY(answer.has_value());
  QCOMPARE(answer->entries.at(0).error_code, ErrorCode::none);
}

std::optional<protocol::CreateTopicsResponse> create(OutsideClient& client, const std::string& name,
                                                     ApiVersion version, Duration limit) {
  protocol::CreateTopicsRequest request;
  request.timeout_ms = 1000;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = 20;
  topic.replication_factor = 1;
  return client.ask<protocol::CreateTopicsResponse>(request, version, limit);
}

// Returns when each controller knows.
void limit(Controllers& scene, const std::string& client_id, const std::string& quota,
           double value) {
  OutsideClient admin(scene.cluster, "admin", scene.active());
  limit(admin, client_id, quota, value);
  scene.run(Duration::seconds(1));
}

protocol::DescribeQuorumRequest about_the_quorum() {
  protocol::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  return request;
}

}  // namespace

class QuotasTest : public QObject {
  Q_OBJECT
 private slots:
  void a_producer_is_held_to_its_rate();
  void a_group_is_held_to_its_rate();
  void a_client_is_held_to_its_share_of_the_brokers_time();
  void what_the_controller_answers_says_how_long_to_wait();
  void only_the_client_waits_whose_request_is_forwarded();
  void partitions_are_created_at_their_rate();
  void an_old_client_gets_its_topics_and_waits();
  void a_client_is_held_to_its_share_of_the_controllers_time();
  void nobody_is_charged_for_what_the_quorum_lives_by();
  void who_asks_the_controller_itself_waits_there();
};

// 800 kB/s come in. Each broker limits for itself, and two lead.
void QuotasTest::a_producer_is_held_to_its_rate() {
  test::Scene scene(test::small_segments(5));
  OutsideClient admin(scene.cluster, "admin");
  limit(admin, "shop", "producer_byte_rate", 40'000);
  scene.run(Duration::seconds(30));
  const std::int64_t before = scene.acknowledged();
  scene.run(Duration::seconds(30));
  const auto bytes_per_s = static_cast<double>(scene.acknowledged() - before) * 400 / 30;
  QVERIFY2(bytes_per_s > 50'000 && bytes_per_s < 88'000, qPrintable(QString::number(bytes_per_s)));
  QVERIFY(scene.healthy());
  QCOMPARE(scene.violations(), std::string());
}

void QuotasTest::a_group_is_held_to_its_rate() {
  auto spec = test::small_segments(6);
  spec.workload.groups.push_back({.name = "readers", .topics = {"orders"}, .members = 1});
  test::Scene scene(spec);
  OutsideClient admin(scene.cluster, "admin");
  const auto group = [&] { return *scene.cluster.snapshot({})->groups.front(); };
  const auto committed = [&] {
    std::int64_t sum = 0;
    for (const auto& partition : group().partitions)
      sum += partition.committed.value_or(Offset{0}).value();
    return sum;
  };
  limit(admin, group().members.front().client_id, "consumer_byte_rate", 40'000);
  scene.run(Duration::seconds(30));
  const std::int64_t before = committed();
  scene.run(Duration::seconds(30));
  // Commits come every five seconds, and a fetch that is over the rate brings nothing.
  const auto bytes_per_s = static_cast<double>(committed() - before) * 400 / 30;
  QVERIFY2(bytes_per_s > 40'000 && bytes_per_s < 88'000, qPrintable(QString::number(bytes_per_s)));
}

// About 60 us a request and a window of ten seconds: 1,667 requests are 1 % of it, and one is no
// more than a second's wait.
void QuotasTest::a_client_is_held_to_its_share_of_the_brokers_time() {
  test::Scene scene(test::small_segments(9));
  {
    OutsideClient admin(scene.cluster, "admin");
    limit(admin, "greedy", "request_percentage", 1);
  }
  scene.run(Duration::seconds(1));
  std::optional<OutsideClient> client;
  client.emplace(scene.cluster, "greedy");
  const protocol::MetadataRequest request;
  const Instant start = scene.cluster.world().now();
  int asked = 0;
  std::int32_t throttled_ms = 0;
  while (scene.cluster.world().now() < start + Duration::seconds(30)) {
    const auto answer = client->ask<protocol::MetadataResponse>(request, ApiVersion{12});
    QVERIFY(answer.has_value());
    throttled_ms = std::max(throttled_ms, answer->throttle_time_ms);
    ++asked;
  }
  QVERIFY2(asked > 4'000 && asked < 7'000, qPrintable(QString::number(asked)));
  QVERIFY(throttled_ms > 0 && throttled_ms <= 1000);
  client.emplace(scene.cluster, "modest");
  const auto free = client->ask<protocol::MetadataResponse>(request, ApiVersion{12});
  QCOMPARE(free->throttle_time_ms, 0);
}

void QuotasTest::what_the_controller_answers_says_how_long_to_wait() {
  test::Scene scene(test::small_segments(10));
  OutsideClient admin(scene.cluster, "admin");
  limit(admin, "admin", "request_percentage", 0.0001);
  const auto created = create(admin, "first", ApiVersion{7}, Duration::seconds(60));
  QCOMPARE(created->topics.at(0).error_code, ErrorCode::none);
  QCOMPARE(created->throttle_time_ms, 1000);
  const Instant asked = scene.cluster.world().now();
  QVERIFY(create(admin, "second", ApiVersion{7}, Duration::seconds(60)));
  QVERIFY(scene.cluster.world().now() - asked >= Duration::millis(900));
}

// Both come over one connection from the broker to the controller.
void QuotasTest::only_the_client_waits_whose_request_is_forwarded() {
  test::Scene scene(test::small_segments(10));
  {
    OutsideClient admin(scene.cluster, "admin");
    limit(admin, "admin", "request_percentage", 0.0001);
    QCOMPARE(create(admin, "first", ApiVersion{7}, Duration::seconds(60))->throttle_time_ms, 1000);
  }
  OutsideClient other(scene.cluster, "other");
  const auto created = create(other, "second", ApiVersion{7}, Duration::millis(500));
  QVERIFY(created.has_value());
  QCOMPARE(created->topics.at(0).error_code, ErrorCode::none);
  QCOMPARE(created->throttle_time_ms, 0);
}

void QuotasTest::partitions_are_created_at_their_rate() {
  test::Scene scene(test::small_segments(7));
  OutsideClient admin(scene.cluster, "admin");
  // Eleven seconds' worth at once: 11 partitions, and then one a second.
  limit(admin, "admin", "controller_mutation_rate", 1);
  const Duration patience = Duration::seconds(60);
  const auto first = create(admin, "first", ApiVersion{7}, patience);
  QVERIFY(first.has_value());
  QCOMPARE(first->topics.at(0).error_code, ErrorCode::none);
  QCOMPARE(first->throttle_time_ms, 0);
  const auto second = create(admin, "second", ApiVersion{7}, patience);
  QCOMPARE(second->topics.at(0).error_code, ErrorCode::throttling_quota_exceeded);
  QVERIFY(second->throttle_time_ms > 8'000 && second->throttle_time_ms <= 9'000);
  // Its connection is muted for as long; the next is answered after that, and granted.
  const Instant asked = scene.cluster.world().now();
  const auto third = create(admin, "third", ApiVersion{7}, patience);
  QCOMPARE(third->topics.at(0).error_code, ErrorCode::none);
  const Duration waited = scene.cluster.world().now() - asked;
  QVERIFY(waited >= Duration::millis(second->throttle_time_ms));
  QVERIFY(waited < Duration::millis(second->throttle_time_ms + 200));
}

void QuotasTest::an_old_client_gets_its_topics_and_waits() {
  test::Scene scene(test::small_segments(8));
  OutsideClient admin(scene.cluster, "admin");
  limit(admin, "admin", "controller_mutation_rate", 1);
  const auto created = create(admin, "first", ApiVersion{5}, Duration::seconds(60));
  QCOMPARE(created->topics.at(0).error_code, ErrorCode::none);
  QVERIFY(created->throttle_time_ms > 8'000 && created->throttle_time_ms <= 9'000);
  QVERIFY(!create(admin, "second", ApiVersion{5}, Duration::seconds(5)));
}

void QuotasTest::a_client_is_held_to_its_share_of_the_controllers_time() {
  Controllers scene;
  limit(scene, "greedy", "request_percentage", 0.0001);
  const std::vector<Endpoint> controllers = scene.cluster.controller_listeners();
  QCOMPARE(controllers.size(), std::size_t{3});
  for (const Endpoint& controller : controllers) {
    const auto ask_twice = [&](const std::string& client_id) {
      OutsideClient client(scene.cluster, client_id, controller);
      const protocol::DescribeConfigsRequest request;
      const Instant asked = scene.cluster.world().now();
      const auto first = client.ask<protocol::DescribeConfigsResponse>(request, ApiVersion{4});
      (void)client.ask<protocol::DescribeConfigsResponse>(request, ApiVersion{4});
      return std::pair(first.value().throttle_time_ms, scene.cluster.world().now() - asked);
    };
    const auto [greedy_ms, greedy_waited] = ask_twice("greedy");
    QCOMPARE(greedy_ms, 1000);
    QVERIFY(greedy_waited >= Duration::millis(1000) && greedy_waited < Duration::millis(1020));
    const auto [modest_ms, modest_waited] = ask_twice("modest");
    QCOMPARE(modest_ms, 0);
    QVERIFY(modest_waited < Duration::millis(500));
  }
}

// Their answers have no field for a wait: that one is muted shows when the next one is late.
void QuotasTest::nobody_is_charged_for_what_the_quorum_lives_by() {
  Controllers scene;
  limit(scene, "greedy", "request_percentage", 0.0001);
  OutsideClient client(scene.cluster, "greedy", scene.active());
  const Instant asked = scene.cluster.world().now();
  for (int i = 0; i < 3; ++i) {
    const auto told =
        client.ask<protocol::DescribeQuorumResponse>(about_the_quorum(), ApiVersion{2});
    QCOMPARE(told.value().error_code, ErrorCode::none);
  }
  QVERIFY(scene.cluster.world().now() - asked < Duration::millis(500));
}

void QuotasTest::who_asks_the_controller_itself_waits_there() {
  Controllers scene;
  limit(scene, "admin", "controller_mutation_rate", 1);
  OutsideClient client(scene.cluster, "admin", scene.active());
  const Duration patience = Duration::seconds(60);
  QCOMPARE(create(client, "first", ApiVersion{7}, patience)->throttle_time_ms, 0);
  const auto second = create(client, "second", ApiVersion{7}, patience);
  QCOMPARE(second->topics.at(0).error_code, ErrorCode::throttling_quota_exceeded);
  QVERIFY(second->throttle_time_ms > 8'000 && second->throttle_time_ms <= 9'000);
  const Instant asked = scene.cluster.world().now();
  const auto third = create(client, "third", ApiVersion{7}, patience);
  QCOMPARE(third->topics.at(0).error_code, ErrorCode::none);
  const Duration waited = scene.cluster.world().now() - asked;
  QVERIFY(waited >= Duration::millis(second->throttle_time_ms));
  QVERIFY(waited < Duration::millis(second->throttle_time_ms + 60));
}

OTTLA_TEST(QuotasTest)
#include "quotas_test.moc"
