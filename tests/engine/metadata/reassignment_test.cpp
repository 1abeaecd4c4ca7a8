#include "engine/metadata/reassignment.h"

#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

namespace {

using Answer = protocol::AlterPartitionReassignmentsResponse::ReassignablePartitionResponse;

protocol::AlterPartitionReassignmentsRequest asking(const std::string& topic, int partition,
                                                    std::optional<std::vector<int>> replicas) {
  protocol::AlterPartitionReassignmentsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  auto& of = asked.partitions.emplace_back();
  of.partition_index = PartitionIndex{partition};
  if (!replicas) return request;
  of.replicas.emplace();
  for (const int id : *replicas) of.replicas->push_back(BrokerId{id});
  return request;
}

Answer reassign(ControllerFixture& f, const protocol::AlterPartitionReassignmentsRequest& request) {
  return f.take(alter_partition_reassignments(f.controller.image(), {}, request))
      .responses.at(0)
      .partitions.at(0);
}

Answer reassign(ControllerFixture& f, std::optional<std::vector<int>> replicas) {
  return reassign(f, asking("orders", 0, std::move(replicas)));
}

ErrorCode propose(ControllerFixture& f, int leader, std::vector<int> isr) {
  return f
      .take(
          f.controller.alter_partition(proposal(f, leader, "orders", std::move(isr)), f.context()))
      .topics.at(0)
      .partitions.at(0)
      .error_code;
}

std::size_t ongoing(const ControllerFixture& f) {
  return list_partition_reassignments(f.controller.image(), {}).topics.size();
}

using Ids = std::vector<int>;

}  // namespace

class ReassignmentTest : public QObject {
  Q_OBJECT
 private slots:
  void new_replicas_join_the_old_ones_and_replace_them_when_all_are_in_sync();
  void a_leader_that_stays_leads_on_in_a_new_epoch();
  void a_new_order_is_there_at_once_and_opens_no_epoch();
  void fewer_replicas_are_there_at_once_if_those_that_stay_are_in_sync();
  void a_reassignment_can_be_changed_on_the_way();
  void a_cancel_takes_the_new_replicas_away();
  void a_cancel_that_could_lose_records_needs_unclean_elections();
  void requests_are_refused_with_kafkas_words_data();
  void requests_are_refused_with_kafkas_words();
  void each_partition_is_answered_by_itself_in_order();
  void the_list_tells_what_is_under_way();
};

void ReassignmentTest::new_replicas_join_the_old_ones_and_replace_them_when_all_are_in_sync() {
  ControllerFixture f;
  f.bring_up({1, 2, 3, 4});
  f.create_assigned("orders", {1, 2});
  const auto answer = reassign(f, Ids{3, 4});
  QVERIFY(answer.error_code == ErrorCode::none && !answer.error_message);
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{3, 4, 1, 2}));
  QCOMPARE(ids(f.partition("orders").adding_replicas), (Ids{3, 4}));
  QCOMPARE(ids(f.partition("orders").removing_replicas), (Ids{1, 2}));
  QCOMPARE(ids(f.partition("orders").isr), (Ids{1, 2}));
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{0});
  QCOMPARE(f.partition("orders").partition_epoch, PartitionEpoch{1});
  // Where each replica lies goes with it.
  QVERIFY(f.partition("orders").directories ==
          (std::vector{Uuid(100, 3), Uuid(100, 4), Uuid(100, 1), Uuid(100, 2)}));

  QVERIFY(propose(f, 1, {1, 2, 3}) == ErrorCode::none);
  QCOMPARE(f.partition("orders").replicas.size(), std::size_t{4});
  QVERIFY(propose(f, 1, {1, 2, 3, 4}) == ErrorCode::new_leader_elected);
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{3, 4}));
  QCOMPARE(ids(f.partition("orders").isr), (Ids{3, 4}));
  QVERIFY(f.partition("orders").adding_replicas.empty());
  QVERIFY(f.partition("orders").removing_replicas.empty());
  QCOMPARE(f.partition("orders").leader, BrokerId{3});
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{1});
  QVERIFY(f.partition("orders").directories == (std::vector{Uuid(100, 3), Uuid(100, 4)}));
  QCOMPARE(ongoing(f), std::size_t{0});
  QVERIFY(f.replayed() == f.controller.image());
}

void ReassignmentTest::a_leader_that_stays_leads_on_in_a_new_epoch() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2});
  reassign(f, Ids{1, 3});
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{1, 3, 2}));
  QVERIFY(propose(f, 1, {1, 2, 3}) == ErrorCode::none);
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{1, 3}));
  QCOMPARE(ids(f.partition("orders").isr), (Ids{1, 3}));
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  // So that broker 2 can fetch no more.
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{1});
}

