#include "engine/coordinator/group_coordinator.h"

#include "tests/engine/coordinator/group_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;
using ottla::coordinator::test::GroupFixture;
using protocol::ErrorCode;
using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;

class GroupJoinTest : public QObject {
  Q_OBJECT
 private slots:
  void a_join_is_refused_before_it_reaches_a_group_data();
  void a_join_is_refused_before_it_reaches_a_group();
  void a_new_dynamic_member_is_told_to_come_back_with_its_id();
  void before_version_4_a_member_joins_without_an_id_of_its_own();
  void the_initial_delay_is_extended_by_newcomers_up_to_the_rebalance_timeout();
  void the_protocol_that_most_members_prefer_is_chosen();
  void a_member_without_a_common_protocol_is_refused();
  void a_group_takes_no_more_members_than_its_limit();
  void a_member_that_does_not_rejoin_in_time_is_put_out();
  void a_follower_that_rejoins_unchanged_gets_the_same_generation();
  void a_leader_that_rejoins_starts_a_rebalance();
  void a_pending_member_that_stays_away_is_forgotten();
  void a_static_member_comes_back_without_a_rebalance();
  void the_old_self_of_a_static_member_is_fenced();
  void a_static_leader_that_comes_back_is_told_not_to_assign();
  void a_static_member_whose_write_fails_keeps_its_old_id();
  void a_failed_first_write_leaves_no_group();
  void an_id_that_would_be_too_long_for_a_text_is_not_given();
};

void GroupJoinTest::a_join_is_refused_before_it_reaches_a_group_data() {
  QTest::addColumn<QString>("group");
  QTest::addColumn<QString>("member");
  QTest::addColumn<int>("session_ms");
  QTest::addColumn<QString>("type");
  QTest::addColumn<int>("error");
  QTest::newRow("no group id") << ""
                               << "" << 10000 << "consumer" << int(ErrorCode::invalid_group_id);
  QTest::newRow("short session") << "g"
                                 << "" << 5999 << "consumer"
                                 << int(ErrorCode::invalid_session_timeout);
  QTest::newRow("long session") << "g"
                                << "" << 1800001 << "consumer"
                                << int(ErrorCode::invalid_session_timeout);
  QTest::newRow("id of an unknown group")
      << "g"
      << "m" << 10000 << "consumer" << int(ErrorCode::unknown_member_id);
  QTest::newRow("no protocol type")
      << "g"
      << "" << 10000 << "" << int(ErrorCode::inconsistent_group_protocol);
}

void GroupJoinTest::a_join_is_refused_before_it_reaches_a_group() {
  QFETCH(QString, group);
  QFETCH(QString, member);
  QFETCH(int, session_ms);
  QFETCH(QString, type);
  GroupFixture f;
  GroupFixture::Join join;
  join.group = group.toStdString();
  join.member_id = member.toStdString();
  join.session_ms = session_ms;
  join.protocol_type = type.toStdString();
  QTEST(int(f.error(f.join(join))), "error");
}

void GroupJoinTest::a_new_dynamic_member_is_told_to_come_back_with_its_id() {
  GroupFixture f;
  const auto token = f.join({});
  const auto& told = f.answer<JoinGroupResponse>(token);
  QCOMPARE(told.error_code, ErrorCode::member_id_required);
  QCOMPARE(told.member_id, std::string("client-00000000-0000-0000-0000-000000000001"));
  QCOMPARE(f.log.size(), std::size_t{1});  // The group's first record.
  QCOMPARE(f.group().state, GroupState::empty);
  QCOMPARE(f.group().pending_members.size(), std::size_t{1});

  GroupFixture::Join again;
  again.member_id = told.member_id;
  const auto second = f.join(again);
  QVERIFY(!f.is_answered(second));
  QCOMPARE(f.group().state, GroupState::preparing_rebalance);
  f.run_for(Duration::millis(2999));
  QVERIFY(!f.is_answered(second));
  f.run_for(Duration::millis(1));
  const auto& joined = f.answer<JoinGroupResponse>(second);
  QCOMPARE(joined.error_code, ErrorCode::none);
  QCOMPARE(joined.generation_id, GenerationId(1));
  QCOMPARE(joined.leader, again.member_id);
  QCOMPARE(joined.members.size(), std::size_t{1});
  QCOMPARE(*joined.protocol_name, std::string("range"));
  QCOMPARE(*joined.protocol_type, std::string("consumer"));
}

void GroupJoinTest::before_version_4_a_member_joins_without_an_id_of_its_own() {
  GroupFixture f;
  GroupFixture::Join join;
  join.version = 3;
  const auto token = f.join(join);
  QVERIFY(!f.is_answered(token));
  f.run_for(Duration::seconds(3));
  QCOMPARE(f.error(token), ErrorCode::none);
}

