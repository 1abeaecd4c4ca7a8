#include "engine/broker/data/cleaner_schedule.h"

#include <QTest>

#include "tests/engine/broker/data_fixture.h"
#include "tests/engine/storage/cleaner_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using storage::test::keyed_batch;
using storage::test::Put;

namespace {

constexpr TopicId users_id{8, 8};
constexpr PartitionKey users_0{users_id, PartitionIndex{0}};
const std::string checkpoint_name = "cleaner-offset-checkpoint";

metadata::ConfigValues compacted(const metadata::ConfigValues& more = {}) {
  metadata::ConfigValues configs{{"cleanup.policy", "compact"}, {"segment.bytes", "300"}};
  for (const auto& [name, value] : more) configs[name] = value;
  return configs;
}

struct Cleaning : DataFixture {
  explicit Cleaning(const metadata::ConfigValues& settings = {}) : DataFixture(settings) {}

  // One record a batch, all of the same key.
  void fill(const PartitionKey& key, int records, std::size_t value_bytes = 10) {
    for (int i = 0; i < records; ++i) {
      const auto batch = keyed_batch({{"k", std::string(value_bytes, 'v')}}, env.time);
      QVERIFY(replicas.append_own(*replicas.find(key), batch).has_value());
    }
    settle();
  }
  std::size_t batches(const PartitionKey& key) {
    Replica& replica = *replicas.find(key);
    std::size_t count = 0;
    Offset from = replica.log_start();
    while (from < replica.log_end()) {
      const auto records = replica.read(from, 1 << 20, replica.log_end(), true);
      const auto found = *protocol::split_batches(*records);
      if (found.empty()) break;
      count += found.size();
      from = found.back().last_offset().next();
    }
    return count;
  }
  // Lets time pass from deadline to deadline.
  void run_for(Duration duration) {
    const Instant end = env.time + duration;
    while (replicas.next_deadline() <= end) {
      env.time = std::max(env.time, replicas.next_deadline());
      replicas.on_time();
      settle();
    }
    env.time = end;
  }
  std::string checkpoint() {
    const auto content = read_file(env.env.disk, checkpoint_name);
    return content ? std::string(content->text()) : "none";
  }
};

}  // namespace

class CleanerScheduleTest : public QObject {
  Q_OBJECT
 private slots:
  void a_dirty_log_is_cleaned_after_the_first_rest();
  void a_log_that_is_not_compacted_is_left_alone();
  void the_checkpoint_has_kafkas_form();
  void a_log_cleaned_once_is_cleaned_again_when_it_is_dirty();
  void a_log_that_is_clean_enough_is_left_alone();
  void the_filthiest_log_comes_first();
  void a_large_log_is_cleaned_in_several_steps();
  void steps_keep_to_the_configured_rate();
  void a_disabled_cleaner_cleans_nothing();
  void a_map_of_little_memory_takes_more_rounds();
  void a_cleaner_that_is_reconfigured_begins_anew();
  void a_brokers_own_setting_counts_before_the_one_for_all();
  void what_was_cleaned_is_known_after_a_restart();
  void a_truncation_lowers_the_checkpoint();
  void a_deleted_topic_is_forgotten();
  void a_topic_deleted_in_the_middle_is_forgotten();
  void a_damaged_log_is_uncleanable_and_others_go_on();
  void a_checkpoint_that_cannot_be_read_fails_its_directory();
  void compacted_logs_lose_old_segments_between_rounds();
  void a_checkpoint_that_retention_overtook_is_set_right();
  void a_long_compaction_lag_rolls_segments_no_later();
  void a_record_without_a_key_is_refused();
};

void CleanerScheduleTest::a_dirty_log_is_cleaned_after_the_first_rest() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.fill(orders_0, 20);
  f.run_for(Duration::millis(14'999));
  QCOMPARE(f.batches(orders_0), 20U);
  f.run_for(Duration::millis(100));
  // One record, and two in the active segment; and a header for each segment before.
  QCOMPARE(f.batches(orders_0), 8U);
  QCOMPARE(f.orders().log_end().value(), 20);
}

void CleanerScheduleTest::a_log_that_is_not_compacted_is_left_alone() {
  Cleaning f;
  f.create_orders({1}, {{"segment.bytes", "300"}});
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(60));
  QCOMPARE(f.batches(orders_0), 20U);
  QCOMPARE(f.checkpoint(), std::string("none"));
}

