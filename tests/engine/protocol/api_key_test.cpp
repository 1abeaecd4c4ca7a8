#include "engine/protocol/api_key.h"

#include "engine/protocol/message_catalogue.h"
#include "tests/support/test_registry.h"

using ottla::ApiVersion;
using ottla::protocol::all_apis;
using ottla::protocol::ApiEntry;
using ottla::protocol::ApiKey;
using ottla::protocol::find_api;
using ottla::protocol::find_message;
using ottla::protocol::MessageKind;

class ApiKeyTest : public QObject {
  Q_OBJECT
 private slots:
  void keys_are_named_as_kafka_names_them();
  void every_api_has_a_request_and_a_response_of_its_versions();
  void keys_without_schemas_are_not_found();
  void versions_and_flexibility_are_kafkas();
};

void ApiKeyTest::keys_are_named_as_kafka_names_them() {
  QCOMPARE(name(ApiKey::produce), std::string_view("Produce"));
  QCOMPARE(name(ApiKey::offset_for_leader_epoch), std::string_view("OffsetForLeaderEpoch"));
  QCOMPARE(name(static_cast<ApiKey>(999)), std::string_view("Unknown"));
}

void ApiKeyTest::every_api_has_a_request_and_a_response_of_its_versions() {
  QCOMPARE(all_apis().size(), std::size_t{85});
  for (const ApiEntry& api : all_apis()) {
    for (const MessageKind kind : {MessageKind::request, MessageKind::response}) {
      const auto* message = find_message(kind, static_cast<std::int16_t>(api.key));
      QVERIFY(message != nullptr);
      QVERIFY(message->min_version == api.min_version && message->max_version == api.max_version);
    }
    QCOMPARE(api.name, name(api.key));
  }
}

void ApiKeyTest::keys_without_schemas_are_not_found() {
  QVERIFY(find_api(ApiKey::leader_and_isr) == nullptr);
  QVERIFY(find_api(static_cast<ApiKey>(-1)) == nullptr);
  QVERIFY(find_api(static_cast<ApiKey>(93)) == nullptr);
}

void ApiKeyTest::versions_and_flexibility_are_kafkas() {
  const ApiEntry* fetch = find_api(ApiKey::fetch);
  QVERIFY(fetch->min_version == ApiVersion(4) && fetch->max_version == ApiVersion(18));
  QVERIFY(!fetch->is_flexible(ApiVersion(11)) && fetch->is_flexible(ApiVersion(12)));
  QVERIFY(fetch->broker_listener && fetch->controller_listener);
  QVERIFY(!find_api(ApiKey::sasl_handshake)->is_flexible(ApiVersion(1)));
  QVERIFY(!find_api(ApiKey::vote)->broker_listener);
}

OTTLA_TEST(ApiKeyTest)
#include "api_key_test.moc"
