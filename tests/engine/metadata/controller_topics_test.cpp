#include <set>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/group_config.h"
#include "engine/metadata/replica_placer.h"
#include "engine/metadata/topic_config.h"
#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

struct Refusal {
  const char* name;
  const char* topic;
  int partitions;
  int replication;
  const char* config;
  const char* value;
  ErrorCode error;
  const char* message;
};

constexpr Refusal refusals[] = {
    {"empty name", "", 1, 1, "", "", ErrorCode::invalid_topic_exception,
     "Topic name is invalid: the empty string is not allowed"},
    {"a dot", ".", 1, 1, "", "", ErrorCode::invalid_topic_exception,
     "Topic name is invalid: '.' is not allowed"},
    {"illegal", "a/b", 1, 1, "", "", ErrorCode::invalid_topic_exception,
     "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, "
     "'.', '_' and '-'"},
    {"collision", "ex.ists", 1, 1, "", "", ErrorCode::invalid_topic_exception,
     "Topic 'ex.ists' collides with existing topic: ex_ists"},
    {"exists", "ex_ists", 1, 1, "", "", ErrorCode::topic_already_exists,
     "Topic 'ex_ists' already exists."},
    {"no partitions", "t", 0, 1, "", "", ErrorCode::invalid_partitions,
     "Number of partitions was set to an invalid non-positive value."},
    {"no replicas", "t", 1, 0, "", "", ErrorCode::invalid_replication_factor,
     "Replication factor must be larger than 0, or -1 to use the default value."},
    {"too many replicas", "t", 1, 4, "", "", ErrorCode::invalid_replication_factor,
     "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be "
     "reached because only 3 broker(s) are registered."},
    {"unknown config", "t", 1, 1, "retention.msec", "1", ErrorCode::invalid_config,
     "Unknown topic config name: retention.msec"},
    {"not a number", "t", 1, 1, "retention.ms", "soon", ErrorCode::invalid_config,
     "Invalid value soon for configuration retention.ms: Not a number of type LONG"},
    {"too small", "t", 1, 1, "min.insync.replicas", "0", ErrorCode::invalid_config,
     "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1"},
    {"not a choice", "t", 1, 1, "cleanup.policy", "burn", ErrorCode::invalid_config,
     "Invalid value burn for configuration cleanup.policy: String must be one of: compact, delete"},
    {"metadata topic", "__cluster_metadata", 1, 1, "", "", ErrorCode::invalid_request,
     "Creation of internal topic __cluster_metadata is prohibited."},
};

}  // namespace

class ControllerTopicsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_topic_is_created_with_its_partitions_and_configs();
  void a_topic_takes_the_brokers_defaults();
  void refusals_have_kafkas_codes_and_words_data();
  void refusals_have_kafkas_codes_and_words();
  void validate_only_changes_nothing();
  void names_given_twice_are_refused_once();
  void manual_assignments_are_checked();
  void topics_are_deleted_by_name_or_id();
  void a_topic_that_is_named_twice_is_not_deleted();
  void partitions_are_added_but_never_taken_away();
  void what_creates_or_deletes_partitions_is_charged_for_them();
  void what_is_refused_otherwise_is_not_charged();
  void replicas_are_spread_over_racks_and_leaders_over_brokers();
  void placement_prefers_unfenced_brokers();
  void configs_change_by_increments_and_as_a_whole();
  void the_config_tables_are_sorted_and_their_defaults_are_valid();
};

