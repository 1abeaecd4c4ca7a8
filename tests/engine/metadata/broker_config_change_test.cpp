// What a broker accepts as a change while it runs; Kafka's DynamicBrokerConfig says which and in
// what words.
#include "engine/metadata/broker_config_change.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;

namespace {

class BrokerConfigChangeTest : public QObject {
  Q_OBJECT

  ConfigValues none_;

  static QString said(const ApiError& error) {
    return error.failed() ? QString::fromStdString(error.message.value_or("?")) : QString();
  }
  QString refusal(const ConfigChanges& changes, bool of_all, const ConfigValues& broker = {},
                  const ConfigValues& of_default = {}, const ConfigValues& fixed = {}) const {
    const ConfigLayers layers{
        .topic = none_, .broker = broker, .default_broker = of_default, .static_broker = fixed};
    return said(refuse_broker_reconfiguration(changes, layers, of_all));
  }
  static QString invalid(const QString& why) {
    return "Invalid value org.apache.kafka.common.config.ConfigException: " + why +
           " for configuration Invalid dynamic configuration";
  }

 private slots:
  void listeners_are_not_set_for_all() {
    const ConfigChanges changes{{"listeners", "PLAINTEXT://:1"},
                                {"listener.name.internal.ssl.key.password", "x"},
                                {"listener.name.internal.max.connections", "5"},
                                {"message.max.bytes", "5"}};
    QCOMPARE(refusal(changes, true),
             QString("Cannot update these configs at default cluster level, broker id must be "
                     "specified: Set(listener.name.internal.ssl.key.password, listeners)"));
    QCOMPARE(refusal(changes, false), QString());
    QCOMPARE(refusal({{"listeners", std::nullopt}}, true), QString());
  }

  void threads_may_double_and_halve() {
    QCOMPARE(refusal({{"num.io.threads", "16"}}, false), QString());
    QCOMPARE(refusal({{"num.io.threads", "4"}}, false), QString());
    QCOMPARE(refusal({{"num.io.threads", "17"}}, false),
             invalid("Dynamic thread count update validation failed for num.io.threads=17, value "
                     "should not be greater than double the current value 8"));
    QCOMPARE(refusal({{"num.io.threads", "3"}}, false),
             invalid("Dynamic thread count update validation failed for num.io.threads=3, value "
                     "should be at least half the current value 8"));
    QCOMPARE(refusal({{"num.replica.fetchers", "0"}}, false),
             invalid("Dynamic thread count update validation failed for num.replica.fetchers=0, "
                     "value should be at least 1"));
  }

  void cleaner_threads_have_words_of_their_own() {
    QCOMPARE(refusal({{"log.cleaner.threads", "0"}}, false), QString("/ by zero"));
    QCOMPARE(refusal({{"log.cleaner.threads", "3"}}, false),
             invalid("Log cleaner threads cannot be increased to more than double the current "
                     "value 1"));
    QCOMPARE(refusal({{"log.cleaner.threads", "1"}}, false, {{"log.cleaner.threads", "4"}}),
             invalid("Log cleaner threads cannot be reduced to less than half the current value "
                     "4"));
  }

  void the_most_particular_value_is_in_force() {
    const ConfigValues broker{{"num.io.threads", "2"}};
    const ConfigValues of_default{{"num.io.threads", "6"}};
    const ConfigValues fixed{{"num.io.threads", "32"}};
    QVERIFY(!refusal({{"num.io.threads", "5"}}, false, broker, of_default, fixed).isEmpty());
    QCOMPARE(refusal({{"num.io.threads", "5"}}, false, {}, of_default, fixed), QString());
    QCOMPARE(refusal({{"num.io.threads", "64"}}, false, {}, {}, fixed), QString());
    // What is set for all does not reach a broker that has a value of its own.
    QCOMPARE(refusal({{"num.io.threads", "99"}}, true, broker, of_default, fixed), QString());
    // Taking a value back is a change to the one below it.
    QVERIFY(
        !refusal({{"num.io.threads", std::nullopt}}, false, broker, of_default, fixed).isEmpty());
  }

