#include "engine/gateway/control_api.h"

#include <QTest>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "tests/support/test_registry.h"

using namespace ottla;
using gateway::ControlApi;
using gateway::ControlReply;
using gateway::ControlRequest;
using nlohmann::json;

namespace {

// A session that answers commands at once, with what it is told to.
class FakeSession final : public observe::ClusterSession {
 public:
  using ClusterSession::post;
  void post(observe::Command command, std::function<void(observe::CommandResult)> done) override {
    commands.push_back(std::move(command));
    if (done) done(answer);
  }
  std::shared_ptr<const observe::Snapshot> snapshot() override { return shown; }
  observe::EventBatch take_events() override { return std::exchange(events, {}); }
  void on_change(std::function<void()>) override {}

  void happen(std::uint64_t number) {
    observe::Event event;
    event.number = number;
    event.text = "it happened";
    events.events.push_back(event);
  }

  std::shared_ptr<const observe::Snapshot> shown = std::make_shared<observe::Snapshot>();
  std::vector<observe::Command> commands;
  observe::CommandResult answer;
  observe::EventBatch events;
};

}  // namespace

class ControlApiTest : public QObject {
  Q_OBJECT
 private slots:
  void init();
  void the_cluster_is_shown();
  void events_come_in_pages_and_stay();
  void events_that_are_gone_are_counted();
  void a_command_is_posted_and_answered();
  void a_refused_command_is_a_conflict();
  void a_wrong_command_is_not_posted();
  void unknown_places_and_methods_are_said_in_json();
  void wrong_parameters_are_refused();
  void pages_of_other_sites_are_refused();

 private:
  ControlReply ask(const std::string& method, const std::string& target,
                   const std::string& body = {});
  ControlReply ask(const ControlRequest& request);

  std::optional<FakeSession> session_;
  std::optional<ControlApi> api_;
};

void ControlApiTest::init() {
  api_.reset();
  session_.emplace();
  api_.emplace(*session_);
}

ControlReply ControlApiTest::ask(const ControlRequest& request) {
  std::vector<ControlReply> replies;
  api_->handle(request, true, [&replies](ControlReply reply) { replies.push_back(reply); });
  return replies.size() == 1 ? replies[0] : gateway::control_error(0, "not answered once");
}

ControlReply ControlApiTest::ask(const std::string& method, const std::string& target,
                                 const std::string& body) {
  return ask(
      {.method = method, .target = target, .host = "127.0.0.1:8080", .origin = {}, .body = body});
}

void ControlApiTest::the_cluster_is_shown() {
  const ControlReply reply = ask("GET", "/v1/cluster");
  QCOMPARE(reply.status, 200U);
  const json shown = json::parse(reply.body);
  QVERIFY(shown.contains("quorum"));
  QVERIFY(!shown.contains("history"));
}

void ControlApiTest::events_come_in_pages_and_stay() {
  for (std::uint64_t number = 1; number <= 5; ++number) session_->happen(number);
  const json first = json::parse(ask("GET", "/v1/events?limit=2").body);
  QCOMPARE(first["events"].size(), std::size_t{2});
  QVERIFY(first["next_after"] == 2);
  const json rest = json::parse(ask("GET", "/v1/events?after=2").body);
  QCOMPARE(rest["events"].size(), std::size_t{3});
  QVERIFY(rest["events"][0]["number"] == 3);
  QVERIFY(rest["next_after"] == 5);
  QVERIFY(rest["dropped"] == 0);
  const json none = json::parse(ask("GET", "/v1/events?after=5").body);
  QVERIFY(none["events"].empty());
  QVERIFY(none["next_after"] == 5);
}

void ControlApiTest::events_that_are_gone_are_counted() {
  session_->happen(11);
  const json page = json::parse(ask("GET", "/v1/events?after=4").body);
  QVERIFY(page["dropped"] == 6);
  gateway::ControlEventLog log(2);
  observe::EventBatch batch;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    observe::Event event;
    event.number = number;
    batch.events.push_back(event);
  }
  log.add(std::move(batch));
  QCOMPARE(log.after(0, 10).dropped, std::uint64_t{1});
  QCOMPARE(log.after(0, 10).events.size(), std::size_t{2});
}

void ControlApiTest::a_command_is_posted_and_answered() {
  const ControlReply reply = ask("POST", "/v1/commands", R"({"command":"kill","node":2})");
  QCOMPARE(reply.status, 200U);
  QVERIFY(json::parse(reply.body)["result"] == "done");
  QCOMPARE(session_->commands.size(), std::size_t{1});
  QVERIFY(std::holds_alternative<observe::Kill>(session_->commands[0].action));
}

void ControlApiTest::a_refused_command_is_a_conflict() {
  session_->answer = "there is no node 9";
  const ControlReply reply = ask("POST", "/v1/commands", R"({"command":"kill","node":9})");
  QCOMPARE(reply.status, 409U);
  QVERIFY(json::parse(reply.body)["error"] == "there is no node 9");
}

void ControlApiTest::a_wrong_command_is_not_posted() {
  const ControlReply reply = ask("POST", "/v1/commands", R"({"command":"kil"})");
  QCOMPARE(reply.status, 400U);
  QVERIFY(json::parse(reply.body).contains("error"));
  QVERIFY(session_->commands.empty());
}

void ControlApiTest::unknown_places_and_methods_are_said_in_json() {
  const ControlReply missing = ask("GET", "/v1/clusters");
  QCOMPARE(missing.status, 404U);
  QVERIFY(json::parse(missing.body).contains("error"));
  const ControlReply wrong = ask("GET", "/v1/commands");
  QCOMPARE(wrong.status, 405U);
  QCOMPARE(wrong.allow, std::string("POST"));
  QVERIFY(json::parse(wrong.body).contains("error"));
  QCOMPARE(ask("POST", "/v1/cluster").status, 405U);
  QCOMPARE(ask("GET", "/").status, 200U);
}

void ControlApiTest::wrong_parameters_are_refused() {
  for (const char* target :
       {"/v1/events?after=-1", "/v1/events?after=x", "/v1/events?after=", "/v1/events?limit=0",
        "/v1/events?limit=10001", "/v1/events?afer=1", "/v1/cluster?history=maybe"}) {
    QVERIFY2(ask("GET", target).status == 400U, target);
  }
}

void ControlApiTest::pages_of_other_sites_are_refused() {
  ControlRequest request{.method = "POST",
                         .target = "/v1/commands",
                         .host = "localhost:8080",
                         .origin = "http://example.org",
                         .body = R"({"command":"kill","node":2})"};
  QCOMPARE(ask(request).status, 403U);
  request.origin = "http://localhost:8080";
  QCOMPARE(ask(request).status, 200U);
  request.origin.clear();
  request.host = "example.org:8080";
  QCOMPARE(ask(request).status, 403U);
  request.host = "127.0.0.1.example.org:8080";
  QCOMPARE(ask(request).status, 403U);
  QCOMPARE(session_->commands.size(), std::size_t{1});
}

OTTLA_TEST(ControlApiTest)
#include "control_api_test.moc"
