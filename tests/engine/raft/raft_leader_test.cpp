#include "engine/raft/raft.h"

#include "tests/engine/raft/raft_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::raft;
using namespace ottla::raft::test;
using protocol::ErrorCode;

namespace {

constexpr BrokerId controller{100};

ReplicaFetch fetch_of(BrokerId replica, Offset offset, LeaderEpoch last_epoch, LeaderEpoch epoch) {
  ReplicaFetch fetch;
  fetch.cluster_id = "cluster";
  fetch.replica = {replica, {}};
  fetch.current_leader_epoch = epoch;
  fetch.fetch_offset = offset;
  fetch.last_fetched_epoch = last_epoch;
  fetch.max_wait = Duration::millis(500);
  fetch.bytes_max = 1 << 20;
  return fetch;
}

}  // namespace

class RaftLeaderTest : public QObject {
  Q_OBJECT
 private slots:
  void a_lone_voter_leads_at_start_and_opens_its_epoch_with_a_leader_change();
  void every_start_takes_a_new_epoch();
  void an_epoch_found_in_the_log_alone_is_not_used_again();
  void the_high_watermark_waits_for_the_sync();
  void a_fetch_that_finds_nothing_waits_for_the_watermark();
  void a_waiting_fetch_ends_empty_at_its_deadline();
  void fetches_with_wrong_epochs_are_fenced_data();
  void fetches_with_wrong_epochs_are_fenced();
  void a_fetch_of_another_cluster_is_refused_whole();
  void a_log_that_diverged_is_told_where_the_epochs_part();
  void describe_quorum_shows_who_fetched_and_who_lags();
  void a_leader_of_three_voters_commits_what_two_of_them_have();
  void what_is_appended_within_the_linger_time_becomes_one_batch();
  void a_control_batch_comes_after_what_lingers();
  void what_does_not_fit_into_a_batch_does_not_linger();
};

void RaftLeaderTest::a_lone_voter_leads_at_start_and_opens_its_epoch_with_a_leader_change() {
  TestNode node(controller, {controller});
  node.start();
  QVERIFY(node.raft->is_leader());
  QCOMPARE(node.raft->epoch(), LeaderEpoch{1});
  QCOMPARE(node.persisted->leader, controller);
  QCOMPARE(node.persisted->leader_epoch, LeaderEpoch{1});
  const auto batches = protocol::split_batches(node.log.read(Offset{0}));
  QCOMPARE(batches->size(), 1U);
  QVERIFY(batches->front().header().is_control());
  QCOMPARE(batches->front().header().partition_leader_epoch, LeaderEpoch{1});
}

void RaftLeaderTest::every_start_takes_a_new_epoch() {
  TestNode node(controller, {controller});
  node.start();
  node.write();
  node.restart();
  QCOMPARE(node.raft->epoch(), LeaderEpoch{2});
  QCOMPARE(node.log.end_offset(), Offset{3});
  QCOMPARE(node.log.last_epoch(), LeaderEpoch{2});
}

void RaftLeaderTest::an_epoch_found_in_the_log_alone_is_not_used_again() {
  TestNode node(controller, {controller});
  node.start();
  node.persisted.reset();
  node.restart();
  QCOMPARE(node.raft->epoch(), LeaderEpoch{2});
}

void RaftLeaderTest::the_high_watermark_waits_for_the_sync() {
  TestNode node(controller, {controller});
  node.start();
  node.write();
  QVERIFY(node.high_watermarks.empty());
  QCOMPARE(node.syncs_wanted, 1);  // The second write rides on what the next sync covers.
  node.sync();
  QCOMPARE(node.raft->high_watermark(), Offset{2});
}

void RaftLeaderTest::a_fetch_that_finds_nothing_waits_for_the_watermark() {
  TestNode node(controller, {controller});
  node.start();
  node.sync();
  const AskId first{1};
  node.carry_out(node.raft->on_request(
      first, fetch_of(BrokerId{1}, Offset{0}, LeaderEpoch{0}, LeaderEpoch{1}), node.now));
  QCOMPARE(node.replies.at(first).high_watermark, Offset{1});
  const AskId second{2};
  node.carry_out(node.raft->on_request(
      second, fetch_of(BrokerId{1}, Offset{1}, LeaderEpoch{1}, LeaderEpoch{1}), node.now));
  QCOMPARE(node.replies.count(second), 0U);
  QCOMPARE(node.raft->parked_fetches(), 1U);
  node.write();
  QCOMPARE(node.replies.count(second), 0U);
  node.sync();
  QCOMPARE(node.replies.at(second).high_watermark, Offset{2});
  QVERIFY(!node.replies.at(second).records.empty());
  QCOMPARE(node.raft->parked_fetches(), 0U);
}