void CleanerScheduleTest::the_checkpoint_has_kafkas_form() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.fill(orders_0, 20);
  const auto active = f.orders().log().segments().back().base.value();
  f.run_for(Duration::seconds(16));
  QCOMPARE(f.checkpoint(), "0\n1\norders 0 " + std::to_string(active) + "\n");
}

void CleanerScheduleTest::a_log_cleaned_once_is_cleaned_again_when_it_is_dirty() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(16));
  const std::size_t once = f.batches(orders_0);
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(16));
  QVERIFY(f.batches(orders_0) < once + 5);
}

void CleanerScheduleTest::a_log_that_is_clean_enough_is_left_alone() {
  Cleaning f;
  f.create_orders({1}, compacted({{"min.cleanable.dirty.ratio", "1"}}));
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(60));
  QCOMPARE(f.batches(orders_0), 20U);
}

void CleanerScheduleTest::the_filthiest_log_comes_first() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.create_topic("users", users_id, {1}, compacted());
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(15));
  f.fill(orders_0, 40);
  f.fill(users_0, 40);
  const std::size_t of_orders = f.batches(orders_0);
  while (f.batches(users_0) == 40) f.run_for(Duration::millis(1));
  QCOMPARE(f.batches(orders_0), of_orders);
  f.run_for(Duration::millis(100));
  QVERIFY(f.batches(orders_0) < of_orders);
}

