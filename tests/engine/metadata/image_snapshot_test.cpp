#include "engine/metadata/image_snapshot.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::protocol;

namespace {

const TopicId orders{1, 1};
const TopicId payments{1, 2};

struct Log {
  Image image;
  Offset next{0};

  template <class Record>
  void write(Record record) {
    image.apply(MetadataRecord(std::move(record)), next);
    next = next.next();
  }
  void topic(const TopicId& id, const std::string& name, std::int32_t partitions) {
    TopicRecord record;
    record.topic_id = id;
    record.name = name;
    write(record);
    for (std::int32_t index = 0; index < partitions; ++index) {
      PartitionRecord partition;
      partition.topic_id = id;
      partition.partition_id = PartitionIndex{index};
      partition.replicas = {BrokerId{1}, BrokerId{2}};
      partition.isr = {BrokerId{2}};
      partition.adding_replicas = {BrokerId{2}};
      partition.directories = {Uuid{3, 1}, Uuid{3, 2}};
      partition.leader = BrokerId{2};
      partition.leader_epoch = LeaderEpoch{4};
      partition.partition_epoch = PartitionEpoch{7};
      partition.eligible_leader_replicas = std::vector<BrokerId>{BrokerId{1}};
      write(partition);
    }
  }
  void broker(int id, bool fenced) {
    RegisterBrokerRecord record;
    record.broker_id = BrokerId{id};
    record.broker_epoch = BrokerEpoch{next.value()};
    record.incarnation_id = Uuid{5, static_cast<std::uint64_t>(id)};
    record.rack = "a";
    record.fenced = fenced;
    record.log_dirs = {Uuid{6, 1}};
    record.end_points.emplace_back().host = "broker";
    auto& feature = record.features.emplace_back();
    feature.name = "metadata.version";
    feature.max_supported_version = 25;
    write(record);
  }
  void config(ConfigResourceType type, const std::string& name, const std::string& value) {
    ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(type);
    record.resource_name = name;
    record.name = "retention.ms";
    record.value = value;
    write(record);
  }
  void everything() {
    FeatureLevelRecord feature;
    feature.name = "metadata.version";
    feature.feature_level = 25;
    write(feature);
    broker(1, false);
    broker(2, true);
    RegisterControllerRecord controller;
    controller.incarnation_id = Uuid{8, 1};
    controller.end_points.emplace_back().host = "controller";
    write(controller);
    topic(orders, "orders", 3);
    topic(payments, "payments", 1);
    config(ConfigResourceType::topic, "orders", "100");
    config(ConfigResourceType::broker, "", "200");
    ClientQuotaRecord quota;
    auto& user = quota.entity.emplace_back();
    user.entity_type = "user";
    user.entity_name = "alice";
    quota.key = "producer_byte_rate";
    quota.value = 1000;
    write(quota);
    ProducerIdsRecord ids;
    ids.next_producer_id = 3000;
    write(ids);
    UserScramCredentialRecord scram;
    scram.name = "alice";
    write(scram);
  }
};

}  // namespace

class ImageSnapshotTest : public QObject {
  Q_OBJECT
 private slots:
  void an_image_comes_back_from_its_records();
  void features_come_first();
  void a_replaced_image_tells_what_has_changed();
  void what_came_and_went_between_is_not_told();
};

void ImageSnapshotTest::an_image_comes_back_from_its_records() {
  Log log;
  log.everything();
  const Image back = Image::of_snapshot(snapshot_records(log.image), log.image.applied_offset());
  QVERIFY(back == log.image);
  QVERIFY(!(Image::of_snapshot({}, log.image.applied_offset()) == log.image));
}

void ImageSnapshotTest::features_come_first() {
  Log log;
  log.everything();
  const auto records = snapshot_records(log.image);
  QVERIFY(std::holds_alternative<FeatureLevelRecord>(records.front()));
}

void ImageSnapshotTest::a_replaced_image_tells_what_has_changed() {
  Log log;
  log.everything();
  const Image before = log.image;
  log.topic(TopicId{1, 3}, "refunds", 2);
  RemoveTopicRecord removal;
  removal.topic_id = payments;
  log.write(removal);
  PartitionChangeRecord change;
  change.topic_id = orders;
  change.partition_id = PartitionIndex{1};
  change.leader = BrokerId{1};
  log.write(change);
  log.config(ConfigResourceType::topic, "orders", "101");
  log.broker(3, true);
  UnregisterBrokerRecord gone;
  gone.broker_id = BrokerId{2};
  log.write(gone);

  ImageDelta delta;
  add_difference(before, log.image, delta);
  QCOMPARE(delta.created_topics.size(), 1U);
  QCOMPARE(delta.created_topics.at(TopicId{1, 3}), std::string("refunds"));
  QCOMPARE(delta.deleted_topics.at(payments).name, std::string("payments"));
  QVERIFY(delta.deleted_topics.at(payments).partitions == std::set{PartitionIndex{0}});
  QVERIFY(delta.changed_partitions.at(orders) == std::set{PartitionIndex{1}});
  QCOMPARE(delta.changed_partitions.at(TopicId{1, 3}).size(), 2U);
  QVERIFY((delta.changed_brokers == std::set{BrokerId{2}, BrokerId{3}}));
  QVERIFY(delta.changed_topic_configs == std::set<std::string>{"orders"});
  QVERIFY(!delta.broker_configs_changed && !delta.features_changed);

  ImageDelta nothing;
  add_difference(log.image, log.image, nothing);
  QVERIFY(nothing.empty());
}

void ImageSnapshotTest::what_came_and_went_between_is_not_told() {
  Log log;
  ImageDelta delta;
  log.everything();
  delta.created_topics[payments] = "payments";
  delta.changed_partitions[payments].insert(PartitionIndex{0});
  const Image before = log.image;
  RemoveTopicRecord removal;
  removal.topic_id = payments;
  log.write(removal);
  add_difference(before, log.image, delta);
  QVERIFY(delta.created_topics.empty());
  QVERIFY(delta.deleted_topics.empty());
  QVERIFY(delta.changed_partitions.empty());
}

OTTLA_TEST(ImageSnapshotTest)
#include "image_snapshot_test.moc"
