#include <set>

#include "engine/metadata/reassignment.h"
#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

// What must hold for every partition at any time.
struct PartitionWatch {
  bool eligible = false;  // Eligible leader replicas are in force.
  std::map<std::pair<TopicId, PartitionIndex>, std::pair<LeaderEpoch, PartitionEpoch>> epochs = {};
  std::size_t eligible_seen = 0;

  void check(const Image& image) {
    for (const auto& [id, topic] : image.topics()) {
      for (const auto& [index, partition] : topic.partitions) {
        check(image, partition);
        auto& [leader_epoch, partition_epoch] = epochs[{id, index}];
        QVERIFY(partition.leader_epoch >= leader_epoch &&
                partition.partition_epoch >= partition_epoch);
        leader_epoch = partition.leader_epoch;
        partition_epoch = partition.partition_epoch;
      }
    }
  }

  void check(const Image& image, const Partition& partition) {
    QVERIFY(!partition.isr.empty() || (eligible && partition.leader == no_broker));
    for (const BrokerId member : partition.eligible_leader_replicas) {
      QVERIFY(!contains(partition.isr, member));
    }
    eligible_seen += partition.eligible_leader_replicas.size();
    QCOMPARE(partition.directories.size(), partition.replicas.size());
    for (const BrokerId member : partition.isr) QVERIFY(contains(partition.replicas, member));
    if (partition.leader == no_broker) return;
    QVERIFY(contains(partition.isr, partition.leader));
    QVERIFY(image.is_active(partition.leader));
  }
};

// Whether a partition was reassigned, or a reassignment cancelled.
bool reassign_at_random(ControllerFixture& f, Prng& random) {
  protocol::AlterPartitionReassignmentsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = "t" + std::to_string(random.below(12));
  auto& of = asked.partitions.emplace_back();
  if (random.chance(0.8)) {
    const int first = static_cast<int>(random.between(1, 4));
    of.replicas = std::vector{BrokerId{first}, BrokerId{first + 1}};
  }
  const auto answer = f.take(alter_partition_reassignments(f.controller.image(), {}, request));
  return answer.responses[0].partitions[0].error_code == ErrorCode::none;
}

}  // namespace

class ControllerPartitionsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_leader_shrinks_and_expands_its_in_sync_replicas();
  void proposals_are_refused_with_kafkas_codes_data();
  void proposals_are_refused_with_kafkas_codes();
  void a_topic_or_partition_that_is_not_there_is_named();
  void preferred_leaders_get_their_leadership_back();
  void elections_are_answered_each_by_itself();
  void random_operations_keep_the_invariants_data();
  void random_operations_keep_the_invariants();
};

void ControllerPartitionsTest::a_leader_shrinks_and_expands_its_in_sync_replicas() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2, 3});
  auto answer = f.take(f.controller.alter_partition(proposal(f, 1, "orders", {1, 2}), f.context()))
                    .topics.at(0)
                    .partitions.at(0);
  QVERIFY(answer.error_code == ErrorCode::none);
  QCOMPARE(ids(answer.isr), (std::vector<int>{1, 2}));
  QCOMPARE(answer.partition_epoch, PartitionEpoch{1});
  QCOMPARE(answer.leader_epoch, LeaderEpoch{0});
  answer = f.take(f.controller.alter_partition(proposal(f, 1, "orders", {1, 2, 3}), f.context()))
               .topics.at(0)
               .partitions.at(0);
  QCOMPARE(ids(f.partition("orders").isr), (std::vector<int>{1, 2, 3}));
  QCOMPARE(f.partition("orders").partition_epoch, PartitionEpoch{2});
  // What is so already is no change.
  QVERIFY(f.controller.alter_partition(proposal(f, 1, "orders", {1, 2, 3}), f.context())
              .records.empty());
}

void ControllerPartitionsTest::proposals_are_refused_with_kafkas_codes_data() {
  QTest::addColumn<QString>("fault");
  QTest::addColumn<int>("error");
  const auto row = [](const char* fault, ErrorCode error) {
    QTest::newRow(fault) << QString(fault) << static_cast<int>(error);
  };
  row("leader epoch ahead", ErrorCode::not_controller);
  row("partition epoch ahead", ErrorCode::not_controller);
  row("leader epoch behind", ErrorCode::fenced_leader_epoch);
  row("partition epoch behind", ErrorCode::invalid_update_version);
  row("from a follower", ErrorCode::invalid_request);
  row("without the leader", ErrorCode::invalid_request);
  row("empty", ErrorCode::invalid_request);
  row("twice the same", ErrorCode::invalid_request);
  row("not a replica", ErrorCode::invalid_request);
  row("an older incarnation", ErrorCode::ineligible_replica);
  row("a fenced member", ErrorCode::ineligible_replica);
  row("recovering after recovered", ErrorCode::invalid_request);
}