void ReassignmentTest::a_new_order_is_there_at_once_and_opens_no_epoch() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2, 3});
  reassign(f, Ids{3, 2, 1});
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{3, 2, 1}));
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{0});
  QCOMPARE(ongoing(f), std::size_t{0});
  // What is so already is no change.
  QVERIFY(alter_partition_reassignments(f.controller.image(), {}, asking("orders", 0, Ids{3, 2, 1}))
              .records.empty());
}

void ReassignmentTest::fewer_replicas_are_there_at_once_if_those_that_stay_are_in_sync() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2, 3});
  propose(f, 1, {1, 3});
  reassign(f, Ids{1, 2});
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{1, 2, 3}));
  QCOMPARE(ids(f.partition("orders").removing_replicas), (Ids{3}));
  QCOMPARE(ongoing(f), std::size_t{1});
  QVERIFY(propose(f, 1, {1, 2, 3}) == ErrorCode::none);
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{1, 2}));
  QCOMPARE(ids(f.partition("orders").isr), (Ids{1, 2}));
  reassign(f, Ids{2});
  QCOMPARE(ids(f.partition("orders").isr), (Ids{2}));
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
}

void ReassignmentTest::a_reassignment_can_be_changed_on_the_way() {
  ControllerFixture f;
  f.bring_up({1, 2, 3, 4});
  f.create_assigned("orders", {1, 2});
  reassign(f, Ids{3, 4});
  reassign(f, Ids{2, 3});
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{2, 3, 1, 4}));
  QCOMPARE(ids(f.partition("orders").removing_replicas), (Ids{1, 4}));
  QVERIFY(propose(f, 1, {1, 2, 3}) == ErrorCode::new_leader_elected);
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{2, 3}));
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
  // Back to where it was, without waiting for any replica.
  reassign(f, Ids{4, 1});
  reassign(f, Ids{2, 3});
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{2, 3}));
  QCOMPARE(ongoing(f), std::size_t{0});
}

void ReassignmentTest::a_cancel_takes_the_new_replicas_away() {
  ControllerFixture f;
  f.bring_up({1, 2, 3, 4});
  f.create_assigned("orders", {1, 2});
  reassign(f, Ids{3, 4});
  propose(f, 1, {1, 2, 3});
  QVERIFY(reassign(f, std::nullopt).error_code == ErrorCode::none);
  QCOMPARE(ids(f.partition("orders").replicas), (Ids{1, 2}));
  QCOMPARE(ids(f.partition("orders").isr), (Ids{1, 2}));
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{1});
  QCOMPARE(ongoing(f), std::size_t{0});
  const auto again = reassign(f, std::nullopt);
  QVERIFY(again.error_code == ErrorCode::no_reassignment_in_progress);
  QVERIFY(!again.error_message);
}

void ReassignmentTest::a_cancel_that_could_lose_records_needs_unclean_elections() {
  for (const bool unclean : {false, true}) {
    ControllerFixture f;
    f.bring_up({1, 2, 3, 4});
    ConfigValues configs;
    if (unclean) configs["unclean.leader.election.enable"] = "true";
    f.create_assigned("orders", {1, 3}, configs);
    reassign(f, Ids{2, 4});
    propose(f, 1, {1, 2});
    f.expire_sessions_of_all_but({2, 3, 4});
    QCOMPARE(ids(f.partition("orders").isr), (Ids{2}));
    const auto answer = reassign(f, std::nullopt);
    if (!unclean) {
      QVERIFY(answer.error_code == ErrorCode::invalid_replica_assignment);
      QCOMPARE(*answer.error_message,
               std::string("Unable to revert partition assignment for orders:0 because it would "
                           "require an unclean leader election."));
      QVERIFY(f.last.empty());
      continue;
    }
    QVERIFY(answer.error_code == ErrorCode::none);
    QCOMPARE(ids(f.partition("orders").replicas), (Ids{1, 3}));
    QCOMPARE(f.partition("orders").leader, BrokerId{3});  // Broker 1 is away.
    QCOMPARE(ids(f.partition("orders").isr), (Ids{3}));
    QVERIFY(f.partition("orders").leader_recovery_state == LeaderRecoveryState::recovering);
  }
}

