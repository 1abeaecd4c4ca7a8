// What must hold between a broker's configs. The messages are those that Kafka 4.1.0 answers.
#include "engine/metadata/broker_config_rules.h"

#include "tests/support/test_registry.h"

using namespace ottla::metadata;

namespace {

class BrokerConfigRulesTest : public QObject {
  Q_OBJECT

  static QString said(const ConfigValues& broker, const ConfigValues& fixed = {}) {
    const ConfigValues none;
    const ConfigLayers layers{
        .topic = none, .broker = broker, .default_broker = none, .static_broker = fixed};
    return QString::fromStdString(refuse_broker_settings(layers).value_or(""));
  }

 private slots:
  void the_defaults_hold() {
    QCOMPARE(said({}), QString());
    QCOMPARE(said({}, {{"listeners", "PLAINTEXT://:1,CONTROLLER://:2"},
                       {"controller.listener.names", "CONTROLLER"}}),
             QString());
  }

  void a_rule_is_broken_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("why");
    const QString required = "requirement failed: ";
    const QString map = "listener.security.protocol.map", ips = "max.connections.per.ip.overrides";
    QTest::newRow("roll") << "log.roll.ms"
                          << "0" << required + "log.roll.ms must be greater than or equal to 1";
    QTest::newRow("jitter") << "log.roll.jitter.ms"
                            << "-1"
                            << required + "log.roll.jitter.ms must be greater than or equal to 0";
    QTest::newRow("retention") << "log.retention.ms"
                               << "0"
                               << required +
                                      "log.retention.ms must be unlimited (-1) or, greater "
                                      "than or equal to 1";
    QTest::newRow("cleaner's memory")
        << "log.cleaner.dedupe.buffer.size"
        << "1048576"
        << required + "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.";
    QTest::newRow("cleaner's threads")
        << "log.cleaner.threads"
        << "128"
        << required + "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.";
    QTest::newRow("no thread") << "log.cleaner.threads"
                               << "0"
                               << "/ by zero";
    QTest::newRow("protocol without a colon")
        << map << "a:SSL, b"
        << "Error parsing configuration property '" + map + "': begin 0, end -1, length 1";
    QTest::newRow("unknown protocol") << map << "a:Nothing"
                                      << "Invalid security protocol `Nothing` defined in " + map;
    QTest::newRow("listener without a protocol")
        << map << "a:ssl"
        << "Error creating broker listeners from 'PLAINTEXT://:9092': No security protocol defined "
           "for listener PLAINTEXT";
    QTest::newRow("no listener")
        << "listeners"
        << " "
        << required +
               "There must be at least one broker advertised listener. Perhaps all "
               "listeners appear in controller.listener.names?";
    QTest::newRow("listener without a name") << "listeners"
                                             << "a, b://:1"
                                             << "Unable to parse a listener name from a";
    QTest::newRow("listener without a port")
        << "listeners"
        << "PLAINTEXT://x"
        << "Error creating broker listeners from 'PLAINTEXT://x': Unable to parse PLAINTEXT://x to "
           "a broker endpoint";
    QTest::newRow("no connections") << "max.connections.per.ip"
                                    << "0"
                                    << required +
                                           "max.connections.per.ip can be set to zero only "
                                           "if max.connections.per.ip.overrides property "
                                           "is set.";
    QTest::newRow("address without a colon")
        << ips << "there"
        << "Error parsing configuration property '" + ips + "': begin 0, end -1, length 5";
    QTest::newRow("address without a number") << ips << "a:b"
                                              << "For input string: \"b\"";
    QTest::newRow("address with a blank")
        << ips << "a b:1,c:2,d e:3" << ips + " contains invalid addresses : a b,d e";
  }
  void a_rule_is_broken() {
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, why);
    QCOMPARE(said({{name.toStdString(), value.toStdString()}}), why);
  }

  void values_at_the_bounds_hold() {
    QCOMPARE(said({{"log.roll.ms", "1"},
                   {"log.roll.jitter.ms", "0"},
                   {"log.retention.ms", "-1"},
                   {"log.cleaner.dedupe.buffer.size", "1048577"},
                   {"max.connections.per.ip", "0"},
                   {"max.connections.per.ip.overrides", "10.0.0.1:5, fe80::1:7"}}),
             QString());
    // Empty items at the end do not count.
    QCOMPARE(said({{"max.connections.per.ip.overrides", "10.0.0.1:5,,"}}), QString());
    QCOMPARE(said({{"listeners", ",PLAINTEXT://:1,"}}), QString());
  }

  void controllers_listen_by_a_protocol_of_their_own() {
    const ConfigValues fixed{{"controller.listener.names", "CONTROLLER"}};
    QCOMPARE(said({{"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT"}}, fixed),
             QString("Controller listener with name CONTROLLER defined in "
                     "controller.listener.names not found in listener.security.protocol.map  (an "
                     "explicit security mapping for each controller listener is required if "
                     "listener.security.protocol.map is non-empty, or if there are security "
                     "protocols other than PLAINTEXT in use)"));
    QCOMPARE(
        said({{"listener.security.protocol.map", "plaintext:PLAINTEXT,controller:ssl"}}, fixed),
        QString());
  }
};

}  // namespace

OTTLA_TEST(BrokerConfigRulesTest)
#include "broker_config_rules_test.moc"