void CleanerScheduleTest::a_large_log_is_cleaned_in_several_steps() {
  Cleaning f;
  f.create_orders({1}, compacted({{"segment.bytes", "1000000"}}));
  f.fill(orders_0, 50, 100'000);
  f.env.time = scenario_epoch + Duration::seconds(15);
  f.replicas.on_time();
  QCOMPARE(f.batches(orders_0), 50U);
  QCOMPARE((f.replicas.cleaner().next_deadline() - f.env.time).count_millis(), 1);
  int steps = 1;
  for (; f.batches(orders_0) == 50 || f.checkpoint() == "none"; ++steps) {
    QVERIFY(steps < 20);
    f.run_for(Duration::millis(1));
  }
  QVERIFY(steps > 5);
  QVERIFY(f.batches(orders_0) < 12);
}

void CleanerScheduleTest::steps_keep_to_the_configured_rate() {
  Cleaning f(metadata::ConfigValues{{"log.cleaner.io.max.bytes.per.second", "1048576"}});
  f.create_orders({1}, compacted({{"segment.bytes", "1000000"}}));
  f.fill(orders_0, 50, 100'000);
  f.env.time = scenario_epoch + Duration::seconds(15);
  f.replicas.on_time();
  const Duration step = f.replicas.cleaner().next_deadline() - f.env.time;
  QVERIFY(step > Duration::millis(900) && step < Duration::millis(1200));
}

void CleanerScheduleTest::a_disabled_cleaner_cleans_nothing() {
  for (const metadata::ConfigValues& settings :
       {metadata::ConfigValues{{"log.cleaner.enable", "false"}},
        metadata::ConfigValues{{"log.cleaner.threads", "0"}}}) {
    Cleaning f(settings);
    f.create_orders({1}, compacted());
    f.fill(orders_0, 20);
    f.run_for(Duration::seconds(60));
    QCOMPARE(f.batches(orders_0), 20U);
  }
}

void CleanerScheduleTest::a_map_of_little_memory_takes_more_rounds() {
  Cleaning f(metadata::ConfigValues{{"log.cleaner.dedupe.buffer.size", "48"},
                                    {"log.cleaner.backoff.ms", "1000"}});
  f.create_orders({1}, compacted({{"min.cleanable.dirty.ratio", "0"}}));
  for (int i = 0; i < 20; ++i) {
    const auto batch = keyed_batch({{"k" + std::to_string(i % 2), "v"}}, f.env.time);
    QVERIFY(f.replicas.append_own(f.orders(), batch).has_value());
  }
  f.settle();
  f.env.time = scenario_epoch + Duration::seconds(1);
  f.replicas.on_time();
  QCOMPARE(f.checkpoint(), std::string("0\n1\norders 0 1\n"));
  f.run_for(Duration::seconds(1));
  QVERIFY(f.batches(orders_0) < 8);
}

// Kafka's cleaner threads start anew, without a rest.
void CleanerScheduleTest::a_cleaner_that_is_reconfigured_begins_anew() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.fill(orders_0, 20);
  f.set_broker_config("log.cleaner.backoff.ms", "5000");
  f.run_for(Duration::millis(100));
  const std::size_t once = f.batches(orders_0);
  QCOMPARE(once, 8U);
  f.fill(orders_0, 20);
  f.run_for(Duration::millis(4'800));
  QVERIFY(f.batches(orders_0) >= once + 20);
  f.run_for(Duration::millis(300));
  QVERIFY(f.batches(orders_0) < once + 5);
  f.set_broker_config("log.cleaner.threads", "0");
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(60));
  QVERIFY(f.batches(orders_0) >= once + 20);
}

void CleanerScheduleTest::a_brokers_own_setting_counts_before_the_one_for_all() {
  BrokerConfig config;
  config.node_id = BrokerId{1};
  metadata::Image image;
  const auto set = [&image](const std::string& broker, const std::string& value) {
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(metadata::ConfigResourceType::broker);
    record.resource_name = broker;
    record.name = "log.cleaner.backoff.ms";
    record.value = value;
    image.apply(record, image.applied_offset().next());
  };
  QVERIFY(cleaner_settings(config, image).backoff == Duration::seconds(15));
  set("", "4000");
  QVERIFY(cleaner_settings(config, image).backoff == Duration::seconds(4));
  set("1", "3000");
  QVERIFY(cleaner_settings(config, image).backoff == Duration::seconds(3));
}

void CleanerScheduleTest::what_was_cleaned_is_known_after_a_restart() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(16));
  LogDirectories directories(f.env.env.disk, f.env.env.probe, f.config.settings);
  CleanerSchedule next(f.env.env, f.config, f.image, directories);
  const storage::OffsetCheckpoint& cleaned = directories.all().front()->cleaned();
  QVERIFY(cleaned.empty());
  next.load();
  QVERIFY(cleaned.at({"orders", PartitionIndex{0}}) == f.orders().log().segments().back().base);
}

void CleanerScheduleTest::a_truncation_lowers_the_checkpoint() {
  Cleaning f;
  f.create_orders({1, 2}, compacted());
  f.fill(orders_0, 20);
  f.follower_reaches(2, 20);
  f.run_for(Duration::seconds(16));
  QVERIFY(f.checkpoint() != "none" && f.checkpoint() != "0\n1\norders 0 0\n");
  f.elect(2);
  f.replicas.truncate(f.orders(), Offset{3});
  QCOMPARE(f.checkpoint(), std::string("0\n1\norders 0 0\n"));
  f.replicas.truncate_fully(f.orders(), Offset{0});
  QCOMPARE(f.checkpoint(), std::string("0\n1\norders 0 0\n"));
}

void CleanerScheduleTest::a_deleted_topic_is_forgotten() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(16));
  protocol::RemoveTopicRecord gone;
  gone.topic_id = orders_id;
  f.apply(gone);
  QCOMPARE(f.checkpoint(), std::string("0\n0\n"));
}

