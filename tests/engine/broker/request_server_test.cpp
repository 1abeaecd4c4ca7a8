#include "engine/broker/server/request_server.h"

#include "engine/protocol/messages/heartbeat_request.h"
#include "engine/protocol/messages/heartbeat_response.h"
#include "tests/engine/broker/server_peers.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;

namespace {

constexpr ApiVersion version{4};
using Correlations = std::vector<CorrelationId>;

HeartbeatResponse heartbeat(ErrorCode error) {
  HeartbeatResponse response;
  response.error_code = error;
  return response;
}

// A server whose handler writes down what it is given, and does what a test
// says.
struct Serving {
  CorrelationId ask(ConnectionId connection) {
    return peers.ask(connection, HeartbeatRequest(), version);
  }
  // What arrives while the handler runs waits for the next turn, as in a node.
  void frame(ConnectionId connection, std::string_view bytes) {
    QVERIFY(server.received(connection, Bytes::copy_of(bytes)));
    server.run_ready();
  }
  void answer(std::size_t begun, ErrorCode error = ErrorCode::none) {
    server.reply(handled.at(begun).token, heartbeat(error));
    server.run_ready();
  }
  Correlations begun() const {
    Correlations ids;
    for (const RequestContext& context : handled) ids.push_back(context.head.correlation_id);
    return ids;
  }

  BrokerEnv env;
  bool served = true;
  bool at_once = false;  // The handler answers by itself.
  std::vector<RequestContext> handled;
  std::optional<ByteChain> answer_to_bad_head;
  RequestServer server{env.env,
                       [this](const RequestContext& context, ByteReader&) {
                         if (at_once) server.reply(context.token, HeartbeatResponse());
                         handled.push_back(context);
                         return served;
                       },
                       [this](const protocol::DecodeError&) { return answer_to_bad_head; }};
  ServerPeers peers{env, server};
};

}  // namespace

class RequestServerTest : public QObject {
  Q_OBJECT
 private slots:
  void a_connection_has_one_request_in_progress();
  void responses_leave_in_the_order_of_the_requests();
  void connections_do_not_wait_for_each_other();
  void a_handler_that_answers_at_once_lets_all_have_their_turn();
  void a_handler_still_reads_its_request_after_the_answer();
  void a_response_carries_the_head_of_its_request();
  void a_response_in_another_version_is_written_in_it();
  void a_frame_that_another_node_answered_is_passed_on();
  void a_request_is_answered_once();

  void a_torn_head_closes_only_its_connection_and_says_so();
  void a_key_that_kafka_does_not_know_closes_its_connection();
  void a_body_that_is_not_served_closes_only_its_connection();
  void a_bad_head_may_be_answered_instead();
  void a_refused_request_closes_its_connection_with_the_reason();

  void a_muted_connection_is_answered_and_then_waits();
  void others_go_on_while_a_connection_is_muted();
  void a_longer_mute_is_not_cut_short_by_a_shorter_one();
  void a_muted_connection_may_close();

  void a_silent_end_sends_nothing_and_lets_the_next_begin();
  void a_connection_that_closes_takes_its_requests_with_it();
  void a_sender_learns_when_its_frame_is_begun();
  void frames_of_other_connections_are_not_taken();
  void requests_and_bytes_are_counted_by_api();
};

void RequestServerTest::a_connection_has_one_request_in_progress() {
  Serving serving;
  const ConnectionId client = serving.peers.connect("10.0.0.7");
  const CorrelationId first = serving.ask(client);
  const CorrelationId second = serving.ask(client);
  QVERIFY(serving.server.run_ready());
  QCOMPARE(serving.begun(), Correlations{first});
  QCOMPARE(serving.handled[0].peer_host, "10.0.0.7");
  QCOMPARE(serving.server.in_progress().size(), std::size_t{1});
  QVERIFY(!serving.server.run_ready());
  serving.answer(0);
  QCOMPARE(serving.begun(), (Correlations{first, second}));
  QVERIFY(serving.handled[0].token != serving.handled[1].token);
}

void RequestServerTest::responses_leave_in_the_order_of_the_requests() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  const Correlations asked{serving.ask(client), serving.ask(client), serving.ask(client)};
  serving.server.run_ready();
  for (std::size_t i = 0; i < 3; ++i) serving.answer(i);
  QCOMPARE(serving.peers.answered(client), asked);
}