void GroupJoinTest::the_initial_delay_is_extended_by_newcomers_up_to_the_rebalance_timeout() {
  GroupFixture f;
  GroupFixture::Join join;
  join.rebalance_ms = 7000;
  const auto first = f.join_with_id(join);
  f.run_for(Duration::millis(2500));
  (void)f.join_with_id(join);
  f.run_for(Duration::millis(2500));  // 5 s: the first delay ended at 3 s and was extended to 6 s.
  QVERIFY(!f.is_answered(first.token));
  (void)f.join_with_id(join);
  f.run_for(Duration::millis(1500));  // 6.5 s: extended once more, by the one second that was left.
  QVERIFY(!f.is_answered(first.token));
  f.run_for(Duration::millis(500));
  QCOMPARE(f.error(first.token), ErrorCode::none);
  QCOMPARE(f.group().members.size(), std::size_t{3});
}

void GroupJoinTest::the_protocol_that_most_members_prefer_is_chosen() {
  GroupFixture f;
  GroupFixture::Join join;
  join.protocols = {"range", "roundrobin"};
  (void)f.join_with_id(join);
  join.protocols = {"roundrobin", "range", "sticky"};
  (void)f.join_with_id(join);
  (void)f.join_with_id(join);
  f.run_for(Duration::seconds(10));
  QCOMPARE(f.group().protocol, std::string("roundrobin"));
}

void GroupJoinTest::a_member_without_a_common_protocol_is_refused() {
  GroupFixture f;
  (void)f.make_stable_group({});
  GroupFixture::Join join;
  join.protocols = {"sticky"};
  QCOMPARE(f.error(f.join(join)), ErrorCode::inconsistent_group_protocol);
  join.protocols = {"range"};
  join.protocol_type = "connect";
  QCOMPARE(f.error(f.join(join)), ErrorCode::inconsistent_group_protocol);
}

void GroupJoinTest::a_group_takes_no_more_members_than_its_limit() {
  GroupConfig config;
  config.max_size = 1;
  GroupFixture f(config);
  const auto member = f.make_stable_group({});
  QCOMPARE(f.error(f.join({})), ErrorCode::group_max_size_reached);
  QCOMPARE(f.error(f.heartbeat("g", member.member_id, 1)), ErrorCode::none);
}

