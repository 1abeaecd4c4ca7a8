#include "engine/metadata/config_synonyms.h"

#include <QTest>

#include "engine/metadata/broker_config.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;

namespace {

using Synonyms = std::vector<ConfigSynonym>;

struct Layers {
  ConfigValues topic, broker, default_broker, static_broker;
  [[nodiscard]] ConfigLayers all() const { return {topic, broker, default_broker, static_broker}; }
  [[nodiscard]] Synonyms of_topic(std::string_view name) const {
    return topic_config_synonyms(*find_topic_config(name), all());
  }
  [[nodiscard]] EffectiveConfig effective(std::string_view name) const {
    return effective_topic_config(*find_topic_config(name), all());
  }
};

}  // namespace

// As a broker of Kafka 4.1 lists them.
class ConfigSynonymsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_brokers_config_is_listed_from_the_most_particular_place_on();
  void what_comes_before_the_name_itself_is_left_out();
  void a_name_without_default_has_no_default_synonym();
  void a_topics_own_value_comes_before_the_brokers();
  void a_topics_config_without_a_brokers_name_has_only_its_own();
  void hours_alone_are_no_synonym_but_count();
  void secrets_and_throttles_are_known_as_such();
};

void ConfigSynonymsTest::a_brokers_config_is_listed_from_the_most_particular_place_on() {
  Layers layers;
  layers.broker["log.cleaner.threads"] = "4";
  layers.default_broker["log.cleaner.threads"] = "3";
  layers.static_broker["log.cleaner.threads"] = "2";
  const std::string name = "log.cleaner.threads";
  QCOMPARE(broker_config_synonyms(name, layers.all()),
           (Synonyms{{name, "4", ConfigSource::dynamic_broker},
                     {name, "3", ConfigSource::dynamic_default_broker},
                     {name, "2", ConfigSource::static_broker},
                     {name, "1", ConfigSource::default_value}}));
}

void ConfigSynonymsTest::what_comes_before_the_name_itself_is_left_out() {
  Layers layers;
  QCOMPARE(broker_config_synonyms("log.roll.ms", layers.all()), Synonyms{});
  layers.broker["log.roll.ms"] = "5";
  QCOMPARE(broker_config_synonyms("log.roll.ms", layers.all()),
           (Synonyms{{"log.roll.ms", "5", ConfigSource::dynamic_broker},
                     {"log.roll.hours", "168", ConfigSource::default_value}}));
  QCOMPARE(broker_config_synonyms("log.roll.hours", layers.all()),
           (Synonyms{{"log.roll.hours", "168", ConfigSource::default_value}}));
}

void ConfigSynonymsTest::a_name_without_default_has_no_default_synonym() {
  Layers layers;
  QCOMPARE(broker_config_synonyms("broker.rack", layers.all()), Synonyms{});
  layers.static_broker["broker.rack"] = "a";
  QCOMPARE(broker_config_synonyms("broker.rack", layers.all()),
           (Synonyms{{"broker.rack", "a", ConfigSource::static_broker}}));
}

void ConfigSynonymsTest::a_topics_own_value_comes_before_the_brokers() {
  Layers layers;
  layers.topic["max.message.bytes"] = "1000";
  layers.default_broker["message.max.bytes"] = "2000";
  QCOMPARE(layers.of_topic("max.message.bytes"),
           (Synonyms{{"max.message.bytes", "1000", ConfigSource::dynamic_topic},
                     {"message.max.bytes", "2000", ConfigSource::dynamic_default_broker},
                     {"message.max.bytes", "1048588", ConfigSource::default_value}}));
}

void ConfigSynonymsTest::a_topics_config_without_a_brokers_name_has_only_its_own() {
  Layers layers;
  const std::string name = "leader.replication.throttled.replicas";
  QCOMPARE(layers.of_topic(name), Synonyms{});
  layers.topic[name] = "*";
  QCOMPARE(layers.of_topic(name), (Synonyms{{name, "*", ConfigSource::dynamic_topic}}));
}

void ConfigSynonymsTest::hours_alone_are_no_synonym_but_count() {
  Layers layers;
  QCOMPARE(layers.of_topic("retention.ms"), Synonyms{});
  layers.static_broker["log.retention.hours"] = "1";
  QCOMPARE(layers.of_topic("retention.ms"), Synonyms{});
  QCOMPARE(layers.effective("retention.ms"),
           (EffectiveConfig{"3600000", ConfigSource::static_broker}));
  layers.broker["log.retention.ms"] = "5";
  QCOMPARE(layers.of_topic("retention.ms"),
           (Synonyms{{"log.retention.ms", "5", ConfigSource::dynamic_broker},
                     {"log.retention.hours", "1", ConfigSource::static_broker},
                     {"log.retention.hours", "168", ConfigSource::default_value}}));
  QCOMPARE(layers.effective("retention.ms"), (EffectiveConfig{"5", ConfigSource::dynamic_broker}));
}

void ConfigSynonymsTest::secrets_and_throttles_are_known_as_such() {
  QVERIFY(find_broker_config("ssl.keystore.password")->sensitive);
  QVERIFY(!find_broker_config("ssl.keystore.location")->sensitive);
  QVERIFY(find_broker_config("node.id")->read_only);
  const ConfigDefinition* throttle = find_broker_config("leader.replication.throttled.rate");
  QVERIFY(throttle->internal && !throttle->read_only);
  QVERIFY(refusal(*throttle, "-1").has_value());
  QVERIFY(!refusal(*throttle, "1000000").has_value());
}

OTTLA_TEST(ConfigSynonymsTest)
#include "config_synonyms_test.moc"