void ReassignmentTest::requests_are_refused_with_kafkas_words_data() {
  QTest::addColumn<QString>("topic");
  QTest::addColumn<int>("partition");
  QTest::addColumn<QList<int>>("replicas");
  QTest::addColumn<int>("error");
  QTest::addColumn<QString>("message");
  const auto row = [](const char* name, const char* topic, int partition, QList<int> replicas,
                      ErrorCode error, const char* message) {
    QTest::newRow(name) << QString(topic) << partition << replicas << static_cast<int>(error)
                        << QString(message);
  };
  row("unknown topic", "nowhere", 0, {1, 2}, ErrorCode::unknown_topic_or_partition,
      "Unable to find a topic named nowhere.");
  row("unknown partition", "orders", 7, {1, 2}, ErrorCode::unknown_topic_or_partition,
      "Unable to find partition orders:7.");
  row("no replicas", "orders", 0, {}, ErrorCode::invalid_replication_factor,
      "The replication factor is changed from 2 to 0");
  row("unknown broker", "orders", 0, {1, 9}, ErrorCode::invalid_replica_assignment,
      "The manual partition assignment includes broker 9, but no such broker is registered.");
  row("negative broker", "orders", 0, {1, -1}, ErrorCode::invalid_replica_assignment,
      "The manual partition assignment includes broker -1, but no such broker is registered.");
  row("twice the same", "orders", 0, {1, 1}, ErrorCode::invalid_replica_assignment,
      "The manual partition assignment includes the broker 1 more than once.");
  row("another factor", "orders", 0, {1, 2, 3}, ErrorCode::invalid_replication_factor,
      "The replication factor is changed from 2 to 3");
}

void ReassignmentTest::requests_are_refused_with_kafkas_words() {
  QFETCH(QString, topic);
  QFETCH(int, partition);
  QFETCH(QList<int>, replicas);
  QFETCH(int, error);
  QFETCH(QString, message);
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2});
  auto request = asking(topic.toStdString(), partition, Ids(replicas.begin(), replicas.end()));
  request.allow_replication_factor_change = false;
  const auto answer = reassign(f, request);
  QCOMPARE(static_cast<int>(answer.error_code), error);
  QCOMPARE(QString::fromStdString(answer.error_message.value_or("")), message);
  QVERIFY(f.last.empty());
}

void ReassignmentTest::each_partition_is_answered_by_itself_in_order() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2});
  auto request = asking("orders", 0, Ids{});
  request.topics[0].partitions.push_back(asking("", 0, Ids{2, 3}).topics[0].partitions[0]);
  request.topics.push_back(asking("nowhere", 0, std::nullopt).topics[0]);
  const auto response =
      f.take(alter_partition_reassignments(f.controller.image(), {}, request)).responses;
  QCOMPARE(response.size(), std::size_t{2});
  QCOMPARE(*response[0].partitions[0].error_message,
           std::string("The manual partition assignment includes an empty replica list."));
  QVERIFY(response[0].partitions[1].error_code == ErrorCode::none);
  QVERIFY(response[1].partitions[0].error_code == ErrorCode::unknown_topic_or_partition);
  QCOMPARE(f.last.size(), std::size_t{1});
}

void ReassignmentTest::the_list_tells_what_is_under_way() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2});
  f.create_assigned("quiet", {1});
  reassign(f, Ids{3, 1});
  auto all = list_partition_reassignments(f.controller.image(), {});
  QVERIFY(!all.error_message && all.error_code == ErrorCode::none);
  QCOMPARE(all.topics.size(), std::size_t{1});
  QCOMPARE(all.topics[0].name, std::string("orders"));
  const auto& partition = all.topics[0].partitions.at(0);
  QCOMPARE(ids(partition.replicas), (Ids{3, 1, 2}));
  QCOMPARE(ids(partition.adding_replicas), (Ids{3}));
  QCOMPARE(ids(partition.removing_replicas), (Ids{2}));
  protocol::ListPartitionReassignmentsRequest some;
  some.topics.emplace();
  some.topics->push_back({.name = "quiet", .partition_indexes = {PartitionIndex{0}}});
  some.topics->push_back({.name = "nowhere", .partition_indexes = {PartitionIndex{0}}});
  some.topics->push_back({.name = "orders", .partition_indexes = {PartitionIndex{8}}});
  QVERIFY(list_partition_reassignments(f.controller.image(), some).topics.empty());
  some.topics->push_back({.name = "orders", .partition_indexes = {PartitionIndex{0}}});
  QVERIFY(list_partition_reassignments(f.controller.image(), some).topics == all.topics);
}

OTTLA_TEST(ReassignmentTest)
#include "reassignment_test.moc"