void RaftLeaderTest::a_waiting_fetch_ends_empty_at_its_deadline() {
  TestNode node(controller, {controller});
  node.start();
  node.sync();
  ReplicaFetch fetch = fetch_of(BrokerId{1}, Offset{1}, LeaderEpoch{1}, LeaderEpoch{1});
  fetch.high_watermark = Offset{1};
  node.carry_out(node.raft->on_request(AskId{1}, fetch, node.now));
  QCOMPARE(node.raft->deadline(), std::optional(node.now + Duration::millis(500)));
  node.advance(Duration::millis(499));
  QVERIFY(node.replies.empty());
  node.advance(Duration::millis(1));
  QVERIFY(node.replies.at(AskId{1}).error == ErrorCode::none);
  QVERIFY(node.replies.at(AskId{1}).records.empty());
}

void RaftLeaderTest::fetches_with_wrong_epochs_are_fenced_data() {
  QTest::addColumn<int>("epoch");
  QTest::addColumn<int>("offset");
  QTest::addColumn<int>("error");
  QTest::newRow("an older epoch") << 1 << 0 << static_cast<int>(ErrorCode::fenced_leader_epoch);
  QTest::newRow("a newer epoch") << 3 << 0 << static_cast<int>(ErrorCode::unknown_leader_epoch);
  QTest::newRow("the epoch") << 2 << 0 << static_cast<int>(ErrorCode::none);
  QTest::newRow("a negative offset") << 2 << -1 << static_cast<int>(ErrorCode::invalid_request);
}

void RaftLeaderTest::fetches_with_wrong_epochs_are_fenced() {
  QFETCH(int, epoch);
  QFETCH(int, offset);
  QFETCH(int, error);
  TestNode node(controller, {controller});
  node.start();
  node.restart();
  node.carry_out(node.raft->on_request(
      AskId{1}, fetch_of(BrokerId{1}, Offset{offset}, LeaderEpoch{0}, LeaderEpoch{epoch}),
      node.now));
  const FetchReply& reply = node.replies.at(AskId{1});
  QCOMPARE(static_cast<int>(reply.error), error);
  QVERIFY((reply.leader == LeaderAndEpoch{controller, LeaderEpoch{2}}));
}

void RaftLeaderTest::a_fetch_of_another_cluster_is_refused_whole() {
  TestNode node(controller, {controller});
  node.start();
  ReplicaFetch fetch = fetch_of(BrokerId{1}, Offset{0}, LeaderEpoch{0}, LeaderEpoch{1});
  fetch.cluster_id = "another";
  node.carry_out(node.raft->on_request(AskId{1}, fetch, node.now));
  QVERIFY(node.replies.at(AskId{1}).top_level_error == ErrorCode::inconsistent_cluster_id);
}

void RaftLeaderTest::a_log_that_diverged_is_told_where_the_epochs_part() {
  TestNode node(controller, {controller});
  node.start();    // Epoch 1: [0, 1)
  node.write();    // [1, 2)
  node.restart();  // Epoch 2: [2, 3)
  node.carry_out(node.raft->on_request(
      AskId{1}, fetch_of(BrokerId{1}, Offset{5}, LeaderEpoch{1}, LeaderEpoch{2}), node.now));
  const auto diverging = node.replies.at(AskId{1}).diverging;
  QVERIFY((diverging == OffsetAndEpoch{Offset{2}, LeaderEpoch{1}}));
  QCOMPARE(node.raft->observers(node.now).size(), 0U);
}

