#include "engine/wire/channel.h"

#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/messages/heartbeat_request.h"
#include "engine/protocol/messages/heartbeat_response.h"
#include "engine/protocol/messages/metadata_request.h"
#include "engine/wire/channel_pool.h"
#include "tests/engine/wire/fake_network.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::wire;
using namespace ottla::wire::test;
using protocol::ApiKey;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::MetadataRequest;

namespace {

constexpr ApiVersion v4{4};
const Endpoint broker{"broker-1", 9092};

ChannelOptions fixed_versions() {
  ChannelOptions options;
  options.client_id = "me";
  options.negotiate = false;
  return options;
}

// A channel with its seams, and a clock that a test moves.
struct Fixture {
  FakeNetwork network;
  FakeRandom random;
  Channel channel;
  Instant now = scenario_epoch;

  explicit Fixture(ChannelOptions options = fixed_versions())
      : channel(broker, network, random, std::move(options)) {}

  bool send(std::uint64_t token, SendOptions options = {}) {
    return channel.send(HeartbeatRequest(), v4, RequestToken(token), now, options);
  }
  void open() {
    channel.prepare(now);
    channel.on_connected(now);
  }
  void answer_oldest(std::size_t index, ErrorCode error = ErrorCode::none) {
    HeartbeatResponse response;
    response.error_code = error;
    channel.on_message(answer(network.sent.at(index), response), now);
  }
  // "1 ok", "2 no response in time", ...
  std::vector<std::string> ended() {
    std::vector<std::string> lines;
    for (const Completion& completion : channel.take_completions()) {
      lines.push_back(
          std::to_string(completion.token.value()) + " " +
          (completion.response ? "ok" : std::string(describe(completion.response.error()))));
    }
    return lines;
  }
};

using Lines = std::vector<std::string>;
const std::string timed_out = " " + std::string(describe(WireError::timed_out));
const std::string disconnected = " " + std::string(describe(WireError::disconnected));
const std::string not_sent = " " + std::string(describe(WireError::not_sent));
const std::string malformed = " " + std::string(describe(WireError::malformed_response));

}  // namespace

class ChannelTest : public QObject {
  Q_OBJECT
 private slots:
  void a_request_connects_and_is_written_once_connected();
  void responses_complete_their_requests_in_order_and_decode();
  void only_so_many_requests_are_in_flight();
  void a_full_queue_refuses();
  void a_request_without_response_completes_when_written();
  void a_held_channel_writes_nothing_until_its_time();
  void a_new_connection_is_not_held();
  void an_overdue_request_takes_its_connection_down();
  void a_lost_connection_fails_what_was_sent_and_what_waited();
  void reconnecting_waits_longer_after_each_failure_up_to_the_limit();
  void a_ready_connection_ends_the_growth_of_the_back_off();
  void a_connection_that_does_not_come_about_is_given_up();
  void the_next_deadline_follows_all_that_happens();
  void a_response_out_of_step_closes_the_connection();
  void versions_are_negotiated_before_anything_is_sent();
  void an_old_peer_is_asked_again_in_a_version_that_it_knows();
  void a_pool_routes_events_to_the_channel_of_the_connection();
};

void ChannelTest::a_request_connects_and_is_written_once_connected() {
  Fixture f;
  QVERIFY(f.send(1));
  QCOMPARE(f.network.connected_to.size(), std::size_t{1});
  QVERIFY(f.network.connected_to[0] == broker);
  QVERIFY(f.network.sent.empty());
  f.channel.on_connected(f.now);
  QCOMPARE(f.network.sent.size(), std::size_t{1});
  QVERIFY(f.network.sent[0].head.key == ApiKey::heartbeat);
  QCOMPARE(f.network.sent[0].head.version.value(), v4.value());
  QVERIFY(f.network.sent[0].head.client_id == "me");
}