void GroupJoinTest::a_member_that_does_not_rejoin_in_time_is_put_out() {
  GroupFixture f;
  GroupFixture::Join slow;
  slow.session_ms = 100'000;
  slow.rebalance_ms = 20'000;
  const auto first = f.make_stable_group(slow);
  const auto second = f.join_with_id(slow);
  QVERIFY(!f.is_answered(second.token));
  QCOMPARE(f.error(f.heartbeat("g", first.member_id, 1)), ErrorCode::rebalance_in_progress);
  f.run_for(Duration::millis(19'999));
  QVERIFY(!f.is_answered(second.token));
  f.run_for(Duration::millis(1));
  const auto& joined = f.answer<JoinGroupResponse>(second.token);
  QCOMPARE(joined.generation_id, GenerationId(2));
  QCOMPARE(joined.leader, second.member_id);
  QCOMPARE(f.error(f.heartbeat("g", first.member_id, 1)), ErrorCode::unknown_member_id);
}

void GroupJoinTest::a_follower_that_rejoins_unchanged_gets_the_same_generation() {
  GroupFixture f;
  const auto a = f.join_with_id({});
  const auto b = f.join_with_id({});
  f.run_for(Duration::seconds(6));
  (void)f.sync("g", a.member_id, 1, {{a.member_id, "x"}, {b.member_id, "y"}});
  (void)f.sync("g", b.member_id, 1);
  GroupFixture::Join again;
  again.member_id = b.member_id;
  const auto token = f.join(again);
  const auto& joined = f.answer<JoinGroupResponse>(token);
  QCOMPARE(joined.generation_id, GenerationId(1));
  QVERIFY(joined.members.empty());
  QCOMPARE(f.group().state, GroupState::stable);
  again.topics = {"payments"};
  (void)f.join(again);
  QCOMPARE(f.group().state, GroupState::preparing_rebalance);
}

void GroupJoinTest::a_leader_that_rejoins_starts_a_rebalance() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  GroupFixture::Join again;
  again.member_id = a.member_id;
  const auto token = f.join(again);
  // It is alone, so everybody has joined at once.
  QCOMPARE(f.answer<JoinGroupResponse>(token).generation_id, GenerationId(2));
  QCOMPARE(f.group().state, GroupState::completing_rebalance);
}

void GroupJoinTest::a_pending_member_that_stays_away_is_forgotten() {
  GroupFixture f;
  const auto a = f.make_stable_group({});
  GroupFixture::Join brief;
  brief.session_ms = 6000;
  const auto b = f.join(brief);
  const std::string id = f.answer<JoinGroupResponse>(b).member_id;
  GroupFixture::Join again;
  again.member_id = a.member_id;
  const auto rejoined = f.join(again);
  QVERIFY(!f.is_answered(rejoined));  // The pending member counts as one to wait for.
  f.run_for(Duration::seconds(6));
  QCOMPARE(f.error(rejoined), ErrorCode::none);
  again.member_id = id;
  QCOMPARE(f.error(f.join(again)), ErrorCode::unknown_member_id);
}

void GroupJoinTest::a_static_member_comes_back_without_a_rebalance() {
  GroupFixture f;
  GroupFixture::Join join;
  join.instance_id = "one";
  const auto a = f.make_stable_group(join);
  join.instance_id = "two";
  const auto b = f.join_with_id(join);
  GroupFixture::Join again;
  again.instance_id = "one";
  again.member_id = a.member_id;
  (void)f.join(again);
  const std::string b_id = f.answer<JoinGroupResponse>(b.token).member_id;
  (void)f.sync("g", a.member_id, 2, {{a.member_id, "x"}, {b_id, "y"}}, "one");
  (void)f.sync("g", b_id, 2, {}, "two");
  QCOMPARE(f.group().state, GroupState::stable);

  const auto back = f.join(join);
  const auto& joined = f.answer<JoinGroupResponse>(back);
  QCOMPARE(joined.error_code, ErrorCode::none);
  QCOMPARE(joined.generation_id, GenerationId(2));
  QVERIFY(joined.member_id != b_id);
  QCOMPARE(f.group().state, GroupState::stable);
  const auto synced = f.sync("g", joined.member_id, 2, {}, "two");
  QCOMPARE(f.answer<SyncGroupResponse>(synced).assignment, Bytes::copy_of(std::string_view("y")));
  QCOMPARE(f.error(f.heartbeat("g", b_id, 2, "two")), ErrorCode::fenced_instance_id);
  QCOMPARE(f.error(f.heartbeat("g", b_id, 2)), ErrorCode::unknown_member_id);
}

void GroupJoinTest::the_old_self_of_a_static_member_is_fenced() {
  GroupFixture f;
  GroupFixture::Join join;
  join.instance_id = "one";
  const auto first = f.join(join);
  const auto second = f.join(join);
  QCOMPARE(f.error(first), ErrorCode::fenced_instance_id);
  f.run_for(Duration::seconds(3));
  QCOMPARE(f.error(second), ErrorCode::none);
}

void GroupJoinTest::a_static_leader_that_comes_back_is_told_not_to_assign() {
  GroupFixture f;
  GroupFixture::Join join;
  join.instance_id = "one";
  const auto a = f.make_stable_group(join);
  const auto back = f.join(join);
  const auto& joined = f.answer<JoinGroupResponse>(back);
  QVERIFY(joined.skip_assignment);
  QCOMPARE(joined.leader, joined.member_id);
  QCOMPARE(joined.members.size(), std::size_t{1});
  // A client of before version 9 would assign if it took itself for the leader.
  join.version = 8;
  const std::string leader_before = joined.member_id;
  const auto old_client = f.join(join);
  const auto& told = f.answer<JoinGroupResponse>(old_client);
  QVERIFY(!told.skip_assignment);
  QCOMPARE(told.leader, leader_before);
  QVERIFY(told.members.empty());
}

void GroupJoinTest::a_static_member_whose_write_fails_keeps_its_old_id() {
  GroupFixture f;
  GroupFixture::Join join;
  join.instance_id = "one";
  const auto a = f.make_stable_group(join);
  f.append_error = ErrorCode::not_enough_replicas;
  QCOMPARE(f.error(f.join(join)), ErrorCode::coordinator_not_available);
  f.append_error.reset();
  QCOMPARE(f.error(f.heartbeat("g", a.member_id, 1, "one")), ErrorCode::none);
}

void GroupJoinTest::a_failed_first_write_leaves_no_group() {
  GroupFixture f;
  f.append_error = ErrorCode::not_leader_or_follower;
  GroupFixture::Join join;
  join.version = 3;
  QCOMPARE(f.error(f.join(join)), ErrorCode::not_coordinator);
  QCOMPARE(f.group().state, GroupState::dead);
}

void GroupJoinTest::an_id_that_would_be_too_long_for_a_text_is_not_given() {
  const std::string fits(32'767 - 37, 'c');  // The rest of an id is a dash and a UUID.
  GroupFixture f;
  GroupFixture::Join join;
  for (const std::int16_t version : {std::int16_t{3}, std::int16_t{9}}) {
    join.version = version;
    join.client_id = fits + "c";
    QVERIFY(f.error(f.join(join)) == ErrorCode::unknown_server_error);
  }
  join.client_id = fits;
  QVERIFY(f.error(f.join(join)) == ErrorCode::member_id_required);
  join.instance_id = fits + "c";
  QVERIFY(f.error(f.join(join)) == ErrorCode::unknown_server_error);
  QCOMPARE(f.log.size(), std::size_t{1});  // That of a new group, which has no members.
}

OTTLA_TEST(GroupJoinTest)
#include "group_join_test.moc"
