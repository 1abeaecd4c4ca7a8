#include "engine/metadata/client_quotas.h"

#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

using Request = protocol::AlterClientQuotasRequest;
using Filter = protocol::DescribeClientQuotasRequest;

Request::EntryData entry(const QuotaEntity& entity, std::vector<Request::OpData> ops) {
  Request::EntryData asked;
  for (auto& [type, name] : entity) {
    asked.entity.push_back({.entity_type = type, .entity_name = name});
  }
  asked.ops = std::move(ops);
  return asked;
}

protocol::AlterClientQuotasResponse alter(ControllerFixture& f,
                                          std::vector<Request::EntryData> entries,
                                          bool validate_only = false) {
  Request request;
  request.entries = std::move(entries);
  request.validate_only = validate_only;
  return f.take(alter_client_quotas(f.controller.image(), request));
}

Filter::ComponentData component(const char* type, int match_type,
                                std::optional<std::string> match) {
  return {.entity_type = type,
          .match_type = static_cast<std::int8_t>(match_type),
          .match = std::move(match)};
}

protocol::DescribeClientQuotasResponse describe(const ControllerFixture& f,
                                                std::vector<Filter::ComponentData> components,
                                                bool strict = false) {
  Filter request;
  request.components = std::move(components);
  request.strict = strict;
  return describe_client_quotas(f.controller.image(), request);
}

const QuotaEntity ann{{"user", "ann"}};
const QuotaEntity anyone{{"user", std::nullopt}};
const QuotaEntity anns_loader{{"client-id", "loader"}, {"user", "ann"}};

}  // namespace

class ClientQuotasTest : public QObject {
  Q_OBJECT
 private slots:
  void quotas_are_set_changed_and_removed();
  void addresses_are_of_either_family_or_the_host_itself();
  void refusals_have_kafkas_words_data();
  void refusals_have_kafkas_words();
  void each_entity_is_answered_by_itself();
  void validate_only_changes_nothing();
  void a_description_is_filtered();
  void filters_are_refused_with_kafkas_words();
};

void ClientQuotasTest::quotas_are_set_changed_and_removed() {
  ControllerFixture f;
  auto answer = alter(
      f, {entry(ann, {{"producer_byte_rate", 1000, false}, {"request_percentage", 12.5, false}})});
  QVERIFY(answer.entries.at(0).error_code == ErrorCode::none);
  QVERIFY(!answer.entries[0].error_message);
  QCOMPARE(f.last.size(), std::size_t{2});
  QCOMPARE(f.controller.image().client_quotas().at(ann).at("request_percentage"), 12.5);
  alter(f, {entry(ann, {{"producer_byte_rate", 1000, false}})});
  QVERIFY(f.last.empty());  // It is so already.
  alter(f, {entry(ann, {{"producer_byte_rate", 0, true}, {"consumer_byte_rate", 0, true}})});
  QCOMPARE(f.last.size(), std::size_t{1});
  QCOMPARE(f.controller.image().client_quotas().at(ann).size(), std::size_t{1});
  alter(f, {entry(ann, {{"request_percentage", 0, true}})});
  QVERIFY(f.controller.image().client_quotas().empty());
  QVERIFY(f.replayed() == f.controller.image());
}

void ClientQuotasTest::addresses_are_of_either_family_or_the_host_itself() {
  ControllerFixture f;
  for (const char* address : {"10.0.0.1", "::1", "fe80::1:2", "localhost"}) {
    const auto answer =
        alter(f, {entry(QuotaEntity{{"ip", address}}, {{"connection_creation_rate", 5, false}})});
    QVERIFY2(answer.entries.at(0).error_code == ErrorCode::none, address);
  }
  QCOMPARE(f.controller.image().client_quotas().size(), std::size_t{4});
}

void ClientQuotasTest::refusals_have_kafkas_words_data() {
  QTest::addColumn<int>("row");
  for (int row = 0; row < 14; ++row) QTest::addRow("%d", row) << row;
}

void ClientQuotasTest::refusals_have_kafkas_words() {
  const auto ip = [](const char* address) { return QuotaEntity{{"ip", address}}; };
  const std::string rate = "producer_byte_rate";
  const std::string connections = "connection_creation_rate";
  const std::vector<std::pair<Request::EntryData, std::string>> refusals = {
      {entry({}, {{rate, 1, false}}), "Invalid empty client quota entity"},
      {entry({{"group", "g"}}, {{rate, 1, false}}), "Unhandled client quota entity type: group"},
      {entry({{"user", ""}}, {{rate, 1, false}}), "Empty user not supported"},
      {entry({{"ip", "10.0.0.1"}, {"user", "ann"}}, {{connections, 1, false}}),
       "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId"},
      {entry(ip("10.0.0.256"), {{connections, 1, false}}),
       "10.0.0.256 is not a valid IP or resolvable host."},
      {entry(ip("1::2::3"), {{connections, 1, false}}),
       "1::2::3 is not a valid IP or resolvable host."},
      {entry(ann, {{"speed", 1, false}}), "Invalid configuration key speed"},
      {entry(ann, {{connections, 1, false}}), "Invalid configuration key connection_creation_rate"},
      {entry(ip("::1"), {{rate, 1, false}}), "Invalid configuration key producer_byte_rate"},
      {entry(ann, {{rate, 0, false}}), "Quota producer_byte_rate must be greater than 0"},
      {entry(ann, {{rate, 1.5, false}}), "producer_byte_rate cannot be a fractional value."},
      {entry(ann, {{rate, 1e30, false}}),
       "Proposed value for producer_byte_rate is too large for a LONG."},
      {entry(ip("10.0.0.1"), {{connections, 3e9, false}}),
       "Proposed value for connection_creation_rate is too large for an INT."},
      {entry(anns_loader, {{rate, 1, false}, {rate, 2, false}}),
       "Ignoring duplicate entity ClientQuotaEntity(entries={client-id=loader, user=ann})"},
  };
  QFETCH(int, row);
  const auto& [asked, message] = refusals.at(static_cast<std::size_t>(row));
  ControllerFixture f;
  const auto answer = alter(f, {asked}).entries.at(0);
  QVERIFY(answer.error_code == ErrorCode::invalid_request);
  QCOMPARE(*answer.error_message, message);
  QVERIFY(f.last.empty());
}