void ChannelTest::responses_complete_their_requests_in_order_and_decode() {
  Fixture f;
  f.open();
  QVERIFY(f.send(7) && f.send(8));
  f.answer_oldest(0);
  f.answer_oldest(1, ErrorCode::rebalance_in_progress);
  const auto completions = f.channel.take_completions();
  QCOMPARE(completions.size(), std::size_t{2});
  QCOMPARE(completions[0].token.value(), std::uint64_t{7});
  QCOMPARE(completions[1].token.value(), std::uint64_t{8});
  const auto second = decode_response<HeartbeatResponse>(completions[1]);
  QVERIFY(second && second->error_code == ErrorCode::rebalance_in_progress);
  QVERIFY(!f.channel.next_deadline());
}

void ChannelTest::only_so_many_requests_are_in_flight() {
  ChannelOptions options = fixed_versions();
  options.in_flight_max = 2;
  Fixture f(options);
  f.open();
  QVERIFY(f.send(1) && f.channel.prepare(f.now));
  QVERIFY(f.send(2) && !f.channel.prepare(f.now));
  QVERIFY(f.send(3));
  QCOMPARE(f.network.sent.size(), std::size_t{2});
  f.answer_oldest(0);
  QCOMPARE(f.network.sent.size(), std::size_t{3});
}

void ChannelTest::a_full_queue_refuses() {
  ChannelOptions options = fixed_versions();
  options.queued_max = 2;
  Fixture f(options);
  QVERIFY(f.send(1) && f.send(2));
  QVERIFY(!f.send(3));
  QVERIFY(f.ended().empty());
}

void ChannelTest::a_request_without_response_completes_when_written() {
  Fixture f;
  f.open();
  QVERIFY(f.send(1, {.timeout = std::nullopt, .expects_response = false}));
  QCOMPARE(f.ended(), (Lines{"1 ok"}));
  QVERIFY(f.send(2));
  f.answer_oldest(1);
  QCOMPARE(f.ended(), (Lines{"2 ok"}));
}

void ChannelTest::a_held_channel_writes_nothing_until_its_time() {
  Fixture f;
  f.open();
  f.channel.hold_until(f.now + Duration::millis(500));
  f.channel.hold_until(f.now + Duration::millis(200));  // The longest counts.
  QVERIFY(!f.channel.prepare(f.now));
  QVERIFY(f.send(1));
  QVERIFY(f.network.sent.empty());
  QCOMPARE(f.channel.next_deadline(), std::optional(f.now + Duration::millis(500)));
  f.now += Duration::millis(499);
  f.channel.expire(f.now);
  QVERIFY(f.network.sent.empty());
  f.now += Duration::millis(1);
  f.channel.expire(f.now);
  QCOMPARE(f.network.sent.size(), std::size_t{1});
  f.answer_oldest(0);
  QVERIFY(f.channel.prepare(f.now));
}

void ChannelTest::a_new_connection_is_not_held() {
  Fixture f;
  f.open();
  f.channel.hold_until(f.now + Duration::seconds(60));
  f.channel.on_connection_closed(f.now);
  f.now += Duration::seconds(5);
  f.open();
  QVERIFY(f.channel.prepare(f.now));
}

void ChannelTest::an_overdue_request_takes_its_connection_down() {
  Fixture f;
  f.open();
  QVERIFY(f.send(1, {.timeout = Duration::seconds(2)}) && f.send(2));
  QVERIFY(f.channel.next_deadline() == f.now + Duration::seconds(2));
  f.now += Duration::seconds(1);
  f.channel.expire(f.now);
  QVERIFY(f.ended().empty());
  f.now += Duration::seconds(1);
  f.channel.expire(f.now);
  QCOMPARE(f.ended(), (Lines{"1" + timed_out, "2" + disconnected}));
  QCOMPARE(f.network.closed, (std::vector<ConnectionId>{ConnectionId{1}}));
  QVERIFY(f.channel.state() == Channel::State::idle);
}