void RequestServerTest::connections_do_not_wait_for_each_other() {
  Serving serving;
  const ConnectionId one = serving.peers.connect();
  const ConnectionId other = serving.peers.connect();
  serving.ask(one);
  const CorrelationId fast = serving.ask(other);
  serving.server.run_ready();
  serving.answer(1, ErrorCode::unknown_member_id);
  QVERIFY(serving.peers.answered(one).empty());
  QCOMPARE(serving.peers.answered(other), Correlations{fast});
}

void RequestServerTest::a_handler_that_answers_at_once_lets_all_have_their_turn() {
  Serving serving;
  serving.at_once = true;
  const ConnectionId one = serving.peers.connect();
  const ConnectionId other = serving.peers.connect();
  const Correlations asked{serving.ask(one), serving.ask(one)};
  const Correlations asked_by_other{serving.ask(other), serving.ask(other)};
  QVERIFY(serving.server.run_ready());
  QCOMPARE(serving.peers.answered(one), asked);
  QCOMPARE(serving.peers.answered(other), asked_by_other);
  QVERIFY(serving.server.in_progress().empty());
}

void RequestServerTest::a_handler_still_reads_its_request_after_the_answer() {
  const std::string host = "a-client-whose-name-has-memory-of-its-own.example.org";
  Serving serving;
  serving.at_once = true;
  const ConnectionId client = serving.peers.connect(host);
  const CorrelationId asked = serving.ask(client);
  serving.server.run_ready();
  QCOMPARE(serving.begun(), Correlations{asked});
  QCOMPARE(serving.handled[0].peer_host, host);
  QVERIFY(serving.server.in_progress().empty());
}

void RequestServerTest::a_response_carries_the_head_of_its_request() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  serving.server.run_ready();
  QCOMPARE(serving.handled[0].head.client_id, std::optional<std::string>("shop"));
  QCOMPARE(serving.server.connections().at(client).client_id, "shop");
  serving.answer(0, ErrorCode::illegal_generation);
  const auto response = serving.peers.take<HeartbeatResponse>(client);
  QVERIFY(response.has_value());
  QCOMPARE(response->error_code, ErrorCode::illegal_generation);
}

void RequestServerTest::a_response_in_another_version_is_written_in_it() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  const CorrelationId asked = serving.ask(client);
  serving.server.run_ready();
  serving.server.reply_in_version(serving.handled[0].token,
                                  heartbeat(ErrorCode::unsupported_version), ApiVersion{0});
  QCOMPARE(serving.peers.answered(client), Correlations{asked});
  // Correlation id and error code: neither the throttle time nor the tags of
  // version 4.
  QCOMPARE(serving.env.sent.back().frame.size(), std::size_t{6});
}

void RequestServerTest::a_frame_that_another_node_answered_is_passed_on() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  const CorrelationId second = (serving.ask(client), serving.ask(client));
  serving.server.run_ready();
  const Bytes frame = Bytes::copy_of(std::string_view("a whole response"));
  serving.server.reply_with_frame(serving.handled[0].token, frame);
  QVERIFY(serving.env.sent.back().frame == ByteChain(frame));
  serving.server.run_ready();
  QCOMPARE(serving.begun().back(), second);
}

void RequestServerTest::a_request_is_answered_once() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  serving.server.run_ready();
  QVERIFY(serving.server.is_pending(serving.handled[0].token));
  serving.answer(0);
  QVERIFY(!serving.server.is_pending(serving.handled[0].token));
  serving.answer(0);
  serving.server.finish_silently(serving.handled[0].token);
  serving.server.refuse(serving.handled[0].token, "late");
  QCOMPARE(serving.peers.answered(client).size(), std::size_t{1});
  QVERIFY(serving.env.closed.empty());
}

void RequestServerTest::a_torn_head_closes_only_its_connection_and_says_so() {
  Serving serving;
  const ConnectionId bad = serving.peers.connect("10.0.0.7");
  const ConnectionId good = serving.peers.connect();
  serving.frame(bad, "\x01\x02\x03");
  QCOMPARE(serving.env.closed, std::vector{bad});
  QCOMPARE(serving.env.notes.size(), std::size_t{1});
  QCOMPARE(serving.env.notes[0],
           "Closed the connection of 10.0.0.7: malformed or truncated message");
  QVERIFY(serving.handled.empty());
  QVERIFY(!serving.server.closed(bad));
  serving.ask(good);
  serving.server.run_ready();
  QCOMPARE(serving.handled.size(), std::size_t{1});
}