void ControllerTopicsTest::a_topic_is_created_with_its_partitions_and_configs() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = 6;
  topic.replication_factor = 3;
  topic.configs.push_back({.name = "retention.ms", .value = "1000"});
  const auto result = f.take(f.controller.create_topics(request)).topics.at(0);
  QVERIFY(result.error_code == ErrorCode::none);
  QVERIFY(!result.error_message);
  QCOMPARE(result.num_partitions, 6);
  QCOMPARE(static_cast<int>(result.replication_factor), 3);
  const auto retention = std::find_if(result.configs->begin(), result.configs->end(),
                                      [](const auto& c) { return c.name == "retention.ms"; });
  QCOMPARE(*retention->value, std::string("1000"));
  QCOMPARE(static_cast<int>(retention->config_source), 1);  // TOPIC_CONFIG
  QVERIFY(std::holds_alternative<protocol::TopicRecord>(f.last.at(0)));
  QVERIFY(std::holds_alternative<protocol::ConfigRecord>(f.last.at(1)));
  QCOMPARE(f.last.size(), 8U);
  const Topic* made = f.controller.image().topic(std::string_view("orders"));
  QCOMPARE(made->id, result.topic_id);
  for (const auto& [index, partition] : made->partitions) {
    QCOMPARE(std::set<BrokerId>(partition.replicas.begin(), partition.replicas.end()).size(), 3U);
    QVERIFY(partition.has_preferred_leader());
    QVERIFY(partition.isr == partition.replicas);
  }
}

void ControllerTopicsTest::a_topic_takes_the_brokers_defaults() {
  ControllerFixture f(ConfigValues{
      {"num.partitions", "4"}, {"default.replication.factor", "2"}, {"log.retention.hours", "1"}});
  f.bring_up({1, 2, 3});
  const auto result = f.create("orders", -1, -1);
  QCOMPARE(result.num_partitions, 4);
  QCOMPARE(static_cast<int>(result.replication_factor), 2);
  const auto retention = std::find_if(result.configs->begin(), result.configs->end(),
                                      [](const auto& c) { return c.name == "retention.ms"; });
  QCOMPARE(*retention->value, std::string("3600000"));
  QCOMPARE(static_cast<int>(retention->config_source), 4);  // STATIC_BROKER_CONFIG
}

void ControllerTopicsTest::refusals_have_kafkas_codes_and_words_data() {
  QTest::addColumn<int>("row");
  for (int i = 0; i < static_cast<int>(std::size(refusals)); ++i)
    QTest::newRow(refusals[i].name) << i;
}

void ControllerTopicsTest::refusals_have_kafkas_codes_and_words() {
  QFETCH(int, row);
  const Refusal& refusal = refusals[row];
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create("ex_ists", 1, 1);
  protocol::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = refusal.topic;
  topic.num_partitions = refusal.partitions;
  topic.replication_factor = static_cast<std::int16_t>(refusal.replication);
  if (*refusal.config != '\0')
    topic.configs.push_back({.name = refusal.config, .value = refusal.value});
  const auto result = f.controller.create_topics(request);
  QVERIFY(result.records.empty());
  QCOMPARE(*result.response.topics.at(0).error_message, std::string(refusal.message));
  QVERIFY(result.response.topics.at(0).error_code == refusal.error);
}

void ControllerTopicsTest::validate_only_changes_nothing() {
  ControllerFixture f;
  f.bring_up({1});
  protocol::CreateTopicsRequest request;
  request.validate_only = true;
  request.topics.push_back({.name = "orders",
                            .num_partitions = 2,
                            .replication_factor = 1,
                            .assignments = {},
                            .configs = {}});
  const auto result = f.controller.create_topics(request);
  QVERIFY(result.records.empty());
  QVERIFY(result.response.topics.at(0).error_code == ErrorCode::none);
  QCOMPARE(result.response.topics.at(0).num_partitions, 2);
}

void ControllerTopicsTest::names_given_twice_are_refused_once() {
  ControllerFixture f;
  f.bring_up({1});
  protocol::CreateTopicsRequest request;
  for (const char* name : {"a", "b", "a"}) {
    request.topics.push_back({.name = name,
                              .num_partitions = 1,
                              .replication_factor = 1,
                              .assignments = {},
                              .configs = {}});
  }
  const auto response = f.take(f.controller.create_topics(request));
  QCOMPARE(response.topics.size(), 2U);
  // Told after those that were looked at.
  QVERIFY(response.topics[0].error_code == ErrorCode::none);
  QCOMPARE(response.topics[1].name, std::string("a"));
  QCOMPARE(*response.topics[1].error_message, std::string("Duplicate topic name."));
}