void ChannelTest::a_lost_connection_fails_what_was_sent_and_what_waited() {
  ChannelOptions options = fixed_versions();
  options.in_flight_max = 1;
  Fixture f(options);
  f.open();
  QVERIFY(f.send(1) && f.send(2));
  f.channel.on_connection_closed(f.now);
  QCOMPARE(f.ended(), (Lines{"1" + disconnected, "2" + not_sent}));
  QVERIFY(f.network.closed.empty());
  QVERIFY(!f.channel.next_deadline());
}

void ChannelTest::reconnecting_waits_longer_after_each_failure_up_to_the_limit() {
  Fixture f;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 7; ++i) {
    QVERIFY(f.send(1));
    const auto wait = f.channel.state() == Channel::State::idle ? f.channel.next_deadline() : f.now;
    waits.push_back((*wait - f.now).count_millis());
    f.now = *wait;
    f.channel.expire(f.now);
    QVERIFY(f.channel.state() == Channel::State::connecting);
    f.channel.on_connection_closed(f.now);
  }
  QCOMPARE(waits, (std::vector<std::int64_t>{0, 50, 100, 200, 400, 800, 1000}));
  f.random.value = 400;  // The most that jitter adds, which the limit caps.
  f.channel.prepare(f.channel.connect_not_before());
  f.channel.on_connection_closed(f.now);
  QCOMPARE((f.channel.connect_not_before() - f.now).count_millis(), std::int64_t{1000});
  f.random.value = 0;
  f.channel.prepare(f.channel.connect_not_before());
  f.channel.on_connection_closed(f.now);
  QCOMPARE((f.channel.connect_not_before() - f.now).count_millis(), std::int64_t{800});
}

void ChannelTest::a_ready_connection_ends_the_growth_of_the_back_off() {
  Fixture f;
  for (int i = 0; i < 4; ++i) {
    f.channel.prepare(f.now = std::max(f.now, f.channel.connect_not_before()));
    f.channel.on_connection_closed(f.now);
  }
  f.channel.prepare(f.now = f.channel.connect_not_before());
  f.channel.on_connected(f.now);
  f.channel.on_connection_closed(f.now);
  QCOMPARE((f.channel.connect_not_before() - f.now).count_millis(), std::int64_t{50});
}

void ChannelTest::a_connection_that_does_not_come_about_is_given_up() {
  Fixture f;
  QVERIFY(f.send(1));
  QVERIFY(f.channel.next_deadline() == f.now + Duration::seconds(10));
  f.now += Duration::seconds(10);
  f.channel.expire(f.now);
  QCOMPARE(f.ended(), (Lines{"1" + not_sent}));
  QCOMPARE(f.network.closed.size(), std::size_t{1});
  f.channel.prepare(f.now = f.channel.connect_not_before());
  QVERIFY(f.channel.next_deadline() == f.now + Duration::seconds(20));
}

