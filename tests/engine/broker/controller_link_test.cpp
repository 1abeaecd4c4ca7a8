#include "engine/broker/controller_link.h"

#include <algorithm>

#include "engine/protocol/messages/broker_heartbeat_request.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/envelope_request.h"
#include "tests/engine/broker/broker_env.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using ottla::broker::test::BrokerEnv;
using protocol::EnvelopeRequest;
using protocol::EnvelopeResponse;
using protocol::ErrorCode;

namespace {

constexpr Duration patience = Duration::seconds(30);
const Endpoint controller_101{"controller-101", 9093};
const Endpoint controller_102{"controller-102", 9093};

// An Envelope as it left the broker.
struct Envelope {
  ConnectionId connection;
  protocol::RequestHead head;
  EnvelopeRequest request;
};

struct Linked {
  BrokerEnv env;
  ControllerLink link{env.env, "broker-1"};

  // A client's CreateTopics for `topic`.
  void forward(std::uint64_t token, const std::string& topic, Duration give_up_after = patience) {
    RequestContext context;
    context.token = RequestToken{token};
    context.head = {.key = protocol::ApiKey::create_topics,
                    .version = ApiVersion{7},
                    .correlation_id = CorrelationId{40},
                    .client_id = "shop"};
    protocol::CreateTopicsRequest request;
    request.topics.emplace_back().name = topic;
    link.forward(context, request, give_up_after, text("no answer for " + topic));
    settle();
  }
  static ByteChain text(const std::string& words) {
    return ByteChain(Bytes::copy_of(std::string_view(words)));
  }
  void elect(const std::optional<Endpoint>& leader) {
    link.set_leader(leader ? &*leader : nullptr);
    settle();
  }
  // Connections that were asked for open, but for those to an endpoint that is away.
  void settle() {
    auto more = link.take_forwarded();
    answers.insert(answers.end(), more.begin(), more.end());
    for (; connected < env.opened.size(); ++connected) {
      if (env.opened[connected].to == away) continue;
      link.on_connected(env.opened[connected].connection);
    }
  }
  void pass(Duration duration) {
    const Instant end = env.time + duration;
    while (true) {
      const auto due = link.next_deadline();
      if (!due || *due > end) break;
      env.time = std::max(env.time, *due);
      link.on_time();
      settle();
    }
    env.time = end;
  }
  // What was sent to an endpoint, in order.
  [[nodiscard]] std::vector<Envelope> envelopes(const Endpoint& to) const {
    std::vector<Envelope> all;
    for (const BrokerEnv::Sent& sent : env.sent) {
      const auto opened = std::find_if(env.opened.begin(), env.opened.end(), [&](const auto& each) {
        return each.connection == sent.connection;
      });
      if (!(opened->to == to)) continue;
      ByteReader reader(sent.frame);
      const auto head = protocol::read_request_head(reader);
      if (!head || head->key != protocol::ApiKey::envelope) continue;
      auto request = EnvelopeRequest::decode(reader, head->version);
      if (request) all.push_back({sent.connection, *head, *std::move(request)});
    }
    return all;
  }
  void answer(const Envelope& asked, ErrorCode error, const std::string& words = {}) {
    EnvelopeResponse response;
    response.error_code = error;
    if (!words.empty()) response.response_data = Bytes::copy_of(std::string_view(words));
    ByteWriter frame;
    protocol::write_response_head(frame, asked.head.key, asked.head.version,
                                  asked.head.correlation_id);
    response.encode(frame, asked.head.version);
    link.on_message(asked.connection, frame.take_chain());
    settle();
  }
  // "7: made" for each client's request that has its answer.
  [[nodiscard]] std::vector<std::string> answered() const {
    std::vector<std::string> all;
    for (const ControllerLink::Forwarded& each : answers)
      all.push_back(std::to_string(each.request.value()) + ": " + each.answer.to_string());
    return all;
  }

  std::vector<ControllerLink::Forwarded> answers;
  std::optional<Endpoint> away;
  std::size_t connected = 0;
};

using Answers = std::vector<std::string>;

}  // namespace

class ControllerLinkTest : public QObject {
  Q_OBJECT
 private slots:
  void a_clients_request_goes_as_it_came_and_its_answer_comes_back();
  void a_silent_controller_is_given_up_after_its_time();
  void without_a_controller_the_time_runs_too();
  void an_answer_that_comes_too_late_is_dropped();
  void one_that_is_not_the_controller_is_asked_again();
  void a_new_controller_is_asked_at_once();
  void what_the_old_controller_had_not_answered_goes_to_the_new_one();
  void a_lost_connection_is_tried_again();
  void a_controller_that_is_not_there_is_given_up_too();
  void requests_of_the_broker_itself_end_at_once_without_a_controller();
};

void ControllerLinkTest::a_clients_request_goes_as_it_came_and_its_answer_comes_back() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders");
  const auto envelopes = f.envelopes(controller_101);
  QCOMPARE(envelopes.size(), std::size_t{1});
  QCOMPARE(envelopes[0].head.client_id, std::optional<std::string>("broker-1"));
  ByteReader inner(ByteChain(envelopes[0].request.request_data));
  const auto head = protocol::read_request_head(inner);
  QVERIFY(head && head->client_id == "shop" && head->correlation_id == CorrelationId{40});
  const auto request = protocol::CreateTopicsRequest::decode(inner, head->version);
  QVERIFY(request && request->topics.at(0).name == "orders");
  f.answer(envelopes[0], ErrorCode::none, "made");
  QCOMPARE(f.answered(), (Answers{"7: made"}));
  f.pass(patience * 2);
  QCOMPARE(f.answered().size(), std::size_t{1});
}

