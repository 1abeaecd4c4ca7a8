#include "engine/broker/broker_lifecycle.h"

#include "tests/support/test_registry.h"

using namespace ottla;
using broker::BrokerLifecycle;
using protocol::ErrorCode;
using Send = BrokerLifecycle::Send;
using State = BrokerLifecycle::State;

namespace {

constexpr Instant start = Instant::from_millis(1'000);
constexpr Duration heartbeat = Duration::seconds(2);

Instant after(std::int64_t millis) {
  return start + Duration::millis(millis);
}

BrokerLifecycle fresh() {
  return BrokerLifecycle({.heartbeat = heartbeat, .session = Duration::seconds(9)});
}

BrokerLifecycle registered() {
  BrokerLifecycle lifecycle = fresh();
  (void)lifecycle.next(start);
  lifecycle.registration_answered(ErrorCode::none, BrokerEpoch{7}, start);
  (void)lifecycle.next(start);
  return lifecycle;
}

BrokerLifecycle running() {
  BrokerLifecycle lifecycle = registered();
  lifecycle.heartbeat_answered({.is_caught_up = true, .is_fenced = true}, start);
  lifecycle.ready_to_unfence(start);
  (void)lifecycle.next(start);
  lifecycle.heartbeat_answered({.is_caught_up = true}, start);
  return lifecycle;
}

}  // namespace

class BrokerLifecycleTest : public QObject {
  Q_OBJECT
 private slots:
  void it_registers_first_and_waits_for_the_answer();
  void it_asks_again_soon_while_it_catches_up();
  void it_stays_fenced_until_its_logs_are_open();
  void an_unfenced_broker_beats_by_its_interval();
  void a_broker_that_is_fenced_later_goes_on_running();
  void a_lost_registration_is_made_again();
  void it_stops_when_the_controller_lets_it();
  void one_that_never_registered_stops_at_once();
  void a_failed_directory_is_told_at_once_and_until_it_is_known();
};

void BrokerLifecycleTest::it_registers_first_and_waits_for_the_answer() {
  BrokerLifecycle lifecycle = fresh();
  QVERIFY(lifecycle.next(start) == Send::registration);
  QVERIFY(lifecycle.next(after(60'000)) == Send::nothing);
  lifecycle.registration_answered(ErrorCode::duplicate_broker_registration, BrokerEpoch{}, start);
  QVERIFY(lifecycle.next(after(99)) == Send::nothing);
  QVERIFY(lifecycle.next(after(100)) == Send::registration);
  lifecycle.registration_answered(ErrorCode::none, BrokerEpoch{7}, after(100));
  QCOMPARE(lifecycle.epoch().value(), 7);
  QVERIFY(lifecycle.state() == State::starting);
  QVERIFY(lifecycle.next(after(100)) == Send::heartbeat);
}

void BrokerLifecycleTest::it_asks_again_soon_while_it_catches_up() {
  BrokerLifecycle lifecycle = registered();
  lifecycle.heartbeat_answered({.is_caught_up = false, .is_fenced = true}, start);
  QVERIFY(!lifecycle.has_caught_up());
  QVERIFY(lifecycle.state() == State::starting);
  QVERIFY(lifecycle.next_deadline() == after(10));
}

void BrokerLifecycleTest::it_stays_fenced_until_its_logs_are_open() {
  BrokerLifecycle lifecycle = registered();
  lifecycle.heartbeat_answered({.is_caught_up = true, .is_fenced = true}, start);
  QVERIFY(lifecycle.has_caught_up());
  QVERIFY(lifecycle.state() == State::recovery);
  QVERIFY(lifecycle.wants_fence());
  lifecycle.ready_to_unfence(after(3));
  QVERIFY(!lifecycle.wants_fence());
  QVERIFY(lifecycle.next(after(3)) == Send::heartbeat);
}

void BrokerLifecycleTest::an_unfenced_broker_beats_by_its_interval() {
  BrokerLifecycle lifecycle = running();
  QVERIFY(lifecycle.state() == State::running);
  QVERIFY(lifecycle.next_deadline() == start + heartbeat);
  QVERIFY(lifecycle.last_heartbeat() == start);
}

void BrokerLifecycleTest::a_broker_that_is_fenced_later_goes_on_running() {
  BrokerLifecycle lifecycle = running();
  (void)lifecycle.next(after(2'000));
  lifecycle.heartbeat_answered({.is_caught_up = true, .is_fenced = true}, after(2'000));
  QVERIFY(lifecycle.state() == State::running);
  QVERIFY(!lifecycle.wants_fence());
}

void BrokerLifecycleTest::a_lost_registration_is_made_again() {
  BrokerLifecycle lifecycle = running();
  (void)lifecycle.next(after(2'000));
  lifecycle.heartbeat_answered({.error = ErrorCode::stale_broker_epoch}, after(2'000));
  QVERIFY(lifecycle.next(after(2'100)) == Send::registration);
  lifecycle.registration_answered(ErrorCode::none, BrokerEpoch{9}, after(2'100));
  // It has caught up once: what it leads, it goes on serving.
  QVERIFY(lifecycle.state() == State::recovery);
  QVERIFY(lifecycle.has_caught_up());
}

void BrokerLifecycleTest::it_stops_when_the_controller_lets_it() {
  BrokerLifecycle lifecycle = running();
  lifecycle.begin_shutdown(after(100));
  QVERIFY(lifecycle.wants_shutdown());
  QVERIFY(lifecycle.next(after(100)) == Send::heartbeat);
  lifecycle.heartbeat_answered({.is_caught_up = true}, after(100));
  QVERIFY(lifecycle.next_deadline() == after(150));
  (void)lifecycle.next(after(150));
  lifecycle.heartbeat_answered({.is_caught_up = true}, after(150));
  QVERIFY(lifecycle.next_deadline() == after(150) + heartbeat);
  (void)lifecycle.next(after(2'150));
  lifecycle.heartbeat_answered({.is_fenced = true, .should_shut_down = true}, after(2'150));
  QVERIFY(lifecycle.state() == State::stopped);
  QVERIFY(!lifecycle.next_deadline().has_value());
}

void BrokerLifecycleTest::one_that_never_registered_stops_at_once() {
  BrokerLifecycle lifecycle = fresh();
  lifecycle.begin_shutdown(start);
  QVERIFY(lifecycle.state() == State::stopped);
}

void BrokerLifecycleTest::a_failed_directory_is_told_at_once_and_until_it_is_known() {
  BrokerLifecycle lifecycle = running();
  const Uuid first{1, 1};
  const Uuid second{1, 2};
  QVERIFY(!lifecycle.untold());
  lifecycle.directory_failed(first, after(500), after(5'000));
  QVERIFY(lifecycle.next(after(500)) == Send::heartbeat);
  QVERIFY(lifecycle.offline_directories() == std::vector{first});
  lifecycle.directory_failed(second, after(510), after(5'010));  // While the answer is awaited.
  lifecycle.not_answered(after(520));
  QVERIFY(lifecycle.untold()->directory == first);
  QVERIFY(lifecycle.untold()->until == after(5'000));
  QVERIFY(lifecycle.next(after(620)) == Send::heartbeat);
  lifecycle.directory_failed(Uuid(1, 3), after(625), after(5'125));
  lifecycle.heartbeat_answered({.is_caught_up = true}, after(630));
  QVERIFY(lifecycle.untold()->directory == Uuid(1, 3));
  QVERIFY(lifecycle.next(after(630)) == Send::heartbeat);
  lifecycle.heartbeat_answered({.is_caught_up = true}, after(640));
  QVERIFY(!lifecycle.untold());
  QVERIFY(lifecycle.next_deadline() == after(640) + heartbeat);
}

OTTLA_TEST(BrokerLifecycleTest)
#include "broker_lifecycle_test.moc"
