#include "engine/metadata/feature_updates.h"

#include "engine/metadata/controller_registration.h"
#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

constexpr const char* elr = "eligible.leader.replicas.version";
constexpr int upgrade = 1;
constexpr int safe_downgrade = 2;
constexpr int unsafe_downgrade = 3;

protocol::UpdateFeaturesRequest::FeatureUpdateKey to(const char* feature, int level,
                                                     int type = upgrade) {
  protocol::UpdateFeaturesRequest::FeatureUpdateKey update;
  update.feature = feature;
  update.max_version_level = static_cast<std::int16_t>(level);
  update.upgrade_type = static_cast<std::int8_t>(type);
  return update;
}

struct FeaturesFixture : ControllerFixture {
  using ControllerFixture::ControllerFixture;

  protocol::UpdateFeaturesResponse update(
      std::vector<protocol::UpdateFeaturesRequest::FeatureUpdateKey> updates, int version = 2,
      bool validate_only = false) {
    protocol::UpdateFeaturesRequest request;
    request.feature_updates = std::move(updates);
    request.validate_only = validate_only;
    const ConfigValues settings{{"min.insync.replicas", "2"}};
    return take(update_features({.image = controller.image(),
                                 .settings = settings,
                                 .self = BrokerId{3000},
                                 .voters = voters},
                                request, ApiVersion{static_cast<std::int16_t>(version)}));
  }
  [[nodiscard]] int level(const char* feature) const {
    return controller.image().feature_level(feature);
  }
  // Without what Kafka says of every refusal.
  static std::string reason(const protocol::UpdateFeaturesResponse& response) {
    const std::string prefix =
        "The update failed for all features since the following feature had an error: ";
    const std::string& message = response.error_message.value();
    return message.starts_with(prefix) ? message.substr(prefix.size()) : "?" + message;
  }

  std::vector<BrokerId> voters{BrokerId{3000}};
};

}  // namespace

class FeatureUpdatesTest : public QObject {
  Q_OBJECT
 private slots:
  void features_move_together_or_not_at_all();
  void older_versions_name_every_feature();
  void validate_only_changes_nothing();
  void updates_are_refused_with_kafkas_words_data();
  void updates_are_refused_with_kafkas_words();
  void brokers_and_controllers_have_a_say();
  void eligible_replicas_ask_for_one_min_insync();
  void controllers_are_asked_once_they_can_register();
};

void FeatureUpdatesTest::features_move_together_or_not_at_all() {
  FeaturesFixture f;
  const auto refused = f.update({to(elr, 0, safe_downgrade), to("metadata.version", 99)});
  QVERIFY(refused.error_code == ErrorCode::invalid_update_version);
  QVERIFY(f.last.empty());
  const auto done =
      f.update({to(elr, 0, safe_downgrade), to("metadata.version", 25, safe_downgrade)});
  QVERIFY(done.error_code == ErrorCode::none && !done.error_message);
  QCOMPARE(f.level(elr), 0);
  QCOMPARE(f.level("metadata.version"), 25);
  // Of several for one feature the last counts.
  f.update({to("metadata.version", 26), to("metadata.version", 27)});
  QCOMPARE(f.last.size(), std::size_t{1});
  QCOMPARE(f.level("metadata.version"), 27);
}

void FeatureUpdatesTest::older_versions_name_every_feature() {
  FeaturesFixture f;
  QVERIFY(f.update({to(elr, 1)}, 2).results.empty());
  const auto results = f.update({to(elr, 1)}, 1).results;
  QCOMPARE(results.at(0).feature, std::string(elr));
  QVERIFY(results[0].error_code == ErrorCode::none);
}

void FeatureUpdatesTest::validate_only_changes_nothing() {
  FeaturesFixture f;
  QVERIFY(f.update({to(elr, 0, safe_downgrade)}, 1, true).error_code == ErrorCode::none);
  QVERIFY(f.last.empty());
}

void FeatureUpdatesTest::updates_are_refused_with_kafkas_words_data() {
  QTest::addColumn<QString>("feature");
  QTest::addColumn<int>("level");
  QTest::addColumn<int>("type");
  QTest::addColumn<QString>("reason");
  const auto row = [](const char* feature, int level, int type, const char* reason) {
    QTest::addRow("%s %d by %d", feature, level, type)
        << QString(feature) << level << type << QString(reason);
  };
  row("unheard.of", 1, upgrade,
      "Invalid update version 1 for feature unheard.of. Local controller 3000 does not support "
      "this feature.");
  row("unheard.of", 0, upgrade,
      "Invalid update version 0 for feature unheard.of. Feature unheard.of not found.");
  row("metadata.version", 6, safe_downgrade,
      "Invalid update version 6 for feature metadata.version. Local controller 3000 only supports "
      "versions 7-27");
  row("metadata.version", -1, upgrade,
      "Invalid update version -1 for feature metadata.version. A feature version cannot be less "
      "than 0.");
  row("metadata.version", 26, upgrade,
      "Invalid update version 26 for feature metadata.version. Can't downgrade the version of this "
      "feature without setting the upgrade type to either safe or unsafe downgrade.");
  row("metadata.version", 22, safe_downgrade,
      "Unsupported metadata.version downgrade from 27 to 22. Refusing to perform the requested "
      "downgrade because it might delete metadata information.");
  row("metadata.version", 22, unsafe_downgrade,
      "Unsupported metadata.version downgrade from 27 to 22. Unsafe metadata downgrade is not "
      "supported in this version.");
  row("metadata.version", 26, 0,
      "Invalid update version 26 for feature metadata.version. The controller does not support the "
      "given upgrade type.");
}