void ClientQuotasTest::each_entity_is_answered_by_itself() {
  ControllerFixture f;
  // A wrong value spoils its entity only, and all of that.
  const auto answer =
      alter(f, {entry(ann, {{"producer_byte_rate", 5, false}, {"consumer_byte_rate", -1, false}}),
                entry(anyone, {{"producer_byte_rate", 7, false}})});
  QCOMPARE(answer.entries.size(), std::size_t{2});
  QVERIFY(answer.entries[0].error_code == ErrorCode::invalid_request);
  QCOMPARE(*answer.entries[0].entity.at(0).entity_name, std::string("ann"));
  QVERIFY(answer.entries[1].error_code == ErrorCode::none);
  QVERIFY(!answer.entries[1].entity.at(0).entity_name);
  QCOMPARE(f.controller.image().client_quotas().size(), std::size_t{1});
}

void ClientQuotasTest::validate_only_changes_nothing() {
  ControllerFixture f;
  const auto answer = alter(f, {entry(ann, {{"producer_byte_rate", 5, false}})}, true);
  QVERIFY(answer.entries.at(0).error_code == ErrorCode::none);
  QVERIFY(f.last.empty());
}

void ClientQuotasTest::a_description_is_filtered() {
  ControllerFixture f;
  alter(f, {entry(ann, {{"producer_byte_rate", 1, false}}),
            entry(anyone, {{"producer_byte_rate", 2, false}}),
            entry(anns_loader, {{"producer_byte_rate", 3, false}}),
            entry({{"ip", "10.0.0.1"}}, {{"connection_creation_rate", 4, false}})});
  QCOMPARE(f.last.size(), std::size_t{4});
  const auto values = [](const protocol::DescribeClientQuotasResponse& response) {
    std::vector<int> found;
    for (const auto& described : *response.entries) {
      found.push_back(static_cast<int>(described.values.at(0).value));
    }
    std::sort(found.begin(), found.end());
    return found;
  };
  constexpr int exact = 0;
  constexpr int by_default = 1;
  constexpr int any = 2;
  QCOMPARE(values(describe(f, {})), (std::vector{1, 2, 3, 4}));
  QCOMPARE(values(describe(f, {component("user", any, {})})), (std::vector{1, 2, 3}));
  QCOMPARE(values(describe(f, {component("user", any, {})}, true)), (std::vector{1, 2}));
  QCOMPARE(values(describe(f, {component("user", exact, "ann")})), (std::vector{1, 3}));
  QCOMPARE(values(describe(f, {component("user", by_default, {})})), (std::vector{2}));
  QCOMPARE(values(describe(f, {component("ip", exact, "10.0.0.2")})), (std::vector<int>{}));
}

void ClientQuotasTest::filters_are_refused_with_kafkas_words() {
  const ControllerFixture f;
  const auto refused = [&f](std::vector<Filter::ComponentData> components) {
    const auto response = describe(f, std::move(components));
    return response.entries ? std::string("answered") : *response.error_message;
  };
  QCOMPARE(refused({component("", 2, {})}), std::string("Invalid empty entity type."));
  QCOMPARE(refused({component("user", 2, {}), component("user", 1, {})}),
           std::string("Entity type user cannot appear more than once in the filter."));
  QCOMPARE(refused({component("user", 0, {})}),
           std::string("Request specified MATCH_TYPE_EXACT, but set match string to null."));
  QCOMPARE(refused({component("user", 1, "x")}),
           std::string("Request specified MATCH_TYPE_DEFAULT, but also specified a match string."));
  QCOMPARE(
      refused({component("user", 2, "x")}),
      std::string("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string."));
  QCOMPARE(refused({component("user", 9, {})}), std::string("Unknown match type 9"));
  QCOMPARE(refused({component("user", 2, {}), component("ip", 2, {})}),
           std::string("Invalid entity filter component combination. IP filter component should "
                       "not be used with user or clientId filter component."));
  QVERIFY(describe(f, {component("group", 2, {})}).error_code == ErrorCode::unsupported_version);
}

OTTLA_TEST(ClientQuotasTest)
#include "client_quotas_test.moc"
