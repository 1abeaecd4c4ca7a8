#include "engine/coordinator/group_coordinator.h"

#include "tests/engine/coordinator/group_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;
using ottla::coordinator::test::GroupFixture;
using protocol::ErrorCode;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupResponse;

class GroupMembershipTest : public QObject {
  Q_OBJECT
 private slots:
  void an_assignment_is_given_out_once_it_is_committed();
  void an_assignment_that_cannot_be_stored_starts_a_rebalance();
  void an_assignment_that_is_not_committed_in_time_is_given_up();
  void a_newcomer_while_the_assignment_is_stored_sends_all_back_to_join();
  void members_that_do_not_sync_are_put_out();
  void sync_and_heartbeat_answer_what_kafka_answers();
  void a_silent_member_is_put_out_after_its_session_timeout();
  void heartbeats_keep_a_member();
  void the_view_tells_how_long_a_members_session_is_and_when_it_ends();
  void the_last_member_to_leave_leaves_an_empty_group();
  void members_leave_in_one_batch_each_with_its_own_answer();
  void a_static_member_is_removed_by_its_instance_id();
  void a_coordinator_that_resigns_ends_every_wait();
  void a_coordinator_that_replays_is_where_the_one_before_was();
};

void GroupMembershipTest::an_assignment_is_given_out_once_it_is_committed() {
  GroupFixture f;
  const auto a = f.join_with_id({});
  const auto b = f.join_with_id({});
  f.run_for(Duration::seconds(6));
  f.hold = true;
  const auto follower = f.sync("g", b.member_id, 1);
  QVERIFY(!f.is_answered(follower));
  QCOMPARE(f.group().members[1].waiting, MemberView::Waiting::sync);
  const auto leader = f.sync("g", a.member_id, 1, {{a.member_id, "x"}, {b.member_id, "y"}});
  QVERIFY(!f.is_answered(leader));
  QCOMPARE(f.group().state, GroupState::completing_rebalance);
  f.commit_log();
  QCOMPARE(f.answer<SyncGroupResponse>(leader).assignment, Bytes::copy_of(std::string_view("x")));
  QCOMPARE(f.answer<SyncGroupResponse>(follower).assignment, Bytes::copy_of(std::string_view("y")));
  QCOMPARE(f.group().state, GroupState::stable);
}

void GroupMembershipTest::an_assignment_that_cannot_be_stored_starts_a_rebalance() {
  GroupFixture f;
  const auto a = f.join_with_id({});
  f.run_for(Duration::seconds(3));
  f.append_error = ErrorCode::not_enough_replicas;
  const auto synced = f.sync("g", a.member_id, 1, {{a.member_id, "x"}});
  QCOMPARE(f.error(synced), ErrorCode::coordinator_not_available);
  QCOMPARE(f.group().state, GroupState::preparing_rebalance);
}

void GroupMembershipTest::an_assignment_that_is_not_committed_in_time_is_given_up() {
  GroupFixture f;
  const auto a = f.join_with_id({});
  f.run_for(Duration::seconds(3));
  f.hold = true;
  const auto synced = f.sync("g", a.member_id, 1, {{a.member_id, "x"}});
  f.run_for(Duration::millis(4999));
  QVERIFY(!f.is_answered(synced));
  f.run_for(Duration::millis(1));
  QCOMPARE(f.error(synced), ErrorCode::coordinator_not_available);
  f.commit_log();
  QVERIFY(f.answered_twice.empty());
}

void GroupMembershipTest::a_newcomer_while_the_assignment_is_stored_sends_all_back_to_join() {
  GroupFixture f;
  const auto a = f.join_with_id({});
  f.run_for(Duration::seconds(3));
  f.hold = true;
  const auto synced = f.sync("g", a.member_id, 1, {{a.member_id, "x"}});
  const auto b = f.join_with_id({});
  QCOMPARE(f.error(synced), ErrorCode::rebalance_in_progress);
  f.commit_log();
  QCOMPARE(f.group().state, GroupState::preparing_rebalance);
  QVERIFY(!f.is_answered(b.token));
}

void GroupMembershipTest::members_that_do_not_sync_are_put_out() {
  GroupFixture f;
  GroupFixture::Join join;
  join.session_ms = 100'000;
  join.rebalance_ms = 20'000;
  const auto a = f.join_with_id(join);
  const auto b = f.join_with_id(join);
  f.run_for(Duration::seconds(6));
  const auto synced = f.sync("g", b.member_id, 1);
  f.run_for(Duration::seconds(20));
  QCOMPARE(f.error(synced), ErrorCode::rebalance_in_progress);
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1)), ErrorCode::unknown_member_id);
  QCOMPARE(f.group().members.size(), std::size_t{1});
}