void RequestServerTest::a_key_that_kafka_does_not_know_closes_its_connection() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  using namespace std::string_view_literals;
  serving.frame(client, "\x03\xe7\0\0\0\0\0\x05\xff\xff"sv);
  QCOMPARE(serving.env.closed, std::vector{client});
  QVERIFY(serving.env.notes.at(0).find("unknown key 999") != std::string::npos);
}

void RequestServerTest::a_body_that_is_not_served_closes_only_its_connection() {
  Serving serving;
  const ConnectionId bad = serving.peers.connect();
  const ConnectionId good = serving.peers.connect();
  serving.ask(good);
  serving.server.run_ready();
  serving.served = false;
  serving.ask(bad);
  serving.ask(bad);
  serving.server.run_ready();
  QCOMPARE(serving.env.closed, std::vector{bad});
  QVERIFY(serving.env.notes.at(0).find("Heartbeat v4 is not served or is malformed") !=
          std::string::npos);
  QCOMPARE(serving.handled.size(), std::size_t{2});  // What waited behind it is dropped.
  QVERIFY(!serving.server.is_pending(serving.handled[1].token));
  serving.answer(0);
  QCOMPARE(serving.peers.answered(good).size(), std::size_t{1});
}

void RequestServerTest::a_bad_head_may_be_answered_instead() {
  Serving serving;
  const Bytes version_0 = Bytes::copy_of(std::string_view("unsupported"));
  serving.answer_to_bad_head = version_0;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  serving.server.run_ready();
  serving.frame(client, "\x01");
  const CorrelationId next = serving.ask(client);
  serving.server.run_ready();
  QVERIFY(serving.env.sent.empty());  // Its turn has not come.
  serving.answer(0);
  QCOMPARE(serving.env.sent.size(), std::size_t{2});
  QVERIFY(serving.env.sent[1].frame == ByteChain(version_0));
  QVERIFY(serving.env.closed.empty());
  QVERIFY(serving.env.notes.empty());
  QCOMPARE(serving.begun().back(), next);
}

void RequestServerTest::a_refused_request_closes_its_connection_with_the_reason() {
  Serving serving;
  const ConnectionId client = serving.peers.connect("10.0.0.7");
  serving.ask(client);
  serving.ask(client);
  serving.server.run_ready();
  serving.server.refuse(serving.handled[0].token, "the controller is gone");
  serving.server.run_ready();
  QCOMPARE(serving.env.closed, std::vector{client});
  QCOMPARE(serving.env.notes.at(0), "Closed the connection of 10.0.0.7: the controller is gone");
  QVERIFY(serving.env.sent.empty());
  QVERIFY(serving.server.in_progress().empty());
  QCOMPARE(serving.handled.size(), std::size_t{1});
}

void RequestServerTest::a_muted_connection_is_answered_and_then_waits() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  const CorrelationId first = serving.ask(client);
  const CorrelationId second = serving.ask(client);
  serving.server.run_ready();
  serving.server.mute(serving.handled[0].token, Duration::millis(300));
  serving.answer(0);
  QCOMPARE(serving.peers.answered(client), Correlations{first});
  QCOMPARE(serving.begun(), Correlations{first});
  QCOMPARE(serving.server.next_deadline(), std::optional(serving.env.time + Duration::millis(300)));
  serving.env.time += Duration::millis(299);
  serving.server.on_time();
  QVERIFY(!serving.server.run_ready());
  serving.env.time += Duration::millis(1);
  serving.server.on_time();
  serving.server.run_ready();
  QCOMPARE(serving.begun(), (Correlations{first, second}));
  QVERIFY(!serving.server.next_deadline());
}

void RequestServerTest::others_go_on_while_a_connection_is_muted() {
  Serving serving;
  const ConnectionId muted = serving.peers.connect();
  const ConnectionId other = serving.peers.connect();
  serving.ask(muted);
  serving.server.run_ready();
  serving.server.mute(serving.handled[0].token, Duration::seconds(1));
  serving.answer(0);
  serving.ask(muted);
  const CorrelationId asked = serving.ask(other);
  serving.server.run_ready();
  QCOMPARE(serving.begun().back(), asked);
  QCOMPARE(serving.begun().size(), std::size_t{2});
  QCOMPARE(serving.env.begun_with.size(), std::size_t{2});  // Its sender is held back too.
}