void ControllerTopicsTest::manual_assignments_are_checked() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.start(3);
  const auto refused = [&](const std::vector<std::pair<int, std::vector<int>>>& assignments) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.num_partitions = -1;
    topic.replication_factor = -1;
    for (const auto& [index, replicas] : assignments) {
      auto& assignment = topic.assignments.emplace_back();
      assignment.partition_index = PartitionIndex{index};
      for (const int id : replicas) assignment.broker_ids.push_back(BrokerId{id});
    }
    return f.controller.create_topics(request).response.topics.at(0).error_message.value_or("");
  };
  QCOMPARE(refused({{0, {}}}),
           std::string("The manual partition assignment includes an empty replica list."));
  QCOMPARE(
      refused({{0, {1, 9}}}),
      std::string(
          "The manual partition assignment includes broker 9, but no such broker is registered."));
  QCOMPARE(refused({{0, {1, 1}}}),
           std::string("The manual partition assignment includes the broker 1 more than once."));
  QCOMPARE(
      refused({{0, {1, 2}}, {1, {1}}}),
      std::string("The manual partition assignment includes a partition with 1 replica(s), but "
                  "this is not consistent with previous partitions, which have 2 replica(s)."));
  QCOMPARE(refused({{0, {1}}, {2, {1}}}),
           std::string("partitions should be a consecutive 0-based integer sequence"));
  QCOMPARE(refused({{0, {3}}}),
           std::string("All brokers specified in the manual partition assignment for partition 0 "
                       "are fenced or in controlled shutdown."));
  QCOMPARE(refused({{0, {3, 2}}}), std::string(""));
}

void ControllerTopicsTest::topics_are_deleted_by_name_or_id() {
  ControllerFixture f;
  f.bring_up({1});
  f.create("a", 1, 1);
  const auto b = f.create("b", 1, 1).topic_id;
  protocol::DeleteTopicsRequest request;
  request.topics.push_back({.name = "a", .topic_id = {}});
  request.topics.push_back({.name = std::nullopt, .topic_id = b});
  request.topics.push_back({.name = "c", .topic_id = {}});
  request.topics.push_back({.name = std::nullopt, .topic_id = Uuid(1, 2)});
  request.topics.push_back({.name = std::nullopt, .topic_id = {}});
  const auto responses = f.take(f.controller.delete_topics(request, f.context(6))).responses;
  const std::vector<ErrorCode> expected{ErrorCode::none, ErrorCode::none,
                                        ErrorCode::unknown_topic_or_partition,
                                        ErrorCode::unknown_topic_id, ErrorCode::invalid_request};
  for (std::size_t i = 0; i < expected.size(); ++i)
    QVERIFY(responses.at(i).error_code == expected[i]);
  QCOMPARE(*responses[1].name, std::string("b"));
  QVERIFY(f.controller.image().topics().empty());
  ControllerFixture closed(ConfigValues{{"delete.topic.enable", "false"}});
  QVERIFY(closed.controller.delete_topics(request, closed.context(6))
              .response.responses.at(0)
              .error_code == ErrorCode::topic_deletion_disabled);
}

void ControllerTopicsTest::a_topic_that_is_named_twice_is_not_deleted() {
  ControllerFixture f;
  f.bring_up({1});
  f.create("a", 1, 1);
  protocol::DeleteTopicsRequest request;
  for (const char* name : {"a", "b", "a"}) request.topics.push_back({.name = name, .topic_id = {}});
  const auto responses = f.take(f.controller.delete_topics(request, f.context(6))).responses;
  QCOMPARE(responses.size(), std::size_t{2});
  QVERIFY(responses[0].error_code == ErrorCode::invalid_request);
  QCOMPARE(*responses[0].error_message, std::string("Duplicate topic name."));
  QVERIFY(responses[1].error_code == ErrorCode::unknown_topic_or_partition);
  QCOMPARE(f.controller.image().topics().size(), std::size_t{1});
}

