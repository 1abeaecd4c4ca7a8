// What a broker tells of its own configs and of others', as Kafka 4.1's would.
#include <algorithm>

#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_configs_response.h"
#include "engine/protocol/messages/incremental_alter_configs_request.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"
#include "tests/simulation/outside_client.h"
#include "tests/simulation/scene.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using metadata::ConfigResourceType;
using metadata::ConfigSource;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using test::OutsideClient;

namespace {

using Described = DescribeConfigsResponse::DescribeConfigsResourceResult;

// An administrator of one small cluster, shared by the tests.
struct Admin {
  DescribeConfigsResponse::DescribeConfigsResult describe(ConfigResourceType type,
                                                          const std::string& name) {
    DescribeConfigsRequest request;
    request.include_synonyms = true;
    request.include_documentation = true;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<std::int8_t>(type);
    resource.resource_name = name;
    resource.configuration_keys.reset();
    const auto answer = client.ask<DescribeConfigsResponse>(request, ApiVersion{4});
    return answer ? answer->results.at(0) : DescribeConfigsResponse::DescribeConfigsResult();
  }
  std::optional<Described> of(ConfigResourceType type, const std::string& resource,
                              const std::string& name) {
    const auto all = describe(type, resource).configs;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& at) { return at.name == name; });
    return found == all.end() ? std::nullopt : std::optional(*found);
  }
  IncrementalAlterConfigsResponse::AlterConfigsResourceResponse set(ConfigResourceType type,
                                                                    const std::string& resource,
                                                                    const std::string& name,
                                                                    const std::string& value) {
    IncrementalAlterConfigsRequest request;
    auto& asked = request.resources.emplace_back();
    asked.resource_type = static_cast<std::int8_t>(type);
    asked.resource_name = resource;
    asked.configs.push_back({.name = name, .config_operation = 0, .value = value});
    const auto answer = client.ask<IncrementalAlterConfigsResponse>(request, ApiVersion{1});
    scene.run(Duration::seconds(1));
    return answer ? answer->responses.at(0)
                  : IncrementalAlterConfigsResponse::AlterConfigsResourceResponse();
  }

  test::Scene scene{test::small_segments(9)};
  OutsideClient client{scene.cluster, "admin"};
};

constexpr auto brokers = ConfigResourceType::broker;

bool is(const std::optional<Described>& config, const std::optional<std::string>& value,
        ConfigSource source) {
  return config && config->value == value &&
         config->config_source == static_cast<std::int8_t>(source);
}

}  // namespace

class ConfigsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_broker_tells_all_that_kafka_would();
  void what_a_broker_was_started_with_is_static();
  void a_dynamic_value_of_an_unknown_name_is_not_told();
  void the_default_of_all_brokers_tells_what_is_set();
  void topics_and_groups_tell_where_a_value_is_from();
  void loggers_are_answered_as_without_log4j();
  void client_metrics_have_configs();

 private:
  Admin admin_;
};

void ConfigsTest::a_broker_tells_all_that_kafka_would() {
  const auto all = admin_.describe(brokers, "1");
  QCOMPARE(all.error_code, ErrorCode::none);
  QVERIFY2(all.configs.size() >= 316, qPrintable(QString::number(all.configs.size())));
  const auto password = admin_.of(brokers, "1", "ssl.keystore.password");
  QVERIFY(password && password->is_sensitive && !password->value && !password->read_only);
  QVERIFY(!admin_.of(brokers, "1", "leader.replication.throttled.rate"));
}

void ConfigsTest::what_a_broker_was_started_with_is_static() {
  QVERIFY(is(admin_.of(brokers, "1", "node.id"), "1", ConfigSource::static_broker));
  QVERIFY(is(admin_.of(brokers, "1", "broker.id"), "1", ConfigSource::static_broker));
  QVERIFY(is(admin_.of(brokers, "1", "process.roles"), "broker", ConfigSource::static_broker));
  QVERIFY(is(admin_.of(brokers, "1", "offsets.topic.num.partitions"), "2",
             ConfigSource::static_broker));
  const auto listeners = admin_.of(brokers, "1", "listeners");
  QVERIFY(listeners && listeners->value->starts_with("PLAINTEXT://"));
}