void ControllerLinkTest::a_silent_controller_is_given_up_after_its_time() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders");
  f.forward(8, "payments", Duration::seconds(10));
  f.pass(Duration::seconds(10) - Duration::micros(1));
  QVERIFY(f.answered().empty());
  f.pass(Duration::micros(1));
  QCOMPARE(f.answered(), (Answers{"8: no answer for payments"}));
  f.pass(Duration::seconds(20));
  QCOMPARE(f.answered(), (Answers{"8: no answer for payments", "7: no answer for orders"}));
  QVERIFY(!f.link.next_deadline() || *f.link.next_deadline() > f.env.time);
}

void ControllerLinkTest::without_a_controller_the_time_runs_too() {
  Linked f;
  f.forward(7, "orders");
  QCOMPARE(f.link.next_deadline(), std::optional(f.env.time + patience));
  f.pass(patience - Duration::micros(1));
  QVERIFY(f.answered().empty());
  f.pass(Duration::micros(1));
  QCOMPARE(f.answered(), (Answers{"7: no answer for orders"}));
}

void ControllerLinkTest::an_answer_that_comes_too_late_is_dropped() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders", Duration::seconds(5));
  const auto envelopes = f.envelopes(controller_101);
  f.pass(Duration::seconds(6));
  f.answer(envelopes.at(0), ErrorCode::none, "made");
  QCOMPARE(f.answered(), (Answers{"7: no answer for orders"}));
}

void ControllerLinkTest::one_that_is_not_the_controller_is_asked_again() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders");
  f.answer(f.envelopes(controller_101).at(0), ErrorCode::not_controller);
  QVERIFY(f.answered().empty());
  f.pass(Duration::millis(99));
  QCOMPARE(f.envelopes(controller_101).size(), std::size_t{1});
  f.pass(Duration::millis(1));
  const auto envelopes = f.envelopes(controller_101);
  QCOMPARE(envelopes.size(), std::size_t{2});
  QVERIFY(envelopes[1].request == envelopes[0].request);
  f.answer(envelopes[1], ErrorCode::none, "made");
  QCOMPARE(f.answered(), (Answers{"7: made"}));
}

void ControllerLinkTest::a_new_controller_is_asked_at_once() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders");
  f.answer(f.envelopes(controller_101).at(0), ErrorCode::not_controller);
  f.elect(controller_102);
  f.pass(Duration());
  f.answer(f.envelopes(controller_102).at(0), ErrorCode::none, "made");
  QCOMPARE(f.answered(), (Answers{"7: made"}));
}

void ControllerLinkTest::what_the_old_controller_had_not_answered_goes_to_the_new_one() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders");
  const auto old = f.envelopes(controller_101);
  f.elect(std::nullopt);
  f.pass(Duration::seconds(2));
  f.elect(controller_102);
  f.pass(Duration::millis(100));
  const auto envelopes = f.envelopes(controller_102);
  QCOMPARE(envelopes.size(), std::size_t{1});
  f.answer(old.at(0), ErrorCode::none, "of a connection that is closed");
  QVERIFY(f.answered().empty());
  f.answer(envelopes[0], ErrorCode::none, "made");
  QCOMPARE(f.answered(), (Answers{"7: made"}));
}

void ControllerLinkTest::a_lost_connection_is_tried_again() {
  Linked f;
  f.elect(controller_101);
  f.forward(7, "orders");
  f.link.on_connection_closed(f.env.opened.at(0).connection);
  f.settle();
  f.pass(Duration::seconds(1));
  const auto envelopes = f.envelopes(controller_101);
  QCOMPARE(envelopes.size(), std::size_t{2});
  QVERIFY(envelopes[1].connection != envelopes[0].connection);
  f.answer(envelopes[1], ErrorCode::none, "made");
  QCOMPARE(f.answered(), (Answers{"7: made"}));
}

void ControllerLinkTest::a_controller_that_is_not_there_is_given_up_too() {
  Linked f;
  f.away = controller_101;
  f.elect(controller_101);
  f.forward(7, "orders");
  f.pass(patience);
  QCOMPARE(f.answered(), (Answers{"7: no answer for orders"}));
  QVERIFY(f.envelopes(controller_101).empty());
}

void ControllerLinkTest::requests_of_the_broker_itself_end_at_once_without_a_controller() {
  Linked f;
  protocol::BrokerHeartbeatRequest heartbeat;
  f.link.send(ControllerCall::heartbeat, heartbeat, ApiVersion{1}, Duration::seconds(1));
  const auto ended = f.link.take_ended();
  QCOMPARE(ended.size(), std::size_t{1});
  QVERIFY(ended[0].call == ControllerCall::heartbeat);
  QVERIFY(ended[0].completion.response.error() == wire::WireError::not_sent);
  QVERIFY(!f.link.is_under_way(ControllerCall::heartbeat));
}

OTTLA_TEST(ControllerLinkTest)
#include "controller_link_test.moc"