void RequestServerTest::a_longer_mute_is_not_cut_short_by_a_shorter_one() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  serving.server.run_ready();
  serving.server.mute(serving.handled[0].token, Duration::millis(500));
  serving.server.mute(serving.handled[0].token, Duration::millis(100));
  serving.server.mute(serving.handled[0].token, Duration());
  serving.answer(0);
  serving.ask(client);
  serving.env.time += Duration::millis(100);
  serving.server.on_time();
  serving.server.run_ready();
  QCOMPARE(serving.begun().size(), std::size_t{1});
  serving.env.time += Duration::millis(400);
  serving.server.on_time();
  serving.server.run_ready();
  QCOMPARE(serving.begun().size(), std::size_t{2});
}

void RequestServerTest::a_muted_connection_may_close() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  serving.ask(client);
  serving.server.run_ready();
  serving.server.mute(serving.handled[0].token, Duration::millis(500));
  serving.answer(0);
  QVERIFY(serving.server.closed(client));
  serving.env.time += Duration::millis(500);
  serving.server.on_time();
  serving.server.run_ready();
  QCOMPARE(serving.begun().size(), std::size_t{1});
  serving.server.mute(serving.handled[0].token, Duration::millis(500));  // Of a request long gone.
  QVERIFY(!serving.server.next_deadline());
}

void RequestServerTest::a_silent_end_sends_nothing_and_lets_the_next_begin() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  const CorrelationId next = serving.ask(client);
  serving.server.run_ready();
  serving.server.finish_silently(serving.handled[0].token);
  serving.server.run_ready();
  QCOMPARE(serving.begun().back(), next);
  serving.answer(1);
  QCOMPARE(serving.peers.answered(client), Correlations{next});
}

void RequestServerTest::a_connection_that_closes_takes_its_requests_with_it() {
  Serving serving;
  const ConnectionId gone = serving.peers.connect();
  const ConnectionId other = serving.peers.connect();
  serving.ask(gone);
  serving.ask(gone);
  serving.ask(other);
  serving.server.run_ready();
  QVERIFY(serving.server.closed(gone));
  QVERIFY(!serving.server.closed(gone));
  QVERIFY(!serving.server.is_pending(serving.handled[0].token));
  serving.answer(0);
  QVERIFY(serving.env.sent.empty());
  QCOMPARE(serving.handled.size(), std::size_t{2});
  serving.answer(1);
  QCOMPARE(serving.peers.answered(other).size(), std::size_t{1});
  QCOMPARE(serving.server.connections().size(), std::size_t{1});
}

// It may send more only then, or it could fill the memory with requests that wait.
void RequestServerTest::a_sender_learns_when_its_frame_is_begun() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  serving.ask(client);
  serving.ask(client);
  QVERIFY(serving.env.begun_with.empty());
  serving.server.run_ready();
  QCOMPARE(serving.env.begun_with, (std::vector{std::pair(client, serving.handled[0].bytes)}));
  serving.answer(0);
  QCOMPARE(serving.env.begun_with.size(), std::size_t{2});
}

void RequestServerTest::frames_of_other_connections_are_not_taken() {
  Serving serving;
  QVERIFY(!serving.server.received(ConnectionId{77}, Bytes::copy_of(std::string_view("x"))));
  QVERIFY(!serving.server.closed(ConnectionId{77}));
  QVERIFY(!serving.server.run_ready());
}

void RequestServerTest::requests_and_bytes_are_counted_by_api() {
  Serving serving;
  const ConnectionId client = serving.peers.connect();
  for (std::size_t request = 0; request < 2; ++request) {
    serving.ask(client);
    serving.server.run_ready();
    serving.env.time += Duration::millis(3);
    serving.answer(request);
  }
  const ApiStatistics& counted = serving.server.statistics().at(protocol::ApiKey::heartbeat);
  QCOMPARE(counted.requests, std::uint64_t{2});
  QCOMPARE(counted.bytes_in, std::uint64_t{2 * serving.handled[0].bytes});
  QCOMPARE(counted.bytes_out, std::uint64_t{2 * serving.env.sent[0].frame.size()});
  QCOMPARE(counted.total_micros, std::int64_t{6'000});
  QCOMPARE(serving.server.connections().at(client).requests, std::uint64_t{2});
}

OTTLA_TEST(RequestServerTest)
#include "request_server_test.moc"