void ConfigsTest::a_dynamic_value_of_an_unknown_name_is_not_told() {
  QCOMPARE(admin_.set(brokers, "1", "my.secret", "42").error_code, ErrorCode::none);
  const auto secret = admin_.of(brokers, "1", "my.secret");
  QVERIFY(is(secret, std::nullopt, ConfigSource::dynamic_broker));
  QVERIFY(secret->is_sensitive && secret->read_only);
  QCOMPARE(static_cast<int>(secret->config_type), 0);
  QVERIFY(!secret->documentation);
  QCOMPARE(secret->synonyms.size(), std::size_t{1});
  QVERIFY(!secret->synonyms.front().value);
}

void ConfigsTest::the_default_of_all_brokers_tells_what_is_set() {
  // Eligible leader replicas make a cluster's min.insync.replicas its own (KIP-966).
  const auto before = admin_.describe(brokers, "").configs;
  QCOMPARE(before.size(), std::size_t{1});
  QCOMPARE(before.front().name, std::string("min.insync.replicas"));
  const auto refused = admin_.set(brokers, "", "leader.replication.throttled.rate", "-5");
  QCOMPARE(refused.error_code, ErrorCode::invalid_request);
  admin_.set(brokers, "", "leader.replication.throttled.rate", "1000");
  const auto rate = admin_.of(brokers, "", "leader.replication.throttled.rate");
  QVERIFY(is(rate, "1000", ConfigSource::dynamic_default_broker));
  QVERIFY(rate->read_only && !rate->is_sensitive);
  QVERIFY(is(admin_.of(brokers, "1", "leader.replication.throttled.rate"), "1000",
             ConfigSource::dynamic_default_broker));
}

void ConfigsTest::topics_and_groups_tell_where_a_value_is_from() {
  const auto topic = ConfigResourceType::topic;
  const auto retention = admin_.of(topic, "orders", "retention.ms");
  QVERIFY(is(retention, "604800000", ConfigSource::default_value));
  QVERIFY(retention->synonyms.empty());
  const auto segment = admin_.of(topic, "orders", "segment.bytes");
  QVERIFY(is(segment, "1048576", ConfigSource::dynamic_topic));
  QCOMPARE(segment->synonyms.size(), std::size_t{2});
  const auto group = ConfigResourceType::group;
  const std::string name = "consumer.session.timeout.ms";
  QVERIFY(is(admin_.of(group, "readers", name), "45000", ConfigSource::default_value));
  QCOMPARE(admin_.set(group, "readers", name, "50000").error_code, ErrorCode::none);
  const auto timeout = admin_.of(group, "readers", name);
  QVERIFY(is(timeout, "50000", ConfigSource::dynamic_group));
  QCOMPARE(timeout->synonyms.size(), std::size_t{1});
}

void ConfigsTest::loggers_are_answered_as_without_log4j() {
  const auto loggers = ConfigResourceType::broker_logger;
  const auto own = admin_.describe(loggers, "1");
  QCOMPARE(own.error_code, ErrorCode::none);
  QVERIFY(own.configs.empty());
  QCOMPARE(*admin_.describe(loggers, "").error_message, "Broker id must not be empty");
  QCOMPARE(*admin_.describe(loggers, "2").error_message,
           "Unexpected broker id, expected 1 but received 2");
  const auto set = admin_.set(loggers, "1", "kafka.server", "DEBUG");
  QCOMPARE(set.error_code, ErrorCode::invalid_config);
  QCOMPARE(*set.error_message, "Logger kafka.server does not exist!");
  QCOMPARE(*admin_.set(loggers, "2", "kafka.server", "DEBUG").error_message,
           "Unexpected node id. Expected 1, but received 2");
}

void ConfigsTest::client_metrics_have_configs() {
  const auto metrics = ConfigResourceType::client_metrics;
  QCOMPARE(*admin_.describe(metrics, "").error_message,
           "Client metrics subscription name must not be empty");
  QVERIFY(is(admin_.of(metrics, "all", "interval.ms"), "300000", ConfigSource::default_value));
  QCOMPARE(admin_.set(metrics, "all", "interval.ms", "5000").error_code, ErrorCode::none);
  QVERIFY(is(admin_.of(metrics, "all", "interval.ms"), "5000", ConfigSource::client_metrics));
  QCOMPARE(admin_.describe(metrics, "all").configs.size(), std::size_t{3});
}

OTTLA_TEST(ConfigsTest)
#include "configs_test.moc"