void ControllerTopicsTest::partitions_are_added_but_never_taken_away() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create("orders", 2, 2);
  const auto asked = [&](const std::string& name, int count) {
    protocol::CreatePartitionsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.count = count;
    topic.assignments.reset();
    return f.take(f.controller.create_partitions(request)).results.at(0);
  };
  QCOMPARE(*asked("orders", 2).error_message, std::string("Topic already has 2 partition(s)."));
  QCOMPARE(
      *asked("orders", 1).error_message,
      std::string("The topic orders currently has 2 partition(s); 1 would not be an increase."));
  QVERIFY(asked("nowhere", 1).error_code == ErrorCode::unknown_topic_or_partition);
  QVERIFY(!asked("nowhere", 1).error_message);
  QVERIFY(asked("orders", 5).error_code == ErrorCode::none);
  QCOMPARE(f.controller.image().topic(std::string_view("orders"))->partitions.size(), 5U);
  QCOMPARE(f.partition("orders", 4).replicas.size(), 2U);
}

void ControllerTopicsTest::what_creates_or_deletes_partitions_is_charged_for_them() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create("old", 2, 1);
  std::vector<std::int64_t> charged;
  const auto once = [&charged](std::int64_t partitions) {
    charged.push_back(partitions);
    return charged.size() == 1;
  };
  protocol::CreateTopicsRequest create;
  for (const char* name : {"orders", "payments"}) {
    auto& topic = create.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = 3;
    topic.replication_factor = 1;
  }
  const auto created = f.take(f.controller.create_topics(create, once));
  QVERIFY(created.topics.at(0).error_code == ErrorCode::none);
  QVERIFY(created.topics.at(1).error_code == ErrorCode::throttling_quota_exceeded);
  QVERIFY(!created.topics.at(1).error_message);
  QVERIFY(f.controller.image().topic(std::string_view("payments")) == nullptr);

  protocol::CreatePartitionsRequest grow;
  grow.topics.push_back({.name = "old", .count = 6, .assignments = std::nullopt});
  grow.topics.push_back({.name = "orders", .count = 4, .assignments = std::nullopt});
  charged.clear();
  const auto grown = f.take(f.controller.create_partitions(grow, once));
  QCOMPARE(charged, (std::vector<std::int64_t>{4, 1}));
  QVERIFY(grown.results.at(0).error_code == ErrorCode::none);
  QVERIFY(grown.results.at(1).error_code == ErrorCode::throttling_quota_exceeded);

  protocol::DeleteTopicsRequest remove;
  remove.topics.emplace_back().name = "old";
  remove.topics.emplace_back().name = "orders";
  charged.clear();
  const auto deleted = f.take(f.controller.delete_topics(remove, {}, once));
  QCOMPARE(charged, (std::vector<std::int64_t>{6, 3}));
  QVERIFY(deleted.responses.at(0).error_code == ErrorCode::none);
  QVERIFY(deleted.responses.at(1).error_code == ErrorCode::throttling_quota_exceeded);
  QVERIFY(!deleted.responses.at(1).error_message);
  QVERIFY(f.controller.image().topic(std::string_view("orders")) != nullptr);
}

void ControllerTopicsTest::what_is_refused_otherwise_is_not_charged() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  int charges = 0;
  const auto count = [&charges](std::int64_t) { return ++charges > 0; };
  protocol::CreateTopicsRequest create;
  auto& topic = create.topics.emplace_back();
  topic.name = "orders";
  topic.num_partitions = 1;
  topic.replication_factor = 4;
  (void)f.controller.create_topics(create, count);
  QCOMPARE(charges, 0);
  topic.replication_factor = 1;
  create.validate_only = true;  // As in Kafka, asking is charged like doing.
  (void)f.controller.create_topics(create, count);
  QCOMPARE(charges, 1);
}

void ControllerTopicsTest::replicas_are_spread_over_racks_and_leaders_over_brokers() {
  std::vector<UsableBroker> brokers;
  brokers.reserve(6);
  for (int id = 0; id < 6; ++id)
    brokers.push_back({BrokerId{id}, "rack" + std::to_string(id % 3), false});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Prng random(seed);
    const auto placed = place_replicas(brokers, 12, 3, random);
    std::map<BrokerId, int> leaders;
    for (const auto& replicas : *placed) {
      std::set<int> racks;
      for (const BrokerId id : replicas) racks.insert(id.value() % 3);
      QCOMPARE(racks.size(), 3U);
      ++leaders[replicas.front()];
    }
    QVERIFY(leaders.size() >= 3);
  }
  Prng a(5);
  Prng b(5);
  QVERIFY(*place_replicas(brokers, 4, 2, a) == *place_replicas(brokers, 4, 2, b));
}

