#include "engine/coordinator/group_coordinator.h"

#include "tests/engine/coordinator/group_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::coordinator;
using ottla::coordinator::test::GroupFixture;
using protocol::ErrorCode;

class GroupOffsetsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_commit_is_seen_by_others_once_it_is_committed();
  void commits_are_checked_against_the_group();
  void metadata_has_a_limit();
  void a_failed_commit_is_told_as_kafka_tells_it();
  void offsets_of_an_empty_group_expire_after_the_retention_and_then_the_group();
  void offsets_of_subscribed_topics_do_not_expire_while_the_group_lives();
  void a_group_is_deleted_only_when_it_is_empty();
  void offsets_of_subscribed_topics_are_not_deleted();
  void lists_filter_by_state_and_type();
  void an_unknown_group_is_described_as_dead();
};

void GroupOffsetsTest::a_commit_is_seen_by_others_once_it_is_committed() {
  GroupFixture f;
  (void)f.commit("simple", "", -1, "orders", 0, 5);
  f.hold = true;
  const auto token = f.commit("simple", "", -1, "orders", 0, 6);
  QVERIFY(!f.is_answered(token));
  QCOMPARE(f.fetch("simple", "orders", 0), std::int64_t{5});
  f.commit_log();
  QCOMPARE(f.error(token), ErrorCode::none);
  QCOMPARE(f.fetch("simple", "orders", 0), std::int64_t{6});
  QCOMPARE(f.fetch("simple", "orders", 1), std::int64_t{-1});
}

void GroupOffsetsTest::commits_are_checked_against_the_group() {
  GroupFixture f;
  QCOMPARE(f.error(f.commit("g", "m", 3, "orders", 0, 1, "", 9)), ErrorCode::group_id_not_found);
  QCOMPARE(f.error(f.commit("g", "m", 3, "orders", 0, 1, "", 8)), ErrorCode::illegal_generation);
  const auto a = f.join_with_id({});
  f.run_for(Duration::seconds(3));
  QCOMPARE(f.error(f.commit("g", a.member_id, 1, "orders", 0, 1)),
           ErrorCode::rebalance_in_progress);
  (void)f.sync("g", a.member_id, 1, {{a.member_id, "x"}});
  QCOMPARE(f.error(f.commit("g", a.member_id, 1, "orders", 0, 1)), ErrorCode::none);
  QCOMPARE(f.error(f.commit("g", a.member_id, 0, "orders", 0, 1)), ErrorCode::illegal_generation);
  QCOMPARE(f.error(f.commit("g", "nobody", 1, "orders", 0, 1)), ErrorCode::unknown_member_id);
  QCOMPARE(f.error(f.commit("g", "", -1, "orders", 0, 1)), ErrorCode::unknown_member_id);
  (void)f.leave("g", {a.member_id});
  QCOMPARE(f.error(f.commit("g", "", -1, "orders", 0, 9)), ErrorCode::none);
  QCOMPARE(f.fetch("g", "orders", 0), std::int64_t{9});
}

void GroupOffsetsTest::metadata_has_a_limit() {
  GroupFixture f;
  QCOMPARE(f.error(f.commit("s", "", -1, "t", 0, 1, std::string(4096, 'x'))), ErrorCode::none);
  QCOMPARE(f.error(f.commit("s", "", -1, "t", 0, 2, std::string(4097, 'x'))),
           ErrorCode::offset_metadata_too_large);
  QCOMPARE(f.fetch("s", "t", 0), std::int64_t{1});
}

void GroupOffsetsTest::a_failed_commit_is_told_as_kafka_tells_it() {
  GroupFixture f;
  f.append_error = ErrorCode::message_too_large;
  QCOMPARE(f.error(f.commit("s", "", -1, "t", 0, 1)), ErrorCode::invalid_commit_offset_size);
  f.append_error = ErrorCode::not_enough_replicas;
  QCOMPARE(f.error(f.commit("s", "", -1, "t", 0, 1)), ErrorCode::coordinator_not_available);
  f.append_error.reset();
  QCOMPARE(f.fetch("s", "t", 0), std::int64_t{-1});
  f.hold = true;
  const auto token = f.commit("s", "", -1, "t", 0, 1);
  f.run_for(Duration::seconds(5));
  QCOMPARE(f.error(token), ErrorCode::coordinator_not_available);
}