  void a_value_by_itself_is_dynamic_and_right() {
    QCOMPARE(said(refuse_broker_values({{"log.dirs", "/x"}, {"node.id", "1"}})),
             QString("Cannot update these configs dynamically: Set(log.dirs, node.id)"));
    QCOMPARE(said(refuse_broker_values({{"log.dirs", std::nullopt}})), QString());
    QCOMPARE(said(refuse_broker_values({{"of.a.plugin", "1"}, {"message.max.bytes", "1"}})),
             QString());
    QCOMPARE(said(refuse_broker_values({{"compression.gzip.level", "0"}})),
             QString("Invalid value 0 for configuration compression.gzip.level: Value must be "
                     "between 1 and 9 or equal to -1"));
    QCOMPARE(said(refuse_broker_values({{"compression.gzip.level", "-1"}})), QString());
    QCOMPARE(said(refuse_broker_values({{"principal.builder.class", "x.Y"}})),
             QString("Invalid value x.Y for configuration principal.builder.class: Class x.Y could "
                     "not be found."));
  }

  void stores_of_keys_belong_to_a_listener() {
    QCOMPARE(said(refuse_broker_values({{"ssl.keystore.type", "JKS"},
                                        {"ssl.truststore.location", "/x"},
                                        {"ssl.keystore.location", std::nullopt},
                                        {"compression.gzip.level", "0"}})),
             QString("These security configs can be dynamically updated only per-listener using "
                     "the listener prefix: HashSet(ssl.keystore.type, ssl.truststore.location)"));
    QCOMPARE(said(refuse_broker_values({{"listener.name.x.ssl.keystore.type", "JKS"}})), QString());
  }

  void connections_are_not_limited_to_none() {
    QCOMPARE(refusal({{"max.connections", "0"}}, false), invalid("Invalid max.connections 0"));
    QCOMPARE(refusal({{"max.connection.creation.rate", "0"}}, true),
             invalid("Invalid max.connection.creation.rate 0"));
    QCOMPARE(refusal({{"max.connections", "1"}}, false), QString());
  }

  void reporters_are_those_there_are() {
    const QString failed = invalid(
        "Validation of dynamic config update of Set(metric.reporters) failed with class class "
        "kafka.server.DynamicMetricsReporters");
    const std::string jmx = "org.apache.kafka.common.metrics.JmxReporter";
    QCOMPARE(refusal({{"metric.reporters", jmx + ",x.Y"}}, false), failed);
    QCOMPARE(refusal({{"metric.reporters", jmx}}, false), QString());
    QCOMPARE(refusal({{"metric.reporters", ""}}, false), QString());
  }

  void what_stays_local_is_part_of_what_stays() {
    const auto local = [](const QString& value, const QString& why) {
      return invalid("Invalid value " + value +
                     " for configuration log.local.retention.ms: " + why);
    };
    QCOMPARE(refusal({{"log.local.retention.ms", "-1"}}, false),
             local("-1", "Value must not be -1 as log.retention.ms value is set as 604800000."));
    QCOMPARE(refusal({{"log.local.retention.ms", "604800001"}}, false),
             local("604800001",
                   "Value must not be more than log.retention.ms property value: 604800000"));
    QCOMPARE(refusal({{"log.local.retention.ms", "604800000"}}, false), QString());
    QCOMPARE(refusal({{"log.local.retention.ms", "-2"}}, false), QString());
    const ConfigValues unlimited{{"log.retention.ms", "-1"}};
    QCOMPARE(refusal({{"log.local.retention.ms", "-1"}}, false, unlimited), QString());
    const ConfigValues bounded{{"log.retention.bytes", "100"}};
    QVERIFY(!refusal({{"log.local.retention.bytes", "101"}}, false, bounded).isEmpty());
    QCOMPARE(refusal({{"log.local.retention.bytes", "100"}}, false, bounded), QString());
  }
};

}  // namespace

OTTLA_TEST(BrokerConfigChangeTest)
#include "broker_config_change_test.moc"