void GroupMembershipTest::sync_and_heartbeat_answer_what_kafka_answers() {
  GroupFixture f;
  QCOMPARE(f.error(f.sync("g", "m", 1)), ErrorCode::unknown_member_id);
  QCOMPARE(f.error(f.heartbeat("g", "m", 1)), ErrorCode::unknown_member_id);
  QCOMPARE(f.error(f.heartbeat("", "m", 1)), ErrorCode::invalid_group_id);
  const auto a = f.make_stable_group({});
  QCOMPARE(f.error(f.sync("g", "other", 1)), ErrorCode::unknown_member_id);
  QCOMPARE(f.error(f.sync("g", a.member_id, 2)), ErrorCode::illegal_generation);
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 0)), ErrorCode::illegal_generation);
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1)), ErrorCode::none);
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1, "instance")), ErrorCode::unknown_member_id);
  (void)f.join_with_id({});
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1)), ErrorCode::rebalance_in_progress);
  QCOMPARE(f.error(f.sync("g", a.member_id, 1)), ErrorCode::rebalance_in_progress);
}

void GroupMembershipTest::a_silent_member_is_put_out_after_its_session_timeout() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  f.run_for(Duration::millis(9999));
  QCOMPARE(f.group().state, GroupState::stable);
  f.run_for(Duration::millis(1));
  QCOMPARE(f.group().state, GroupState::empty);
  QCOMPARE(f.group().generation, GenerationId(2));
  QVERIFY(f.changes.back().reason.find("left") != std::string::npos);
}

void GroupMembershipTest::heartbeats_keep_a_member() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  for (int i = 0; i < 20; ++i) {
    f.run_for(Duration::seconds(9));
    QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1)), ErrorCode::none);
  }
}

void GroupMembershipTest::the_view_tells_how_long_a_members_session_is_and_when_it_ends() {
  GroupFixture f;
  GroupFixture::Join join;
  join.session_ms = 20'000;
  const auto a = f.make_stable_group(join);
  f.run_for(Duration::seconds(3));
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1)), ErrorCode::none);
  f.run_for(Duration::seconds(2));
  const MemberView member = f.group().members.at(0);
  QCOMPARE(member.session_timeout, Duration::seconds(20));
  QCOMPARE(member.session_deadline, f.now + Duration::seconds(18));
  f.crash_and_replay();
  QCOMPARE(f.group().members.at(0).session_timeout, Duration::seconds(20));
}

void GroupMembershipTest::the_last_member_to_leave_leaves_an_empty_group() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  const std::size_t records = f.log.size();
  QCOMPARE(f.error(f.leave("g", {a.member_id})), ErrorCode::none);
  QCOMPARE(f.group().state, GroupState::empty);
  QCOMPARE(f.group().protocol_type, std::string("consumer"));
  QCOMPARE(f.log.size(), records + 1);
  QCOMPARE(f.error(f.leave("g", {a.member_id})), ErrorCode::unknown_member_id);
  QCOMPARE(f.error(f.leave("other", {"m"})), ErrorCode::unknown_member_id);
}

void GroupMembershipTest::members_leave_in_one_batch_each_with_its_own_answer() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  const auto token = f.leave("g", {"nobody", a.member_id});
  const auto& left = f.answer<LeaveGroupResponse>(token);
  QCOMPARE(left.error_code, ErrorCode::none);
  QCOMPARE(left.members[0].error_code, ErrorCode::unknown_member_id);
  QCOMPARE(left.members[1].error_code, ErrorCode::none);
}

void GroupMembershipTest::a_static_member_is_removed_by_its_instance_id() {
  GroupFixture f;
  GroupFixture::Join join;
  join.instance_id = "one";
  (void)f.make_stable_group(join);
  QCOMPARE(f.error(f.leave_instance("g", "two")), ErrorCode::unknown_member_id);
  QCOMPARE(f.error(f.leave_instance("g", "one")), ErrorCode::none);
  QCOMPARE(f.group().state, GroupState::empty);
}

void GroupMembershipTest::a_coordinator_that_resigns_ends_every_wait() {
  GroupFixture f;
  f.hold = true;
  const auto a = f.join_with_id({});
  const auto committed = f.commit("simple", "", -1, "orders", 0, 5);
  QVERIFY(!f.is_answered(a.token));
  QVERIFY(!f.is_answered(committed));
  f.resign();
  QCOMPARE(f.error(a.token), ErrorCode::not_coordinator);
  QCOMPARE(f.error(committed), ErrorCode::not_coordinator);
}

void GroupMembershipTest::a_coordinator_that_replays_is_where_the_one_before_was() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  (void)f.commit("g", a.member_id, 1, "orders", 0, 42, "here");
  f.crash_and_replay();
  QCOMPARE(f.group().state, GroupState::stable);
  QCOMPARE(f.group().leader, a.member_id);
  QCOMPARE(f.fetch("g", "orders", 0), std::int64_t{42});
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1)), ErrorCode::none);
  // Sessions start anew and run.
  f.run_for(Duration::seconds(10));
  QCOMPARE(f.group().state, GroupState::empty);
}

OTTLA_TEST(GroupMembershipTest)
#include "group_membership_test.moc"
