#include "engine/observe/heat.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::observe;

namespace {

constexpr double topic_records_per_s = 600;

BrokerState serving(int id) {
  BrokerState broker;
  broker.id = BrokerId{id};
  broker.status = ProcessStatus::online;
  return broker;
}

// Brokers 1 to 3 lead the partitions of one topic in turn, and have for a minute; partition 0 takes
// `share` of the records and the others share the rest.
struct Led {
  explicit Led(int partitions, double share) {
    snapshot.run.now = scenario_epoch + Duration::seconds(60);
    for (int id = 1; id <= 3; ++id) snapshot.brokers.push_back(serving(id));
    for (int index = 0; index < partitions; ++index) {
      PartitionState& partition = topic.partitions.emplace_back();
      partition.index = PartitionIndex{index};
      partition.leader = BrokerId{1 + index % 3};
      partition.leader_since = scenario_epoch;
      partition.share = index == 0 ? share : (1 - share) / (partitions - 1);
      partition.records_in_per_s = partition.share * topic_records_per_s;
    }
  }
  [[nodiscard]] PartitionState& first() { return topic.partitions.front(); }
  [[nodiscard]] bool first_is_hot() const {
    return hot_partitions(snapshot, topic) == std::set{PartitionIndex{0}};
  }
  [[nodiscard]] bool none_is_hot() const { return hot_partitions(snapshot, topic).empty(); }

  Snapshot snapshot;
  TopicState topic;
};

BrokerState busy() {
  BrokerState broker = serving(1);
  broker.load = {.network = 0.95, .requests = 0.95, .disk = 0.5};
  broker.requests_per_s = 3000;
  broker.bytes_in_per_s = broker.bytes_out_per_s = 8e6;
  return broker;
}

}  // namespace

class HeatTest : public QObject {
  Q_OBJECT
 private slots:
  void a_partition_with_far_more_than_its_part_is_hot();
  void a_partition_with_a_little_more_than_its_part_is_not();
  void of_two_partitions_none_is_hot();
  void a_partition_of_a_topic_with_little_traffic_is_not_hot();
  void a_partition_without_a_leader_that_serves_is_not_hot();
  void what_is_left_of_a_topic_has_larger_even_parts();
  void a_partition_that_was_just_elected_for_is_not_hot();
  void an_internal_topic_has_no_hot_partition();

  void a_broker_that_does_far_more_than_the_others_is_hot();
  void a_broker_is_not_hot_for_little();
  void a_broker_that_does_not_serve_is_not_hot();
};

void HeatTest::a_partition_with_far_more_than_its_part_is_hot() {
  QVERIFY(Led(3, 0.9).first_is_hot());
  QVERIFY(Led(6, 0.5).first_is_hot());
  QVERIFY(Led(60, 0.31).first_is_hot());
}

void HeatTest::a_partition_with_a_little_more_than_its_part_is_not() {
  QVERIFY(Led(3, 0.8).none_is_hot());
  QVERIFY(Led(6, 0.4).none_is_hot());
  QVERIFY(Led(60, 0.29).none_is_hot());
}

void HeatTest::of_two_partitions_none_is_hot() {
  QVERIFY(Led(2, 1).none_is_hot());
  QVERIFY(Led(1, 1).none_is_hot());
}

void HeatTest::a_partition_of_a_topic_with_little_traffic_is_not_hot() {
  Led led(6, 0.9);
  led.first().records_in_per_s = hot_records_per_s;
  QVERIFY(led.first_is_hot());
  led.first().records_in_per_s = hot_records_per_s - 1;
  QVERIFY(led.none_is_hot());
}

void HeatTest::a_partition_without_a_leader_that_serves_is_not_hot() {
  Led led(6, 0.9);
  for (const auto status : {ProcessStatus::down, ProcessStatus::paused, ProcessStatus::fenced}) {
    led.snapshot.brokers[0].status = status;
    QVERIFY(led.none_is_hot());
  }
  led.snapshot.brokers[0].status = ProcessStatus::online;
  QVERIFY(led.first_is_hot());
  led.first().leader.reset();
  QVERIFY(led.none_is_hot());
}

// Where half of the partitions take nothing since their leaders are gone, what the others take is
// set against each other.
void HeatTest::what_is_left_of_a_topic_has_larger_even_parts() {
  Led led(6, 0.5);
  QVERIFY(led.first_is_hot());
  led.snapshot.brokers[1].status = ProcessStatus::down;
  QVERIFY(led.none_is_hot());
  led.first().share = 0.7;
  QVERIFY(led.first_is_hot());
  led.snapshot.brokers[2].status = ProcessStatus::down;
  led.first().share = 1;
  QVERIFY(led.none_is_hot());
}

void HeatTest::a_partition_that_was_just_elected_for_is_not_hot() {
  Led led(6, 0.9);
  led.first().leader_since = led.snapshot.run.now - hot_after_election + Duration::millis(1);
  QVERIFY(led.none_is_hot());
  led.first().leader_since = led.snapshot.run.now - hot_after_election;
  QVERIFY(led.first_is_hot());
}

void HeatTest::an_internal_topic_has_no_hot_partition() {
  Led led(50, 1);
  QVERIFY(led.first_is_hot());
  led.topic.internal = true;
  QVERIFY(led.none_is_hot());
}

void HeatTest::a_broker_that_does_far_more_than_the_others_is_hot() {
  QVERIFY(is_hot_by_requests(busy()) && is_hot_by_bytes(busy()));
  BrokerState broker = busy();
  broker.load.requests = 0.85;
  QVERIFY(!is_hot_by_requests(broker) && is_hot(broker));
  broker.load.network.reset();
  QVERIFY(!is_hot(broker));
}

void HeatTest::a_broker_is_not_hot_for_little() {
  BrokerState broker = busy();
  broker.requests_per_s = hot_requests_per_s - 1;
  QVERIFY(!is_hot_by_requests(broker) && is_hot(broker));
  broker.bytes_in_per_s = broker.bytes_out_per_s = hot_bytes_per_s / 2 - 1;
  QVERIFY(!is_hot(broker));
}

void HeatTest::a_broker_that_does_not_serve_is_not_hot() {
  for (const auto status : {ProcessStatus::starting, ProcessStatus::fenced, ProcessStatus::paused,
                            ProcessStatus::stopping, ProcessStatus::down}) {
    BrokerState broker = busy();
    broker.status = status;
    QVERIFY(!is_hot(broker));
  }
}

OTTLA_TEST(HeatTest)
#include "heat_test.moc"