void ControllerPartitionsTest::proposals_are_refused_with_kafkas_codes() {
  QFETCH(QString, fault);
  QFETCH(int, error);
  ControllerFixture f;
  f.bring_up({1, 2, 3, 4});
  f.start(5);
  f.create_assigned("orders", {1, 2, 3, 5});
  // One change of each epoch, so that there is something behind.
  f.expire_sessions_of_all_but({2, 3, 4});
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
  auto request = proposal(f, 2, "orders", {2, 3});
  auto& asked = request.topics[0].partitions[0];
  const auto member = [&](int id) {
    auto& added = asked.new_isr_with_epochs.emplace_back();
    added.broker_id = BrokerId{id};
    added.broker_epoch = f.controller.image().broker(BrokerId{id})->epoch;
  };
  if (fault == "leader epoch ahead") asked.leader_epoch = asked.leader_epoch.next();
  if (fault == "partition epoch ahead") asked.partition_epoch = asked.partition_epoch.next();
  if (fault == "leader epoch behind") asked.leader_epoch = asked.leader_epoch.plus(-1);
  if (fault == "partition epoch behind") asked.partition_epoch = asked.partition_epoch.plus(-1);
  if (fault == "from a follower") {
    request.broker_id = BrokerId{3};
    request.broker_epoch = f.controller.image().broker(BrokerId{3})->epoch;
  }
  if (fault == "without the leader")
    asked.new_isr_with_epochs.erase(asked.new_isr_with_epochs.begin());
  if (fault == "empty") asked.new_isr_with_epochs.clear();
  if (fault == "twice the same") member(3);
  if (fault == "not a replica") member(4);
  if (fault == "an older incarnation") asked.new_isr_with_epochs[1].broker_epoch = BrokerEpoch{0};
  if (fault == "a fenced member") member(5);
  if (fault == "recovering after recovered") {
    asked.new_isr_with_epochs.resize(1);
    asked.leader_recovery_state = 1;
  }
  const auto result = f.controller.alter_partition(request, f.context());
  QVERIFY(result.records.empty());
  QCOMPARE(static_cast<int>(result.response.topics.at(0).partitions.at(0).error_code), error);
}

void ControllerPartitionsTest::a_topic_or_partition_that_is_not_there_is_named() {
  ControllerFixture f;
  f.bring_up({1});
  f.create_assigned("orders", {1});
  auto request = proposal(f, 1, "orders", {1});
  request.topics[0].partitions[0].partition_index = PartitionIndex{7};
  request.topics.push_back(request.topics[0]);
  request.topics[1].topic_id = Uuid(9, 9);
  const auto response = f.take(f.controller.alter_partition(request, f.context()));
  QVERIFY(response.topics[0].partitions[0].error_code == ErrorCode::unknown_topic_or_partition);
  QVERIFY(response.topics[1].partitions[0].error_code == ErrorCode::unknown_topic_id);
  request.broker_epoch = BrokerEpoch{77};
  QVERIFY(f.take(f.controller.alter_partition(request, f.context())).error_code ==
          ErrorCode::stale_broker_epoch);
}

void ControllerPartitionsTest::preferred_leaders_get_their_leadership_back() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create_assigned("orders", {1, 2});
  f.expire_sessions_of_all_but({2});
  f.start(1, 2);
  f.beat(1);
  QVERIFY(f.controller.balance_leaders().empty());  // Broker 1 is not in sync yet.
  f.take(f.controller.alter_partition(proposal(f, 2, "orders", {2, 1}), f.context()));
  f.commit(f.controller.balance_leaders());
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  QVERIFY(f.controller.balance_leaders().empty());
}

