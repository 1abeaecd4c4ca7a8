#include "tests/engine/metadata/controller_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::metadata;
using namespace ottla::metadata::test;
using protocol::ErrorCode;

class ControllerBrokersTest : public QObject {
  Q_OBJECT
 private slots:
  void a_registration_is_fenced_and_its_epoch_is_its_offset();
  void a_broker_is_unfenced_when_it_has_read_its_own_registration();
  void registrations_are_refused_as_kafka_refuses_them();
  void another_incarnation_waits_for_the_session_to_end();
  void a_heartbeat_with_an_old_epoch_is_stale();
  void a_silent_broker_is_fenced_and_its_partitions_move();
  void the_last_in_sync_replica_stays_in_sync_without_a_leader_and_leads_when_it_returns();
  void an_unclean_election_takes_any_live_replica();
  void a_controlled_shutdown_hands_over_before_it_ends();
  void a_broker_that_was_killed_and_returns_leads_nothing_at_first();
  void producer_ids_come_in_blocks();
  void an_unregistered_broker_is_gone();
};

void ControllerBrokersTest::a_registration_is_fenced_and_its_epoch_is_its_offset() {
  ControllerFixture f;
  const auto offset = static_cast<std::int64_t>(f.log.size());
  const auto response = f.start(1);
  QVERIFY(response.error_code == ErrorCode::none);
  QCOMPARE(response.broker_epoch, BrokerEpoch{offset});
  QVERIFY(f.controller.image().broker(BrokerId{1})->fenced);
}

void ControllerBrokersTest::a_broker_is_unfenced_when_it_has_read_its_own_registration() {
  ControllerFixture f;
  f.start(1);
  auto behind = f.beat_of(1);
  behind.current_metadata_offset = behind.current_metadata_offset.plus(-1);
  auto response = f.take(f.controller.heartbeat(behind, f.context()));
  QVERIFY(!response.is_caught_up && response.is_fenced);
  auto wants_fence = f.beat_of(1);
  wants_fence.want_fence = true;
  response = f.take(f.controller.heartbeat(wants_fence, f.context()));
  QVERIFY(response.is_caught_up && response.is_fenced);
  response = f.beat(1);
  QVERIFY(!response.is_fenced);
  QVERIFY(f.controller.image().is_active(BrokerId{1}));
}

void ControllerBrokersTest::registrations_are_refused_as_kafka_refuses_them() {
  ControllerFixture f;
  f.bring_up({1});
  const auto error = [&](auto&& request) {
    const auto result = f.controller.register_broker(request, f.context());
    return result.records.empty() ? result.response.error_code : ErrorCode::none;
  };
  auto foreign = f.registration(2);
  foreign.cluster_id = "another";
  QVERIFY(error(foreign) == ErrorCode::inconsistent_cluster_id);
  QVERIFY(error(f.registration(1, 2)) == ErrorCode::duplicate_broker_registration);
  auto without_directory = f.registration(2);
  without_directory.log_dirs.clear();
  QVERIFY(error(without_directory) == ErrorCode::invalid_registration);
  auto too_old = f.registration(2);
  too_old.features[0].max_supported_version = 20;
  QVERIFY(error(too_old) == ErrorCode::unsupported_version);
  QVERIFY(error(f.registration(2)) == ErrorCode::none);
}

void ControllerBrokersTest::another_incarnation_waits_for_the_session_to_end() {
  ControllerFixture f;
  f.bring_up({1});
  QVERIFY(f.start(1, 2).error_code == ErrorCode::duplicate_broker_registration);
  f.now += Duration::seconds(9);
  const auto epoch = f.controller.image().broker(BrokerId{1})->epoch;
  QVERIFY(f.start(1, 2).error_code == ErrorCode::none);
  QVERIFY(f.controller.image().broker(BrokerId{1})->epoch > epoch);
  QVERIFY(f.controller.image().broker(BrokerId{1})->fenced);
}

void ControllerBrokersTest::a_heartbeat_with_an_old_epoch_is_stale() {
  ControllerFixture f;
  f.bring_up({1});
  auto request = f.beat_of(1);
  request.broker_epoch = request.broker_epoch.plus(-1);
  QVERIFY(f.take(f.controller.heartbeat(request, f.context())).error_code ==
          ErrorCode::stale_broker_epoch);
  request.broker_id = BrokerId{9};
  QVERIFY(f.take(f.controller.heartbeat(request, f.context())).error_code ==
          ErrorCode::stale_broker_epoch);
}

