// What consumers wait for by their quota, and followers by the throttle of replication.
#include "engine/broker/data/fetch_service.h"
#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

// Broker 2 follows out of sync, and 100 bytes a second are let through.
struct Throttled : DataFixture {
  explicit Throttled(const char* throttled = "0:1") {
    create_orders({1, 2}, {{"leader.replication.throttled.replicas", throttled}});
    for (int i = 0; i < 5; ++i) write({.records = 50});
    set_isr({1});
    set_broker_config("leader.replication.throttled.rate", "100");
  }
  bool follower_gets_records() {
    FetchRequest request = fetch_request(0);
    request.replica_state = {.replica_id = BrokerId{2}, .replica_epoch = broker_epoch};
    const auto answer = fetched(ask(request));
    return answer && answer->error_code == ErrorCode::none && !answer->records->empty();
  }
};

}  // namespace

class FetchThrottleTest : public QObject {
  Q_OBJECT
 private slots:
  void over_its_quota_a_consumer_gets_nothing_and_is_muted();
  void a_fetch_that_got_nothing_was_for_nothing();
  void a_consumer_gets_no_more_at_once_than_its_quota_allows();
  void a_throttled_answer_begins_no_session();
  void a_session_that_was_throttled_is_told_everything_afterwards();
  void followers_have_no_quota();
  void a_throttled_follower_gets_nothing_while_the_rate_is_over();
  void a_follower_in_sync_is_never_throttled();
  void only_the_replicas_that_are_named_are_throttled();
};

void FetchThrottleTest::over_its_quota_a_consumer_gets_nothing_and_is_muted() {
  DataFixture f;
  f.create_orders({1});
  f.write({.records = 3});
  f.limit_client("consumer_byte_rate", 1);
  const ConnectionId client = f.ask(fetch_request(0));
  const auto answer = f.peers.take<FetchResponse>(client);
  QVERIFY(answer.has_value());
  QVERIFY(answer->throttle_time_ms > 0);
  QCOMPARE(answer->error_code, ErrorCode::none);
  QVERIFY(answer->responses.empty());
  const Instant end = f.env.time + Duration::millis(answer->throttle_time_ms);
  QCOMPARE(f.server.connections().at(client).muted_until, end);
  QCOMPARE(f.fetch_service.bytes_to_consumers(), std::uint64_t{0});
}

void FetchThrottleTest::a_fetch_that_got_nothing_was_for_nothing() {
  DataFixture f;
  f.create_orders({1});
  f.write({.records = 3});
  f.ask(fetch_request(0));
  f.limit_client("consumer_byte_rate", static_cast<double>(f.env.sent.back().frame.size()) / 10);
  const auto ask = [&] { return *f.peers.take<FetchResponse>(f.ask(fetch_request(0))); };
  QCOMPARE(ask().throttle_time_ms, 0);
  const std::int32_t wait_ms = ask().throttle_time_ms;
  QVERIFY(wait_ms > 5000);
  QCOMPARE(ask().throttle_time_ms, wait_ms);  // The one before is not counted.
}

void FetchThrottleTest::a_consumer_gets_no_more_at_once_than_its_quota_allows() {
  DataFixture f;
  f.create_orders({1});
  const BatchSpec batch{.records = 100};
  for (int i = 0; i < 30; ++i) f.write(batch);
  // Ten seconds' worth: ten batches, and some for the answer around them.
  f.limit_client("consumer_byte_rate", static_cast<double>(make_batch(batch).bytes().size()) + 15);
  const auto answer = f.fetched(f.ask(fetch_request(0)));
  QVERIFY(answer.has_value());
  QCOMPARE(bases(*answer).size(), std::size_t{10});
}

void FetchThrottleTest::a_throttled_answer_begins_no_session() {
  DataFixture f;
  f.create_orders({1});
  f.write();
  f.limit_client("consumer_byte_rate", 1);
  FetchRequest request = fetch_request(0);
  request.session_epoch = 0;
  const auto answer = f.peers.take<FetchResponse>(f.ask(request));
  QVERIFY(answer->throttle_time_ms > 0);
  QCOMPARE(answer->session_id, 0);
}

void FetchThrottleTest::a_session_that_was_throttled_is_told_everything_afterwards() {
  DataFixture f;
  f.create_orders({1});
  f.write();
  FetchRequest request = fetch_request(1);
  request.session_epoch = 0;
  const auto first = f.peers.take<FetchResponse>(f.ask(request));
  QVERIFY(first->session_id != 0);
  f.write();
  f.limit_client("consumer_byte_rate", 1);
  FetchRequest more;
  more.session_id = first->session_id;
  more.session_epoch = 1;
  const auto throttled = f.peers.take<FetchResponse>(f.ask(more));
  QVERIFY(throttled->throttle_time_ms > 0);
  QCOMPARE(throttled->session_id, first->session_id);
  QVERIFY(throttled->responses.empty());
  f.limit_client("consumer_byte_rate", 1e9);
  more.session_epoch = 2;
  const auto told = f.peers.take<FetchResponse>(f.ask(more));
  QCOMPARE(told->throttle_time_ms, 0);
  QCOMPARE(told->responses.size(), std::size_t{1});
}

void FetchThrottleTest::followers_have_no_quota() {
  DataFixture f;
  f.create_orders({1, 2});
  for (int i = 0; i < 3; ++i) f.write();
  f.limit_client("consumer_byte_rate", 1);
  FetchRequest request = fetch_request(0);
  request.replica_state = {.replica_id = BrokerId{2}, .replica_epoch = broker_epoch};
  const auto answer = f.peers.take<FetchResponse>(f.ask(request));
  QCOMPARE(answer->throttle_time_ms, 0);
  QCOMPARE(bases(answer->responses.at(0).partitions.at(0)).size(), std::size_t{3});
}

void FetchThrottleTest::a_throttled_follower_gets_nothing_while_the_rate_is_over() {
  Throttled f;
  QVERIFY(f.follower_gets_records());   // What goes over is let through,
  QVERIFY(!f.follower_gets_records());  // and then nothing is,
  f.pass(Duration::seconds(11));
  QVERIFY(f.follower_gets_records());  // until it is forgotten.
  f.set_broker_config("leader.replication.throttled.rate", "1000000000");
  QVERIFY(f.follower_gets_records());
}

void FetchThrottleTest::a_follower_in_sync_is_never_throttled() {
  Throttled f;
  f.set_isr({1, 2});
  for (int i = 0; i < 3; ++i) QVERIFY(f.follower_gets_records());
  f.set_isr({1});
  QVERIFY(!f.follower_gets_records());
}

void FetchThrottleTest::only_the_replicas_that_are_named_are_throttled() {
  for (const char* others : {"1:1", "0:2", "none", ""}) {
    Throttled f(others);
    for (int i = 0; i < 3; ++i) QVERIFY2(f.follower_gets_records(), others);
  }
  Throttled all("*");
  QVERIFY(all.follower_gets_records());
  QVERIFY(!all.follower_gets_records());
}

OTTLA_TEST(FetchThrottleTest)
#include "fetch_throttle_test.moc"