void FeatureUpdatesTest::updates_are_refused_with_kafkas_words() {
  QFETCH(QString, feature);
  QFETCH(int, level);
  QFETCH(int, type);
  QFETCH(QString, reason);
  FeaturesFixture f;
  f.bring_up({1});
  const auto response = f.update({to(feature.toUtf8().constData(), level, type)}, 1);
  QVERIFY(response.error_code == ErrorCode::invalid_update_version);
  QCOMPARE(QString::fromStdString(FeaturesFixture::reason(response)), reason);
  QVERIFY(response.results.empty());
  QVERIFY(f.last.empty());
}

void FeatureUpdatesTest::brokers_and_controllers_have_a_say() {
  FeaturesFixture f({}, {{elr, 0}, {"metadata.version", 25}});
  QCOMPARE(FeaturesFixture::reason(f.update({to(elr, 1, safe_downgrade)})),
           std::string("Invalid update version 1 for feature eligible.leader.replicas.version. "
                       "Can't downgrade to a newer version."));
  auto old = f.registration(4);
  old.features = {
      {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 25}};
  QVERIFY(f.take(f.controller.register_broker(old, f.context())).error_code == ErrorCode::none);
  QCOMPARE(FeaturesFixture::reason(f.update({to("metadata.version", 26)})),
           std::string("Invalid update version 26 for feature metadata.version. Broker 4 only "
                       "supports versions 7-25"));
  QCOMPARE(FeaturesFixture::reason(f.update({to(elr, 1)})),
           std::string("Invalid update version 1 for feature eligible.leader.replicas.version. "
                       "Broker 4 does not support this feature."));
  protocol::UnregisterBrokerRequest leave;
  leave.broker_id = BrokerId{4};
  f.take(f.controller.unregister_broker(leave));
  f.voters.push_back(BrokerId{3001});
  QCOMPARE(
      FeaturesFixture::reason(f.update({to("metadata.version", 26)})),
      std::string("Invalid update version 26 for feature metadata.version. controller 3001 has "
                  "not registered, and may not support this feature"));
  protocol::RegisterControllerRecord controller;
  controller.controller_id = 3001;
  controller.features.push_back(
      {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 26});
  f.commit({controller});
  QCOMPARE(FeaturesFixture::reason(f.update({to("metadata.version", 27)})),
           std::string("Invalid update version 27 for feature metadata.version. Controller 3001 "
                       "only supports versions 7-26"));
  QVERIFY(f.update({to("metadata.version", 26)}).error_code == ErrorCode::none);
}

void FeatureUpdatesTest::eligible_replicas_ask_for_one_min_insync() {
  FeaturesFixture f({}, {{elr, 0}, {"metadata.version", 22}});
  f.bring_up({1});
  QCOMPARE(FeaturesFixture::reason(f.update({to(elr, 1)})),
           std::string("Invalid update version 1 for feature eligible.leader.replicas.version. "
                       "eligible.leader.replicas.version could not be set to 1 because it depends "
                       "on metadata.version level 23"));
  protocol::ConfigRecord own;
  own.resource_type = 4;
  own.resource_name = "1";
  own.name = "min.insync.replicas";
  own.value = "3";
  f.commit({own});
  QVERIFY(f.update({to(elr, 1), to("metadata.version", 27)}).error_code == ErrorCode::none);
  const Image& image = f.controller.image();
  QCOMPARE(f.level(elr), 1);
  QCOMPARE(image.configs({ConfigResourceType::broker, ""}).at("min.insync.replicas"),
           std::string("2"));
  QVERIFY(image.configs({ConfigResourceType::broker, "1"}).empty());
}

void FeatureUpdatesTest::controllers_are_asked_once_they_can_register() {
  FeaturesFixture f({}, {{elr, 0}, {"metadata.version", 14}});
  f.voters.push_back(BrokerId{3001});
  protocol::ControllerRegistrationRequest request;
  request.controller_id = 3001;
  const auto refused = register_controller(f.controller.image(), request);
  QVERIFY(refused.response.error_code == ErrorCode::unsupported_version);
  QCOMPARE(refused.response.error_message.value(),
           std::string("The current MetadataVersion is too old to support controller "
                       "registrations."));
  QVERIFY(refused.records.empty());
  QVERIFY(f.update({to("metadata.version", 15)}).error_code == ErrorCode::none);
  QVERIFY(f.update({to("metadata.version", 16)}).error_code == ErrorCode::invalid_update_version);
  request.features.push_back(
      {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 16});
  QVERIFY(f.take(register_controller(f.controller.image(), request)).error_code == ErrorCode::none);
  QVERIFY(f.update({to("metadata.version", 16)}).error_code == ErrorCode::none);
}

OTTLA_TEST(FeatureUpdatesTest)
#include "feature_updates_test.moc"
