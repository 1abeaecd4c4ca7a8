#include "engine/broker/data/cleaner_settings.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;

namespace {

BrokerConfig configured(metadata::ConfigValues settings) {
  BrokerConfig config;
  config.node_id = BrokerId{1};
  config.settings = std::move(settings);
  return config;
}

// What the broker of that id, or "" for all of them, is told while it runs.
void set(metadata::Image& image, const std::string& broker, const std::string& name,
         const std::string& value) {
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(metadata::ConfigResourceType::broker);
  record.resource_name = broker;
  record.name = name;
  record.value = value;
  image.apply(record, image.applied_offset().next());
}

}  // namespace

class CleanerSettingsTest : public QObject {
  Q_OBJECT
 private slots:
  void they_are_kafkas_by_default();
  void the_threads_share_the_memory();
  void every_one_of_them_can_be_set_while_it_runs();
  void without_threads_nothing_is_cleaned();
};

void CleanerSettingsTest::they_are_kafkas_by_default() {
  const CleanerSettings settings = cleaner_settings(configured({}), {});
  QVERIFY(settings.enabled);
  QCOMPARE(settings.limits.memory_bytes, std::size_t{134217728});
  QCOMPARE(settings.limits.load_factor, 0.9);
  QCOMPARE(settings.backoff.count_millis(), 15'000);
}

void CleanerSettingsTest::the_threads_share_the_memory() {
  const auto of = [](const std::string& threads) {
    return cleaner_settings(configured({{"log.cleaner.dedupe.buffer.size", "4000000"},
                                        {"log.cleaner.threads", threads}}),
                            {})
        .limits.memory_bytes;
  };
  QCOMPARE(of("1"), std::size_t{4'000'000});
  QCOMPARE(of("4"), std::size_t{1'000'000});
}

void CleanerSettingsTest::every_one_of_them_can_be_set_while_it_runs() {
  metadata::Image image;
  set(image, "", "log.cleaner.backoff.ms", "7");
  set(image, "", "log.cleaner.dedupe.buffer.size", "6000000");
  set(image, "", "log.cleaner.io.buffer.load.factor", "0.5");
  set(image, "", "log.cleaner.io.max.bytes.per.second", "1000");
  set(image, "1", "log.cleaner.threads", "3");
  set(image, "2", "log.cleaner.threads", "6");
  const CleanerSettings settings = cleaner_settings(
      configured({{"log.cleaner.backoff.ms", "9"}, {"log.cleaner.threads", "2"}}), image);
  QCOMPARE(settings.backoff.count_millis(), 7);
  QCOMPARE(settings.limits.memory_bytes, std::size_t{2'000'000});
  QCOMPARE(settings.limits.load_factor, 0.5);
  QCOMPARE(settings.bytes_per_s, 1000.0);
}

void CleanerSettingsTest::without_threads_nothing_is_cleaned() {
  QVERIFY(!cleaner_settings(configured({{"log.cleaner.threads", "0"}}), {}).enabled);
  QVERIFY(!cleaner_settings(configured({{"log.cleaner.enable", "false"}}), {}).enabled);
}

OTTLA_TEST(CleanerSettingsTest)
#include "cleaner_settings_test.moc"
