// What a broker makes of its partitions when the metadata log tells of several changes at once.
#include "engine/storage/broker_files.h"
#include "engine/storage/partition_folder.h"
#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;

namespace {

constexpr TopicId new_orders_id{8, 8};
constexpr PartitionKey new_orders_0{new_orders_id, PartitionIndex{0}};
const storage::TopicPartition orders_0_name{"orders", PartitionIndex{0}};

protocol::TopicRecord topic_record(const TopicId& id) {
  protocol::TopicRecord topic;
  topic.name = "orders";
  topic.topic_id = id;
  return topic;
}

protocol::RemoveTopicRecord removal_of(const TopicId& id) {
  protocol::RemoveTopicRecord removal;
  removal.topic_id = id;
  return removal;
}

// `orders` is deleted and created again, on these brokers, in one delta.
void recreate(DataFixture& f, std::initializer_list<int> on) {
  f.apply_together(
      {removal_of(orders_id), topic_record(new_orders_id), partition_record(new_orders_id, on)});
}

}  // namespace

class ReplicaAssignmentTest : public QObject {
  Q_OBJECT
 private slots:
  void a_topic_deleted_and_created_again_at_once_begins_empty();
  void its_folder_is_the_new_topics();
  void it_has_none_of_the_old_checkpoints();
  void it_takes_the_new_topics_configs();
  void configs_count_however_they_are_written();
  void the_expiry_of_producers_may_change();
  void who_waited_for_the_old_topic_is_answered();
  void one_that_is_created_again_elsewhere_is_gone_here();
};

void ReplicaAssignmentTest::a_topic_deleted_and_created_again_at_once_begins_empty() {
  DataFixture f;
  f.create_orders({1});
  f.write({.records = 5});
  recreate(f, {1});
  QVERIFY(f.replicas.find(orders_0) == nullptr);
  Replica* fresh = f.replicas.find(new_orders_0);
  QVERIFY(fresh != nullptr && fresh->leader() != nullptr);
  QCOMPARE(fresh->log_end(), Offset{0});
  QCOMPARE(fresh->high_watermark(), Offset{0});
  const auto produced = f.produced(f.produce(-1, {.records = 2}));
  QVERIFY(produced && produced->error_code == ErrorCode::none);
  QCOMPARE(produced->base_offset, Offset{0});
  QCOMPARE(fresh->log_end(), Offset{2});
  QVERIFY(f.env.notes.empty());
}

void ReplicaAssignmentTest::its_folder_is_the_new_topics() {
  DataFixture f;
  f.create_orders({1});
  f.write();
  recreate(f, {1});
  QVERIFY(storage::read_partition_metadata(f.env.env.disk, "orders-0") == new_orders_id);
  const auto names = f.env.env.disk.list("");
  QVERIFY(names.has_value());
  for (const std::string& name : *names) {
    QVERIFY2(name.rfind("orders-0", 0) != 0 || name == "orders-0/", name.c_str());
  }
}

void ReplicaAssignmentTest::it_has_none_of_the_old_checkpoints() {
  DataFixture f;
  f.create_orders({2, 1});
  f.replicas.truncate_fully(f.orders(),
                            Offset{100});  // As a follower of a leader that starts there.
  const auto checkpointed_start = [&] {
    f.replicas.finish_close();
    const auto starts =
        storage::read_offset_checkpoint(f.env.env.disk, storage::log_start_checkpoint);
    return starts && starts->contains(orders_0_name) ? starts->at(orders_0_name) : Offset{0};
  };
  QCOMPARE(checkpointed_start(), Offset{100});
  recreate(f, {2, 1});
  QCOMPARE(f.replicas.find(new_orders_0)->log_start(), Offset{0});
  QCOMPARE(checkpointed_start(), Offset{0});
}

void ReplicaAssignmentTest::it_takes_the_new_topics_configs() {
  DataFixture f;
  f.create_orders({1}, {{"max.message.bytes", "200"}});
  const BatchSpec large{.value_bytes = 1000};
  QCOMPARE(f.produced(f.produce(1, large))->error_code, ErrorCode::message_too_large);
  recreate(f, {1});
  QCOMPARE(f.produced(f.produce(1, large))->error_code, ErrorCode::none);
}

void ReplicaAssignmentTest::configs_count_however_they_are_written() {
  DataFixture f;
  f.create_orders({1}, {{"retention.ms", " +5000 "},
                        {"segment.bytes", "0002048"},
                        {"cleanup.policy", " compact "},
                        {"message.timestamp.type", " LogAppendTime "},
                        {"min.cleanable.dirty.ratio", " .25f "}});
  const storage::LogConfig& log = f.replicas.find(orders_0)->log().config();
  QVERIFY(log.retention_time == Duration::seconds(5));
  QCOMPARE(log.segment_bytes, 2048U);
  QVERIFY(log.compact && !log.delete_old);
  QVERIFY(log.timestamp_type == protocol::TimestampType::log_append_time);
  QCOMPARE(log.min_cleanable_ratio, 0.25);
}

void ReplicaAssignmentTest::the_expiry_of_producers_may_change() {
  DataFixture f;
  f.create_orders({1});
  const storage::LogConfig& log = f.replicas.find(orders_0)->log().config();
  QVERIFY(log.producer_expiration == Duration::seconds(24 * 3600));
  protocol::ConfigRecord change;
  change.resource_type = static_cast<std::int8_t>(metadata::ConfigResourceType::broker);
  change.name = "producer.id.expiration.ms";
  change.value = "60000";
  f.apply(change);
  QVERIFY(log.producer_expiration == Duration::seconds(60));
}

void ReplicaAssignmentTest::who_waited_for_the_old_topic_is_answered() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId producer = f.produce(-1);
  QVERIFY(!f.produced(producer));
  recreate(f, {1, 2});
  const auto answer = f.produced(producer);
  QVERIFY(answer && answer->error_code != ErrorCode::none);
}

void ReplicaAssignmentTest::one_that_is_created_again_elsewhere_is_gone_here() {
  DataFixture f;
  f.create_orders({1});
  f.write();
  recreate(f, {2});
  QVERIFY(f.replicas.all().empty());
  const auto files = f.env.env.disk.list("orders-0");
  QVERIFY(!files || files->empty());
}

OTTLA_TEST(ReplicaAssignmentTest)
#include "replica_assignment_test.moc"
