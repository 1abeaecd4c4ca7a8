#include "engine/metadata/client_metrics_config.h"

#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

struct Refusal {
  const char* subscription;
  const char* name;
  const char* value;
  ErrorCode error;
  const char* message;
};

// Kafka's codes and words, for each thing that can be wrong.
constexpr Refusal refusals[] = {
    {"", "metrics", "*", ErrorCode::invalid_request, "Subscription name can't be empty"},
    {"all", "interval", "100", ErrorCode::invalid_request,
     "Unknown client metrics configuration: interval"},
    {"all", "interval.ms", "soon", ErrorCode::invalid_config,
     "Invalid value soon for configuration interval.ms: Not a number of type INT"},
    {"all", "interval.ms", "99", ErrorCode::invalid_request,
     "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)"},
    {"all", "interval.ms", "3600001", ErrorCode::invalid_request,
     "Invalid value 3600001 for interval.ms, interval must be between 100 and 3600000 (1 hour)"},
    {"all", "match", "client_id", ErrorCode::invalid_config,
     "Illegal client matching pattern: client_id"},
    {"all", "match", "client_id=a=b", ErrorCode::invalid_config,
     "Illegal client matching pattern: client_id=a=b"},
    {"all", "match", "client_id=shop,colour=red", ErrorCode::invalid_config,
     "Illegal client matching pattern: colour=red"},
};

protocol::IncrementalAlterConfigsRequest set(const std::string& subscription,
                                             const std::string& name, const std::string& value) {
  protocol::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(ConfigResourceType::client_metrics);
  resource.resource_name = subscription;
  resource.configs.push_back({.name = name, .config_operation = 0, .value = value});
  return request;
}

}  // namespace

class ClientMetricsConfigTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_wrong_is_refused_with_kafkas_words();
  void a_subscription_is_kept_in_the_image();
};

void ClientMetricsConfigTest::what_is_wrong_is_refused_with_kafkas_words() {
  for (const Refusal& refusal : refusals) {
    const ApiError error =
        refuse_client_metrics(refusal.subscription, {{refusal.name, refusal.value}});
    QCOMPARE(error.code, refusal.error);
    QCOMPARE(*error.message, std::string(refusal.message));
  }
  const ConfigValues right{{"interval.ms", "100"},
                           {"match", "client_id=shop.*, client_software_name=java"},
                           {"metrics", "org.apache.kafka.producer."}};
  QVERIFY(!refuse_client_metrics("all", right).failed());
}

void ClientMetricsConfigTest::a_subscription_is_kept_in_the_image() {
  ControllerFixture f;
  f.bring_up({1});
  const auto refused =
      f.take(f.controller.incremental_alter_configs(set("all", "interval.ms", "1")));
  QCOMPARE(refused.responses.at(0).error_code, ErrorCode::invalid_request);
  const auto taken =
      f.take(f.controller.incremental_alter_configs(set("all", "interval.ms", "5000")));
  QCOMPARE(taken.responses.at(0).error_code, ErrorCode::none);
  QCOMPARE(f.controller.image().configs({ConfigResourceType::client_metrics, "all"}),
           (ConfigValues{{"interval.ms", "5000"}}));
}

OTTLA_TEST(ClientMetricsConfigTest)
#include "client_metrics_config_test.moc"