void ControllerPartitionsTest::elections_are_answered_each_by_itself() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create_assigned("orders", {1, 2});
  protocol::ElectLeadersRequest request;
  request.topic_partitions->push_back(
      {.topic = "orders", .partitions = {PartitionIndex{0}, PartitionIndex{5}}});
  request.topic_partitions->push_back({.topic = "nowhere", .partitions = {PartitionIndex{0}}});
  auto results = f.take(f.controller.elect_leaders(request)).replica_election_results;
  QVERIFY(results[0].partition_result[0].error_code == ErrorCode::election_not_needed);
  QCOMPARE(*results[0].partition_result[1].error_message,
           std::string("No such partition as orders-5"));
  QCOMPARE(*results[1].partition_result[0].error_message, std::string("No such topic as nowhere"));
  f.expire_sessions_of_all_but({2});
  results = f.take(f.controller.elect_leaders(request)).replica_election_results;
  QVERIFY(results[0].partition_result[0].error_code == ErrorCode::preferred_leader_not_available);
  request.election_type = 7;
  results = f.take(f.controller.elect_leaders(request)).replica_election_results;
  QCOMPARE(*results[1].partition_result[0].error_message, std::string("Unknown election type 7"));
  request.election_type = 1;
  request.topic_partitions.reset();
  results = f.take(f.controller.elect_leaders(request)).replica_election_results;
  QCOMPARE(results.size(), std::size_t{1});  // A topic is there though nothing of it is elected.
  QVERIFY(results[0].partition_result.empty());
}

void ControllerPartitionsTest::random_operations_keep_the_invariants_data() {
  QTest::addColumn<bool>("eligible");
  QTest::newRow("with eligible leader replicas") << true;
  QTest::newRow("without") << false;
}

void ControllerPartitionsTest::random_operations_keep_the_invariants() {
  QFETCH(bool, eligible);
  Prng random(42);
  ControllerFixture f(
      {{"min.insync.replicas", "2"}},
      {{"eligible.leader.replicas.version", static_cast<std::int16_t>(eligible ? 1 : 0)}});
  PartitionWatch watch{.eligible = eligible};
  std::size_t reassigned = 0;
  std::map<int, int> starts;
  for (int step = 0; step < 600; ++step) {
    const int broker = static_cast<int>(random.between(1, 5));
    const bool known = f.controller.image().broker(BrokerId{broker}) != nullptr;
    f.now += Duration::millis(random.between(0, 800));
    switch (random.below(9)) {
      case 0: f.start(broker, ++starts[broker]); break;
      case 1:
        f.create("t" + std::to_string(random.below(12)), 3, static_cast<int>(random.between(1, 3)));
        break;
      case 2:
        if (known) f.beat(broker, random.chance(0.3));
        break;
      case 3: {
        const auto& topics = f.controller.image().topic_ids();
        if (topics.empty()) break;
        const std::string name =
            std::next(topics.begin(), static_cast<std::ptrdiff_t>(random.below(topics.size())))
                ->first;
        const Partition& partition = f.partition(name);
        if (f.controller.image().broker(partition.leader) == nullptr) break;
        std::vector<int> isr{partition.leader.value()};
        for (const BrokerId replica : partition.replicas) {
          if (replica != partition.leader && random.chance(0.6)) isr.push_back(replica.value());
        }
        f.take(f.controller.alter_partition(proposal(f, partition.leader.value(), name, isr),
                                            f.context()));
        break;
      }
      case 4:
        if (random.chance(0.1)) {
          protocol::DeleteTopicsRequest request;
          request.topic_names.push_back("t" + std::to_string(random.below(12)));
          f.take(f.controller.delete_topics(request, f.context()));
        }
        break;
      case 5: f.commit(f.controller.balance_leaders()); break;
      case 6: reassigned += reassign_at_random(f, random) ? 1U : 0U; break;
      default:
        for (const int alive : {1, 2, 3}) {
          if (f.controller.image().broker(BrokerId{alive}) != nullptr) f.beat(alive);
        }
        f.expire_sessions_of_all_but({});
        break;
    }
    watch.check(f.controller.image());
  }
  QVERIFY(!f.controller.image().topics().empty());
  QCOMPARE(watch.eligible_seen > 0, eligible);
  QVERIFY(reassigned > 0);
  QVERIFY(f.replayed() == f.controller.image());
}

OTTLA_TEST(ControllerPartitionsTest)
#include "controller_partitions_test.moc"