// It is kept from one call to the next, so it is asked for before and after each change.
void ChannelTest::the_next_deadline_follows_all_that_happens() {
  Fixture f;
  const auto is_due_in = [&f](std::int64_t millis) {
    return f.channel.next_deadline() == f.now + Duration::millis(millis);
  };
  QVERIFY(!f.channel.next_deadline());
  f.channel.prepare(f.now);
  QVERIFY(is_due_in(10'000));
  f.channel.on_connected(f.now);
  QVERIFY(!f.channel.next_deadline());
  QVERIFY(f.send(1, {.timeout = Duration::seconds(2)}));
  QVERIFY(is_due_in(2000));
  f.channel.hold_until(f.now + Duration::millis(500));
  QVERIFY(is_due_in(500));
  f.now += Duration::millis(500);
  f.channel.expire(f.now);
  QVERIFY(is_due_in(1500));
  f.answer_oldest(0);
  QVERIFY(!f.channel.next_deadline());
  QVERIFY(f.send(2, {.timeout = Duration::seconds(2)}));
  QVERIFY(is_due_in(2000));
  f.channel.on_connection_closed(f.now);
  QVERIFY(!f.channel.next_deadline());
  f.channel.prepare(f.now);
  QVERIFY(is_due_in(50));
}

void ChannelTest::a_response_out_of_step_closes_the_connection() {
  Fixture f;
  f.open();
  QVERIFY(f.send(1) && f.send(2));
  f.answer_oldest(1);
  QCOMPARE(f.ended(), (Lines{"1" + malformed, "2" + disconnected}));
  QCOMPARE(f.network.closed.size(), std::size_t{1});
}

void ChannelTest::versions_are_negotiated_before_anything_is_sent() {
  Fixture f{ChannelOptions()};
  QVERIFY(f.send(1));
  f.channel.on_connected(f.now);
  QCOMPARE(f.network.sent.size(), std::size_t{1});
  QVERIFY(f.network.sent[0].head.key == ApiKey::api_versions);
  QVERIFY(!f.channel.latest<MetadataRequest>());
  ApiVersionsResponse response;
  response.api_keys.resize(2);
  response.api_keys[0].api_key = 3;
  response.api_keys[0].max_version = 9;
  response.api_keys[1].api_key = 12;
  response.api_keys[1].min_version = response.api_keys[1].max_version = 99;
  f.channel.on_message(answer(f.network.sent[0], response), f.now);
  QVERIFY(f.channel.state() == Channel::State::ready);
  QVERIFY(f.channel.latest<MetadataRequest>() == ApiVersion{9});
  QVERIFY(f.channel.latest<MetadataRequest>(ApiVersion{4}) == ApiVersion{4});
  QVERIFY(!f.channel.latest<HeartbeatRequest>());
  QVERIFY(f.channel.peer_versions() != nullptr);
  QCOMPARE(f.network.sent.size(), std::size_t{2});
  QVERIFY(f.ended().empty());
}

void ChannelTest::an_old_peer_is_asked_again_in_a_version_that_it_knows() {
  Fixture f{ChannelOptions()};
  f.open();
  QCOMPARE(f.network.sent[0].head.version.value(), ApiVersionsRequest::max_version.value());
  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  response.api_keys.resize(1);
  response.api_keys[0].api_key = 18;
  response.api_keys[0].max_version = 2;
  FakeNetwork::Sent as_v0 = f.network.sent[0];
  as_v0.head.version = ApiVersion{0};
  f.channel.on_message(answer(as_v0, response), f.now);
  QCOMPARE(f.network.sent.size(), std::size_t{2});
  QCOMPARE(f.network.sent[1].head.version.value(), std::int16_t{2});
  response.error_code = ErrorCode::none;
  f.channel.on_message(answer(f.network.sent[1], response), f.now);
  QVERIFY(f.channel.state() == Channel::State::ready);
}

void ChannelTest::a_pool_routes_events_to_the_channel_of_the_connection() {
  FakeNetwork network;
  FakeRandom random;
  ChannelPool pool(network, random, fixed_versions());
  const Instant now = scenario_epoch;
  const Endpoint other{"broker-2", 9092};
  QVERIFY(pool.to(broker).send(HeartbeatRequest(), v4, RequestToken{1}, now));
  QVERIFY(pool.to(other).send(HeartbeatRequest(), v4, RequestToken{2}, now));
  QVERIFY(pool.on_connected(ConnectionId{2}, now));
  QVERIFY(!pool.on_connected(ConnectionId{3}, now));
  QCOMPARE(network.sent.size(), std::size_t{1});
  QVERIFY(pool.on_message(ConnectionId{2}, answer(network.sent[0], HeartbeatResponse()), now));
  pool.drop(broker, now);
  QVERIFY(pool.find(broker) == nullptr);
  const auto completions = pool.take_completions();
  QCOMPARE(completions.size(), std::size_t{2});
  QCOMPARE(completions[0].token.value(), std::uint64_t{1});
  QVERIFY(!completions[0].response && completions[0].response.error() == WireError::not_sent);
  QVERIFY(completions[1].response.has_value());
  QVERIFY(!pool.next_deadline());
}

OTTLA_TEST(ChannelTest)
#include "channel_test.moc"