void RaftLeaderTest::describe_quorum_shows_who_fetched_and_who_lags() {
  TestNode node(controller, {controller});
  node.start();
  node.write();
  node.sync();
  node.carry_out(node.raft->on_request(
      AskId{1}, fetch_of(BrokerId{1}, Offset{2}, LeaderEpoch{1}, LeaderEpoch{1}), node.now));
  node.carry_out(node.raft->on_request(
      AskId{2}, fetch_of(BrokerId{2}, Offset{0}, LeaderEpoch{0}, LeaderEpoch{1}), node.now));
  const auto voters = node.raft->voters(node.now);
  QCOMPARE(voters.size(), 1U);
  QCOMPARE(voters[0].log_end_offset, Offset{2});
  const auto observers = node.raft->observers(node.now);
  QCOMPARE(observers.size(), 2U);
  QCOMPARE(observers[0].last_caught_up, std::optional(node.now));
  QCOMPARE(observers[1].log_end_offset, Offset{0});
  QVERIFY(!observers[1].last_caught_up);
  QVERIFY(node.raft->observers(node.now + Duration::seconds(301)).empty());
}

void RaftLeaderTest::a_leader_of_three_voters_commits_what_two_of_them_have() {
  const VoterSet voters = static_voters_of({BrokerId{1}, BrokerId{2}, BrokerId{3}});
  ReplicaProgress progress(voter_of(BrokerId{1}).key, voters, Offset{10});
  progress.update_local(Offset{12}, start_time);
  QVERIFY(!progress.high_watermark());
  progress.update_replica({BrokerId{2}, {}}, Offset{10}, Offset{12}, start_time);
  QVERIFY(!progress.high_watermark());  // Nothing of this epoch has a majority yet.
  progress.update_replica({BrokerId{2}, {}}, Offset{11}, Offset{12}, start_time);
  QCOMPARE(progress.high_watermark(), std::optional(Offset{11}));
  progress.update_replica({BrokerId{3}, {}}, Offset{12}, Offset{12}, start_time);
  QCOMPARE(progress.high_watermark(), std::optional(Offset{12}));
  progress.update_replica({BrokerId{3}, {}}, Offset{0}, Offset{12}, start_time);
  QCOMPARE(progress.high_watermark(), std::optional(Offset{12}));
}

void RaftLeaderTest::what_is_appended_within_the_linger_time_becomes_one_batch() {
  TestNode node(controller, {controller});
  node.make_lingering(Duration::millis(25));
  node.start();
  const Offset start = node.log.end_offset();
  node.write("first");
  node.advance(Duration::millis(10));
  node.write("second");
  QCOMPARE(node.raft->next_append_offset(), start.plus(2));
  QCOMPARE(node.log.end_offset(), start);
  QVERIFY(node.raft->deadline() == node.now + Duration::millis(15));
  node.advance(Duration::millis(15));
  const auto batches = protocol::split_batches(node.log.read(start));
  QCOMPARE(batches->size(), 1U);
  QCOMPARE(batches->front().header().record_count, 2);
  QCOMPARE(node.log.end_offset(), start.plus(2));
  QVERIFY(node.raft->deadline() != node.now);
}

void RaftLeaderTest::a_control_batch_comes_after_what_lingers() {
  TestNode node(controller, {controller});
  node.make_lingering(Duration::millis(25));
  node.start();
  node.sync();
  const Offset start = node.log.end_offset();
  node.write();
  Effects effects;
  const auto upgraded = node.raft->upgrade_kraft_version(1, false, node.now, effects);
  QCOMPARE(upgraded.error, ErrorCode::none);
  node.carry_out(effects);
  const auto batches = protocol::split_batches(node.log.read(start));
  QCOMPARE(batches->size(), 2U);
  QVERIFY(!batches->front().header().is_control());
  QVERIFY(batches->back().header().is_control());
  QCOMPARE(batches->back().base_offset(), start.plus(1));
}

void RaftLeaderTest::what_does_not_fit_into_a_batch_does_not_linger() {
  AppendBuffer buffer;
  const std::string half(AppendBuffer::batch_bytes_max / 2, 'x');
  buffer.add({Bytes::copy_of(half)}, start_time, Duration::millis(25));
  QVERIFY(buffer.due() == start_time + Duration::millis(25));
  buffer.add({Bytes::copy_of(half)}, start_time + Duration::millis(1), Duration::millis(25));
  QVERIFY(buffer.due() == start_time + Duration::millis(1));
  const auto batches = protocol::split_batches(buffer.take(Offset{7}, LeaderEpoch{2}));
  QCOMPARE(batches->size(), 2U);
  QCOMPARE(batches->back().base_offset(), Offset{8});
  QCOMPARE(buffer.count(), 0);
  QVERIFY(!buffer.due());
}

OTTLA_TEST(RaftLeaderTest)
#include "raft_leader_test.moc"