void ControllerTopicsTest::placement_prefers_unfenced_brokers() {
  Prng random(1);
  const std::vector<UsableBroker> brokers{
      {BrokerId{1}, {}, true}, {BrokerId{2}, {}, false}, {BrokerId{3}, {}, false}};
  const auto two = place_replicas(brokers, 10, 2, random);
  for (const auto& replicas : *two) QVERIFY(!contains(replicas, BrokerId{1}));
  const auto three = place_replicas(brokers, 10, 3, random);
  for (const auto& replicas : *three) QCOMPARE(replicas.back(), BrokerId{1});
  const std::vector<UsableBroker> one_unfenced{{BrokerId{1}, {}, true}, {BrokerId{2}, {}, false}};
  const auto all = place_replicas(one_unfenced, 5, 2, random);
  for (const auto& replicas : *all) QCOMPARE(replicas, (std::vector{BrokerId{2}, BrokerId{1}}));
}

void ControllerTopicsTest::configs_change_by_increments_and_as_a_whole() {
  ControllerFixture f;
  f.bring_up({1});
  f.create("orders", 1, 1);
  protocol::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 2;
  resource.resource_name = "orders";
  resource.configs.push_back({.name = "cleanup.policy", .config_operation = 2, .value = "compact"});
  resource.configs.push_back({.name = "retention.ms", .config_operation = 0, .value = "5"});
  QVERIFY(f.take(f.controller.incremental_alter_configs(request)).responses.at(0).error_code ==
          ErrorCode::none);
  const ConfigResource of_topic{ConfigResourceType::topic, "orders"};
  QCOMPARE(f.controller.image().configs(of_topic).at("cleanup.policy"),
           std::string("delete,compact"));
  resource.configs = {{.name = "retention.ms", .config_operation = 1, .value = std::nullopt}};
  f.take(f.controller.incremental_alter_configs(request));
  QCOMPARE(f.controller.image().configs(of_topic).size(), 1U);
  resource.configs = {{.name = "retention.ms", .config_operation = 2, .value = "1"}};
  QVERIFY(f.take(f.controller.incremental_alter_configs(request)).responses.at(0).error_code ==
          ErrorCode::invalid_config);

  protocol::AlterConfigsRequest whole;
  whole.resources.push_back({.resource_type = 2,
                             .resource_name = "orders",
                             .configs = {{.name = "segment.ms", .value = "9"}}});
  f.take(f.controller.alter_configs(whole));
  QCOMPARE(f.controller.image().configs(of_topic).size(), 1U);
  QCOMPARE(f.controller.image().configs(of_topic).at("segment.ms"), std::string("9"));
  whole.resources[0].resource_name = "nowhere";
  QVERIFY(f.take(f.controller.alter_configs(whole)).responses.at(0).error_code ==
          ErrorCode::unknown_topic_or_partition);
  whole.resources[0] = {
      .resource_type = 4, .resource_name = "1", .configs = {{.name = "node.id", .value = "9"}}};
  QVERIFY(f.take(f.controller.alter_configs(whole)).responses.at(0).error_code ==
          ErrorCode::invalid_request);
}

void ControllerTopicsTest::the_config_tables_are_sorted_and_their_defaults_are_valid() {
  for (const auto table : {topic_configs(), broker_configs(), group_configs()}) {
    std::string_view before;
    for (const ConfigDefinition& definition : table) {
      QVERIFY2(before < definition.name, std::string(definition.name).c_str());
      before = definition.name;
      if (!definition.default_value || definition.name == "node.id") continue;
      const auto refused = refusal(definition, *definition.default_value);
      QVERIFY2(!refused, refused.value_or("").c_str());
    }
  }
  for (const ConfigDefinition& definition : topic_configs()) {
    for (const auto& synonym : definition.broker_synonyms) {
      QVERIFY2(find_broker_config(synonym.name) != nullptr, std::string(synonym.name).c_str());
    }
  }
}

OTTLA_TEST(ControllerTopicsTest)
#include "controller_topics_test.moc"