void CleanerScheduleTest::a_topic_deleted_in_the_middle_is_forgotten() {
  Cleaning f;
  f.create_orders({1}, compacted({{"segment.bytes", "1000000"}}));
  f.fill(orders_0, 50, 100'000);
  f.env.time = scenario_epoch + Duration::seconds(15);
  f.replicas.on_time();
  protocol::RemoveTopicRecord gone;
  gone.topic_id = orders_id;
  f.apply(gone);
  f.run_for(Duration::seconds(60));
  QCOMPARE(f.checkpoint(), std::string("none"));
  QVERIFY(f.env.files.paths().empty() ||
          f.env.files.find("orders-0/00000000000000000000.log.cleaned") == nullptr);
}

void CleanerScheduleTest::a_damaged_log_is_uncleanable_and_others_go_on() {
  Cleaning f;
  f.create_orders({1}, compacted());
  f.create_topic("users", users_id, {1}, compacted());
  f.fill(orders_0, 20);
  f.fill(users_0, 20);
  const auto file = f.env.files.find("orders-0/00000000000000000000.log");
  file->flip_bit(70, 0);
  const auto before = file->read(0, file->size());
  f.run_for(Duration::seconds(60));
  QVERIFY(f.replicas.cleaner().is_uncleanable(f.orders()));
  QVERIFY(!f.replicas.cleaner().is_uncleanable(*f.replicas.find(users_0)));
  QCOMPARE(f.batches(users_0), 8U);
  QVERIFY(f.env.files.find("orders-0/00000000000000000000.log")->read(0, file->size()) == before);
  QCOMPARE(std::count_if(f.env.notes.begin(), f.env.notes.end(),
                         [](const std::string& note) {
                           return note.find("orders-0 could not be cleaned") == 0;
                         }),
           1);
}

void CleanerScheduleTest::a_checkpoint_that_cannot_be_read_fails_its_directory() {
  Cleaning f;
  QVERIFY(replace_file(f.env.env.disk, checkpoint_name, Bytes::copy_of("nonsense")));
  LogDirectories directories(f.env.env.disk, f.env.env.probe, f.config.settings);
  CleanerSchedule schedule(f.env.env, f.config, f.image, directories);
  schedule.load();
  QVERIFY(directories.all().front()->cleaned().empty());
  QVERIFY(directories.all().front()->failure()->ends_with(
      "Malformed line in checkpoint file [cleaner-offset-checkpoint]: nonsense"));
}

void CleanerScheduleTest::compacted_logs_lose_old_segments_between_rounds() {
  Cleaning f;
  f.create_orders({1}, compacted({{"cleanup.policy", "compact,delete"},
                                  {"min.cleanable.dirty.ratio", "1"},
                                  {"retention.ms", "1000"}}));
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(14));
  QCOMPARE(f.orders().log_start().value(), 0);
  f.run_for(Duration::seconds(2));
  QCOMPARE(f.orders().log_start().value(), 20);
}

void CleanerScheduleTest::a_checkpoint_that_retention_overtook_is_set_right() {
  Cleaning f;
  f.create_orders({1},
                  compacted({{"cleanup.policy", "compact,delete"}, {"retention.ms", "60000"}}));
  f.fill(orders_0, 20);
  f.run_for(Duration::seconds(16));
  QCOMPARE(f.checkpoint(), std::string("0\n1\norders 0 18\n"));
  f.run_for(Duration::seconds(60));
  QCOMPARE(f.orders().log_start().value(), 20);
  f.run_for(Duration::seconds(15));
  QCOMPARE(f.checkpoint(), std::string("0\n1\norders 0 20\n"));
}

void CleanerScheduleTest::a_long_compaction_lag_rolls_segments_no_later() {
  Cleaning f;
  f.create_orders({1}, compacted({{"max.compaction.lag.ms", "5000"},
                                  {"segment.bytes", "100000"},
                                  {"min.cleanable.dirty.ratio", "1"}}));
  f.fill(orders_0, 5);
  f.env.time = f.env.time + Duration::millis(5001);
  f.fill(orders_0, 1);
  QCOMPARE(f.orders().log().segments().size(), 2U);
  f.run_for(Duration::seconds(16));
  QCOMPARE(f.batches(orders_0), 2U);
}

void CleanerScheduleTest::a_record_without_a_key_is_refused() {
  Cleaning f;
  f.create_orders({1}, compacted());
  const auto answer = f.produced(f.produce(1));
  QCOMPARE(answer->error_code, protocol::ErrorCode::invalid_record);
  QCOMPARE(answer->record_errors.size(), 1U);
  QCOMPARE(f.orders().log_end().value(), 0);
}

OTTLA_TEST(CleanerScheduleTest)
#include "cleaner_schedule_test.moc"