void GroupOffsetsTest::offsets_of_an_empty_group_expire_after_the_retention_and_then_the_group() {
  GroupFixture f;
  (void)f.commit("simple", "", -1, "orders", 0, 5);
  f.run_for(Duration::seconds(7 * 24 * 3600 - 1));
  QCOMPARE(f.fetch("simple", "orders", 0), std::int64_t{5});
  f.run_for(Duration::seconds(601));
  QCOMPARE(f.fetch("simple", "orders", 0), std::int64_t{-1});
  QCOMPARE(f.group("simple").state, GroupState::dead);
  f.crash_and_replay();
  QVERIFY(f.coordinator->view().empty());
}

void GroupOffsetsTest::offsets_of_subscribed_topics_do_not_expire_while_the_group_lives() {
  GroupConfig config;
  config.offsets_retention = Duration::seconds(60);
  config.offsets_retention_check_interval = Duration::seconds(10);
  GroupFixture f(config);
  GroupFixture::Join join;
  join.session_ms = 1'000'000;
  const auto a = f.make_stable_group(join);
  (void)f.commit("g", a.member_id, 1, "orders", 0, 5);
  (void)f.commit("g", a.member_id, 1, "payments", 0, 5);
  f.run_for(Duration::seconds(80));
  QCOMPARE(f.fetch("g", "orders", 0), std::int64_t{5});
  QCOMPARE(f.fetch("g", "payments", 0), std::int64_t{-1});
}

void GroupOffsetsTest::a_group_is_deleted_only_when_it_is_empty() {
  GroupFixture f;
  QCOMPARE(f.error(f.delete_groups({"g"})), ErrorCode::group_id_not_found);
  const auto a = f.make_stable_group({});
  (void)f.commit("g", a.member_id, 1, "orders", 0, 5);
  QCOMPARE(f.error(f.delete_groups({"g"})), ErrorCode::non_empty_group);
  (void)f.leave("g", {a.member_id});
  QCOMPARE(f.error(f.delete_groups({"g"})), ErrorCode::none);
  QCOMPARE(f.group().state, GroupState::dead);
  QCOMPARE(f.fetch("g", "orders", 0), std::int64_t{-1});
}

void GroupOffsetsTest::offsets_of_subscribed_topics_are_not_deleted() {
  GroupFixture f;
  QCOMPARE(f.error(f.delete_offset("g", "orders", 0)), ErrorCode::group_id_not_found);
  const auto a = f.make_stable_group({});
  (void)f.commit("g", a.member_id, 1, "orders", 0, 5);
  (void)f.commit("g", a.member_id, 1, "payments", 0, 5);
  QCOMPARE(f.error(f.delete_offset("g", "orders", 0)), ErrorCode::group_subscribed_to_topic);
  QCOMPARE(f.error(f.delete_offset("g", "payments", 0)), ErrorCode::none);
  QCOMPARE(f.fetch("g", "payments", 0), std::int64_t{-1});
  GroupFixture::Join connect;
  connect.group = "c";
  connect.protocol_type = "connect";
  (void)f.make_stable_group(connect);
  QCOMPARE(f.error(f.delete_offset("c", "orders", 0)), ErrorCode::non_empty_group);
}

void GroupOffsetsTest::lists_filter_by_state_and_type() {
  GroupFixture f;
  (void)f.make_stable_group({});
  (void)f.commit("simple", "", -1, "orders", 0, 5);
  protocol::ListGroupsRequest request;
  QCOMPARE(f.coordinator->list_groups(request).size(), std::size_t{2});
  request.states_filter = {"stable"};
  QCOMPARE(f.coordinator->list_groups(request).size(), std::size_t{1});
  QCOMPARE(f.coordinator->list_groups(request)[0].group_state, std::string("Stable"));
  request.types_filter = {"Consumer"};
  QVERIFY(f.coordinator->list_groups(request).empty());
  request.types_filter = {"Classic"};
  QCOMPARE(f.coordinator->list_groups(request).size(), std::size_t{1});
}

void GroupOffsetsTest::an_unknown_group_is_described_as_dead() {
  GroupFixture f;
  auto described = f.coordinator->describe_group("g", ApiVersion(5));
  QCOMPARE(described.group_state, std::string("Dead"));
  QCOMPARE(described.error_code, ErrorCode::none);
  described = f.coordinator->describe_group("g", ApiVersion(6));
  QCOMPARE(described.error_code, ErrorCode::group_id_not_found);
  const auto a = f.make_stable_group({});
  described = f.coordinator->describe_group("g", ApiVersion(6));
  QCOMPARE(described.protocol_data, std::string("range"));
  QCOMPARE(described.members[0].client_host, std::string("/127.0.0.1"));
  QCOMPARE(described.members[0].member_assignment, Bytes::copy_of(std::string_view("all")));
}

OTTLA_TEST(GroupOffsetsTest)
#include "group_offsets_test.moc"
