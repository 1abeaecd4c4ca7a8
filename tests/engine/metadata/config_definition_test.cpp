// What Kafka understands a config's text as. The texts are what DescribeConfigs of Kafka 4.1.0
// says.
#include "engine/metadata/config_definition.h"

#include "engine/metadata/topic_config.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;

namespace {

class ConfigDefinitionTest : public QObject {
  Q_OBJECT

 private slots:
  void a_text_is_understood_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("understood");
    const auto row = [](ConfigType type, const char* text, const char* as) {
      QTest::newRow(text) << static_cast<int>(type) << text << as;
    };
    row(ConfigType::boolean, " TRUE ", "true");
    row(ConfigType::boolean, "False", "false");
    row(ConfigType::boolean, "yes", "yes");
    row(ConfigType::int32, " +7 ", "7");
    row(ConfigType::int64, "-007", "-7");
    row(ConfigType::int16, "70000", "70000");
    row(ConfigType::int32, "soon", "soon");
    row(ConfigType::float64, " .5f ", "0.5");
    row(ConfigType::float64, "NaN", "NaN");
    row(ConfigType::float64, "half", "half");
    row(ConfigType::list, " a , b,", "a,b,");
    row(ConfigType::string, " lz4 ", "lz4");
    row(ConfigType::class_name, " x.Y ", " x.Y ");
    row(ConfigType::password, " p ", " p ");
  }
  void a_text_is_understood() {
    QFETCH(int, type);
    QFETCH(QString, text);
    QFETCH(QString, understood);
    const ConfigDefinition definition{.name = "x",
                                      .type = static_cast<ConfigType>(type),
                                      .default_value = {},
                                      .documentation = {}};
    QCOMPARE(QString::fromStdString(metadata::understood(definition, text.toStdString())),
             understood);
  }

  void a_throttle_names_partitions_and_brokers_or_all() {
    const ConfigDefinition& replicas =
        *find_topic_config("follower.replication.throttled.replicas");
    for (const char* taken : {"", "*", " * ", "0:1", " 0:1 , 1:2 ", ",", "0:1,"})
      QVERIFY2(!refusal(replicas, taken), taken);
    for (const char* refused : {"0", "0:", ":1", "0:-1", "+1:2", "0 :1", "0:1:2", "*,0:1", "a:b"})
      QVERIFY2(refusal(replicas, refused).has_value(), refused);
  }
};

}  // namespace

OTTLA_TEST(ConfigDefinitionTest)
#include "config_definition_test.moc"