void ControllerBrokersTest::a_silent_broker_is_fenced_and_its_partitions_move() {
  ControllerFixture f;
  f.bring_up({1, 2, 3});
  f.create_assigned("orders", {1, 2, 3});
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  QCOMPARE(f.controller.next_session_expiry(), std::optional(f.now + Duration::seconds(9)));
  f.expire_sessions_of_all_but({2, 3});
  QVERIFY(f.controller.image().broker(BrokerId{1})->fenced);
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{1});
  QCOMPARE(f.partition("orders").partition_epoch, PartitionEpoch{1});
  QCOMPARE(ids(f.partition("orders").isr), (std::vector<int>{2, 3}));
  QVERIFY(!f.controller.image().broker(BrokerId{2})->fenced);
}

void ControllerBrokersTest::
    the_last_in_sync_replica_stays_in_sync_without_a_leader_and_leads_when_it_returns() {
  ControllerFixture f({}, {{"eligible.leader.replicas.version", 0}});
  f.bring_up({1, 2});
  f.create_assigned("orders", {1});
  f.expire_sessions_of_all_but({2});
  QCOMPARE(f.partition("orders").leader, no_broker);
  QCOMPARE(ids(f.partition("orders").isr), (std::vector<int>{1}));
  f.start(1, 2);
  f.beat(1);
  QCOMPARE(f.partition("orders").leader, BrokerId{1});
  QCOMPARE(f.partition("orders").leader_epoch, LeaderEpoch{2});
}

void ControllerBrokersTest::an_unclean_election_takes_any_live_replica() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create_assigned("careful", {1, 2});
  f.create_assigned("careless", {1, 2}, {{"unclean.leader.election.enable", "true"}});
  f.expire_sessions_of_all_but({1});  // 2 leaves both in-sync sets.
  f.start(2, 2);
  f.beat(2);
  f.expire_sessions_of_all_but({2});
  QCOMPARE(f.partition("careful").leader, no_broker);
  QCOMPARE(f.partition("careless").leader, BrokerId{2});
  QCOMPARE(ids(f.partition("careless").isr), (std::vector<int>{2}));
  QVERIFY(f.partition("careless").leader_recovery_state == LeaderRecoveryState::recovering);
}

void ControllerBrokersTest::a_controlled_shutdown_hands_over_before_it_ends() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create_assigned("orders", {1, 2});
  auto response = f.beat(1, /*shut_down=*/true);
  QVERIFY(!response.should_shut_down);
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
  QCOMPARE(ids(f.partition("orders").isr), (std::vector<int>{2}));
  QVERIFY(f.controller.image().broker(BrokerId{1})->in_controlled_shutdown);
  response = f.beat(1, true);
  QVERIFY2(!response.should_shut_down, "broker 2 has not read the hand-over yet");
  f.beat(2);
  response = f.beat(1, true);
  QVERIFY(response.should_shut_down);
  QVERIFY(f.controller.image().broker(BrokerId{1})->fenced);
}

void ControllerBrokersTest::a_broker_that_was_killed_and_returns_leads_nothing_at_first() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create_assigned("orders", {1, 2});
  f.now += Duration::seconds(9);
  f.beat(2);
  f.start(1, 2);  // Before anybody noticed that it was gone.
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
  QCOMPARE(ids(f.partition("orders").isr), (std::vector<int>{2}));
}

void ControllerBrokersTest::producer_ids_come_in_blocks() {
  ControllerFixture f;
  f.bring_up({1});
  protocol::AllocateProducerIdsRequest request;
  request.broker_id = BrokerId{1};
  request.broker_epoch = f.controller.image().broker(BrokerId{1})->epoch;
  auto response = f.take(f.controller.allocate_producer_ids(request));
  QCOMPARE(response.producer_id_start, ProducerId{0});
  QCOMPARE(response.producer_id_len, 1000);
  response = f.take(f.controller.allocate_producer_ids(request));
  QCOMPARE(response.producer_id_start, ProducerId{1000});
  request.broker_epoch = BrokerEpoch{99};
  QVERIFY(f.take(f.controller.allocate_producer_ids(request)).error_code ==
          ErrorCode::stale_broker_epoch);
}

void ControllerBrokersTest::an_unregistered_broker_is_gone() {
  ControllerFixture f;
  f.bring_up({1, 2});
  f.create_assigned("orders", {1, 2});
  protocol::UnregisterBrokerRequest request;
  request.broker_id = BrokerId{1};
  QVERIFY(f.take(f.controller.unregister_broker(request)).error_code == ErrorCode::none);
  QVERIFY(f.controller.image().broker(BrokerId{1}) == nullptr);
  QCOMPARE(f.partition("orders").leader, BrokerId{2});
  QVERIFY(f.take(f.controller.unregister_broker(request)).error_code ==
          ErrorCode::broker_id_not_registered);
}

OTTLA_TEST(ControllerBrokersTest)
#include "controller_brokers_test.moc"
