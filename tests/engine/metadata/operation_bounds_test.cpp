// What one request may ask for and write: more is refused as a whole, and nothing is written.
#include "engine/metadata/operation_bounds.h"

#include "engine/metadata/client_quotas.h"
#include "engine/metadata/reassignment.h"
#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

constexpr int records_max = static_cast<int>(max_records_per_operation);
constexpr const char* too_many_partitions = "Excessively large number of partitions per request.";
constexpr const char* too_large = "Unable to perform excessively large batch operation.";

void ask_for(protocol::CreateTopicsRequest& request, const std::string& name, int partitions) {
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
}

// Why a whole request was refused; nothing when it was not.
template <class Response>
std::string refusal_of(const ControllerResult<Response>& result) {
  if (!result.refusal.failed()) return "";
  const bool as_kafka =
      result.refusal.code == ErrorCode::policy_violation && result.records.empty();
  return as_kafka ? result.refusal.message.value_or("no words") : "another refusal";
}

}  // namespace

class OperationBoundsTest : public QObject {
  Q_OBJECT
 private slots:
  void too_many_new_partitions_are_refused_whatever_else_is_wrong_data();
  void too_many_new_partitions_are_refused_whatever_else_is_wrong();
  void brokers_defaults_and_assignments_count_too();
  void topics_and_configs_count_as_records();
  void too_many_added_partitions_are_refused_for_their_topic();
  void too_many_configs_are_refused();
  void too_many_quotas_are_refused();
  void too_many_deletions_elections_and_moves_are_refused();
};

void OperationBoundsTest::too_many_new_partitions_are_refused_whatever_else_is_wrong_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<int>("partitions");
  QTest::newRow("one more than may be") << "new" << 10'001;
  QTest::newRow("as many as can be said") << "new" << 2'147'483'647;
  QTest::newRow("of a topic that is there") << "there" << 10'001;
  QTest::newRow("of a name that is none") << "a/b" << 10'001;
}

void OperationBoundsTest::too_many_new_partitions_are_refused_whatever_else_is_wrong() {
  QFETCH(QString, name);
  QFETCH(int, partitions);
  ControllerFixture f;
  f.bring_up({1});
  f.create("there", 1, 1);
  protocol::CreateTopicsRequest request;
  ask_for(request, "small", 1);
  ask_for(request, name.toStdString(), partitions);
  QCOMPARE(refusal_of(f.controller.create_topics(request)), std::string(too_many_partitions));
}

void OperationBoundsTest::brokers_defaults_and_assignments_count_too() {
  ControllerFixture f(
      ConfigValues{{"num.partitions", "6000"}, {"default.replication.factor", "1"}});
  f.bring_up({1});
  protocol::CreateTopicsRequest request;
  ask_for(request, "of the default", -1);
  QCOMPARE(refusal_of(f.controller.create_topics(request)), std::string());
  ask_for(request, "negative", -5);  // Refused by itself, and not counted.
  auto& assigned = request.topics.emplace_back();
  assigned.name = "assigned";
  assigned.assignments.resize(4000);
  QCOMPARE(refusal_of(f.controller.create_topics(request)), std::string());
  assigned.assignments.emplace_back();
  QCOMPARE(refusal_of(f.controller.create_topics(request)), std::string(too_many_partitions));
}

void OperationBoundsTest::topics_and_configs_count_as_records() {
  ControllerFixture f;
  f.bring_up({1});
  protocol::CreateTopicsRequest request;
  ask_for(request, "large", records_max - 1);
  const auto fits = f.controller.create_topics(request);
  QCOMPARE(refusal_of(fits), std::string());
  QCOMPARE(fits.records.size(), max_records_per_operation);
  request.topics.front().configs.push_back({.name = "retention.ms", .value = "5"});
  QCOMPARE(refusal_of(f.controller.create_topics(request)), std::string(too_large));
  request.validate_only = true;
  QCOMPARE(refusal_of(f.controller.create_topics(request)), std::string(too_large));
}

void OperationBoundsTest::too_many_added_partitions_are_refused_for_their_topic() {
  ControllerFixture f;
  f.bring_up({1});
  for (const char* name : {"first", "second", "third"}) f.create(name, 1, 1);
  protocol::CreatePartitionsRequest request;
  const auto ask = [&request](const char* name, int count) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.count = count;
    topic.assignments.reset();
  };
  ask("first", 6001);
  ask("second", 4002);  // 4,001 more, where 4,000 are left.
  ask("third", 4001);
  const auto result = f.controller.create_partitions(request);
  QCOMPARE(refusal_of(result), std::string());
  QVERIFY(result.response.results.at(0).error_code == ErrorCode::none);
  QVERIFY(result.response.results.at(1).error_code == ErrorCode::unknown_server_error);
  QVERIFY(result.response.results.at(2).error_code == ErrorCode::none);
  QCOMPARE(result.records.size(), max_records_per_operation);

  request.topics.resize(1);
  request.topics.front().count = 2'147'483'647;
  const auto huge = f.controller.create_partitions(request);
  QVERIFY(huge.response.results.at(0).error_code == ErrorCode::unknown_server_error);
  QVERIFY(huge.records.empty());
}

