#include "engine/raft/raft.h"

#include "tests/engine/raft/raft_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::raft;
using namespace ottla::raft::test;
using protocol::ErrorCode;

namespace {
constexpr BrokerId controller{100};
}

class RaftObserverTest : public QObject {
  Q_OBJECT
 private slots:
  void an_observer_finds_the_leader_and_gets_its_log();
  void a_failed_request_is_tried_again_after_the_back_off();
  void an_observer_follows_a_leader_into_its_next_epoch();
  void an_observer_truncates_what_the_leader_lost();
  void a_leader_that_lost_committed_records_is_not_followed();
  void a_silent_leader_is_given_up_and_sought_again();
  void an_observer_that_restarts_goes_on_from_its_own_log();
  void an_observer_answers_fetches_with_who_leads();
};

void RaftObserverTest::an_observer_finds_the_leader_and_gets_its_log() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.write();
  leader.sync();
  observer.start();
  QCOMPARE(observer.sent.size(), 1U);
  QCOMPARE(observer.sent[0].to, controller);
  exchange(observer, leader);
  QVERIFY((observer.raft->leader() == LeaderAndEpoch{controller, LeaderEpoch{1}}));
  QCOMPARE(observer.log.end_offset(), Offset{2});
  QCOMPARE(observer.raft->high_watermark(), Offset{2});
  QVERIFY(observer.persisted->leader == controller);
}

void RaftObserverTest::a_failed_request_is_tried_again_after_the_back_off() {
  TestNode observer(BrokerId{1}, {controller});
  observer.start();
  observer.carry_out(observer.raft->on_request_failed(observer.sent[0].request, observer.now));
  QCOMPARE(observer.raft->deadline(), std::optional(observer.now + Duration::millis(20)));
  observer.advance(Duration::millis(20));
  QCOMPARE(observer.sent.size(), 2U);
  observer.advance(Duration::seconds(2));  // No answer at all.
  observer.advance(Duration::millis(20));
  QCOMPARE(observer.sent.size(), 3U);
}

void RaftObserverTest::an_observer_follows_a_leader_into_its_next_epoch() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.sync();
  observer.start();
  exchange(observer, leader);
  leader.restart();
  leader.sync();
  exchange(observer, leader);
  QCOMPARE(observer.raft->epoch(), LeaderEpoch{2});
  QCOMPARE(observer.log.end_offset(), leader.log.end_offset());
  QCOMPARE(observer.raft->high_watermark(), Offset{2});
}

void RaftObserverTest::an_observer_truncates_what_the_leader_lost() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.sync();
  observer.start();
  exchange(observer, leader);
  leader.write("lost");  // Never synced, but fetched.
  exchange(observer, leader);
  observer.sent.clear();
  leader.log.truncate(Offset{1});
  leader.restart();
  leader.write("kept");
  leader.sync();
  observer.restart();
  exchange(observer, leader);
  QCOMPARE(observer.truncations, std::vector<Offset>{Offset{1}});
  QVERIFY(observer.log.read(Offset{0}) == leader.log.read(Offset{0}));
}

void RaftObserverTest::a_leader_that_lost_committed_records_is_not_followed() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.write();
  leader.sync();
  observer.start();
  exchange(observer, leader);
  QCOMPARE(observer.raft->high_watermark(), Offset{2});
  leader.log.truncate(Offset{1});
  leader.restart();
  leader.sync();
  exchange(observer, leader);
  QVERIFY(observer.broken.has_value());
  QVERIFY(observer.truncations.empty());
}

void RaftObserverTest::a_silent_leader_is_given_up_and_sought_again() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.sync();
  observer.start();
  exchange(observer, leader);
  QVERIFY(observer.raft->role() == Raft::Role::follower);
  observer.sent.clear();
  leader.restart();
  leader.sync();
  observer.advance(Duration::seconds(2));
  QCOMPARE(observer.sent.size(), 1U);  // To any voter: the leader's was given up.
  QCOMPARE(observer.raft->leader().epoch, LeaderEpoch{1});
  exchange(observer, leader);
  QCOMPARE(observer.raft->leader().epoch, LeaderEpoch{2});
  QVERIFY(observer.raft->role() == Raft::Role::follower);
}

void RaftObserverTest::an_observer_that_restarts_goes_on_from_its_own_log() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.write();
  leader.sync();
  observer.start();
  exchange(observer, leader);
  observer.restart();
  QVERIFY(observer.raft->role() == Raft::Role::follower);
  QCOMPARE(observer.sent[0].body.fetch_offset, Offset{2});
  QCOMPARE(observer.sent[0].body.last_fetched_epoch, LeaderEpoch{1});
  QVERIFY2(observer.sent[0].body.max_wait == Duration{}, "the watermark is not known yet");
  exchange(observer, leader);
  QCOMPARE(observer.raft->high_watermark(), Offset{2});
}

void RaftObserverTest::an_observer_answers_fetches_with_who_leads() {
  TestNode leader(controller, {controller});
  TestNode observer(BrokerId{1}, {controller});
  leader.start();
  leader.sync();
  observer.start();
  exchange(observer, leader);
  ReplicaFetch fetch;
  fetch.replica = {BrokerId{2}, {}};
  fetch.current_leader_epoch = LeaderEpoch{1};
  observer.carry_out(observer.raft->on_request(AskId{9}, fetch, observer.now));
  QVERIFY(observer.replies.at(AskId{9}).error == ErrorCode::not_leader_or_follower);
  QCOMPARE(observer.replies.at(AskId{9}).leader.leader, controller);
}

OTTLA_TEST(RaftObserverTest)
#include "raft_observer_test.moc"