void OperationBoundsTest::too_many_configs_are_refused() {
  ControllerFixture f;
  f.bring_up({1});
  protocol::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(ConfigResourceType::broker);
  resource.resource_name = "1";
  for (int i = 0; i < records_max; ++i)
    resource.configs.push_back({.name = "own." + std::to_string(i), .value = "1"});
  QCOMPARE(refusal_of(f.controller.incremental_alter_configs(request)), std::string());
  resource.configs.push_back({.name = "own.last", .value = "1"});
  QCOMPARE(refusal_of(f.controller.incremental_alter_configs(request)), std::string(too_large));
}

void OperationBoundsTest::too_many_quotas_are_refused() {
  ControllerFixture f;
  protocol::AlterClientQuotasRequest request;
  for (int i = 0; i <= records_max; ++i) {
    auto& entry = request.entries.emplace_back();
    entry.entity.push_back({.entity_type = "user", .entity_name = "u" + std::to_string(i)});
    entry.ops.push_back({.key = "request_percentage", .value = 5});
  }
  QCOMPARE(refusal_of(alter_client_quotas(f.controller.image(), request)), std::string(too_large));
  request.entries.pop_back();
  QCOMPARE(refusal_of(alter_client_quotas(f.controller.image(), request)), std::string());
}

void OperationBoundsTest::too_many_deletions_elections_and_moves_are_refused() {
  ControllerFixture f;
  f.bring_up({1, 2});
  protocol::DeleteTopicsRequest deletion;
  protocol::ElectLeadersRequest election;
  election.topic_partitions.emplace();
  protocol::AlterPartitionReassignmentsRequest moves;
  for (int i = 0; i <= records_max; ++i) {
    const std::string name = "t" + std::to_string(i);
    f.create_assigned(name, {1, 2});
    deletion.topics.emplace_back().name = name;
    auto& elected = election.topic_partitions->emplace_back();
    elected.topic = name;
    elected.partitions.push_back(PartitionIndex{0});
    auto& moved = moves.topics.emplace_back();
    moved.name = name;
    moved.partitions.emplace_back().replicas = std::vector<BrokerId>{BrokerId{2}};
  }
  const auto& image = f.controller.image();
  const ConfigValues settings;
  const auto refusals = [&] {
    return std::vector{refusal_of(f.controller.delete_topics(deletion, f.context(), {})),
                       refusal_of(f.controller.elect_leaders(election)),
                       refusal_of(alter_partition_reassignments(image, settings, moves)),
                       refusal_of(f.controller.unregister_broker([] {
                         protocol::UnregisterBrokerRequest request;
                         request.broker_id = BrokerId{1};
                         return request;
                       }()))};
  };
  // All are led by 2, and 1 is preferred.
  f.expire_sessions_of_all_but({2});
  f.beat(1);
  for (int i = 0; i <= records_max; ++i) {
    protocol::AlterPartitionRequest joins;
    joins.broker_id = BrokerId{2};
    joins.broker_epoch = image.broker(BrokerId{2})->epoch;
    const Topic* topic = image.topic(std::string_view("t" + std::to_string(i)));
    auto& of_topic = joins.topics.emplace_back();
    of_topic.topic_id = topic->id;
    auto& partition = of_topic.partitions.emplace_back();
    partition.leader_epoch = topic->partitions.begin()->second.leader_epoch;
    partition.partition_epoch = topic->partitions.begin()->second.partition_epoch;
    for (const int id : {2, 1})
      partition.new_isr_with_epochs.emplace_back().broker_id = BrokerId{id};
    f.take(f.controller.alter_partition(joins, f.context()));
  }
  for (const std::string& refusal : refusals()) QCOMPARE(refusal, std::string(too_large));
  deletion.topics.pop_back();
  election.topic_partitions->pop_back();
  moves.topics.pop_back();
  const auto fewer = refusals();
  for (int i = 0; i < 3; ++i) QCOMPARE(fewer[static_cast<std::size_t>(i)], std::string());
}

OTTLA_TEST(OperationBoundsTest)
#include "operation_bounds_test.moc"
