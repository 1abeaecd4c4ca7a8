#include "engine/runtime/simulation_session.h"

#include <atomic>
#include <future>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/request_frame.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::runtime;
using observe::CommandResult;
using observe::RunState;

namespace {

constexpr int patience_ms = 30'000;  // Of wall time.

SimulationOptions options(bool running = false) {
  SimulationOptions options;
  options.running = running;
  options.cluster.seed = 7;
  return options;
}

// A session whose clock stands still once its cluster serves.
struct Standing {
  Standing() { session.run_to(Duration::seconds(5)); }

  [[nodiscard]] RunState run() { return session.snapshot()->run; }
  [[nodiscard]] Duration since_start() { return run().now - run().start; }
  CommandResult act(observe::Action action) { return session.act({std::move(action), {}}); }

  SimulationSession session{options()};
};

// A session on its own thread, and what became of the commands that were posted to it.
struct Running {
  explicit Running(bool running = true) : session(options(running)) {
    session.run_to(Duration::seconds(5));
    session.start();
  }
  // What a command came to.
  CommandResult post(observe::Action action) {
    std::promise<CommandResult> done;
    auto result = done.get_future();
    session.post({std::move(action), {}},
                 [&done](const CommandResult& what) { done.set_value(what); });
    return result.get();
  }
  [[nodiscard]] RunState run() { return session.snapshot()->run; }

  SimulationSession session;
};

// A real client's side of a session.
struct Client final : OutsideSink {
  explicit Client(SimulationSession& to) : session(to) { session.attach(this); }
  ~Client() override { session.attach(nullptr); }

  void send(OutsideId, ByteChain frame) override {
    const std::lock_guard guard(lock);
    frames.push_back(std::move(frame));
  }
  void close(OutsideId) override { ++closed; }
  void begun(OutsideId, std::size_t bytes) override { bytes_begun += bytes; }

  [[nodiscard]] std::size_t received() {
    const std::lock_guard guard(lock);
    return frames.size();
  }
  // The answer to the request, which was asked in this version.
  template <class Response>
  [[nodiscard]] std::optional<Response> first(ApiVersion version) {
    const std::lock_guard guard(lock);
    ByteReader reader(frames.at(0));
    if (!protocol::read_response_head(reader, Response::api_key, version)) return std::nullopt;
    auto response = Response::decode(reader, version);
    return response ? std::optional(*std::move(response)) : std::nullopt;
  }

  SimulationSession& session;
  std::mutex lock;
  std::vector<ByteChain> frames;
  std::atomic<int> closed{0};
  std::atomic<std::size_t> bytes_begun{0};
};

constexpr ApiVersion create_version{7};

Bytes create_topic(const std::string& name) {
  protocol::CreateTopicsRequest request;
  request.timeout_ms = 5000;
  request.topics.push_back({.name = name, .num_partitions = 1, .replication_factor = 3});
  ByteWriter writer;
  protocol::write_request_head(writer, {.key = protocol::ApiKey::create_topics,
                                        .version = create_version,
                                        .correlation_id = CorrelationId{1},
                                        .client_id = "admin"});
  request.encode(writer, create_version);
  return writer.take();
}

}  // namespace

class SimulationSessionTest : public QObject {
  Q_OBJECT
 private slots:
  void before_it_starts_there_is_a_snapshot_and_no_time_passes();
  void a_paused_session_stands_still_until_it_is_told_to_run();
  void a_step_of_time_goes_so_far_and_pauses();
  void a_step_of_one_event_delivers_one();
  void it_runs_to_the_next_event_of_a_kind_and_pauses();
  void it_runs_at_the_speed_asked_for();
  void as_fast_as_it_can_is_far_faster_than_the_wall();
  void impossible_commands_say_why_and_change_nothing();
  void commands_are_answered_in_order_on_the_sessions_thread();
  void a_command_is_seen_in_the_next_snapshot();
  void events_come_once_and_those_that_do_not_fit_are_counted();
  void a_reader_is_woken_until_it_wants_no_more();
  void a_real_client_is_served_and_seen();
  void a_client_of_nobody_is_closed();
  void what_the_controller_does_not_answer_in_time_is_answered_timed_out();
  void it_stops_once_with_its_brokers_shut_down();
  void the_same_seed_and_steps_have_the_same_trace();
};

void SimulationSessionTest::before_it_starts_there_is_a_snapshot_and_no_time_passes() {
  SimulationSession session(options());
  const auto snapshot = session.snapshot();
  QVERIFY(snapshot && snapshot->run.now == snapshot->run.start);
  QCOMPARE(snapshot->brokers.size(), std::size_t{3});
  QCOMPARE(snapshot->run.kind, std::string("Simulation"));
  QCOMPARE(snapshot->run.seed, std::uint64_t{7});
  QVERIFY(snapshot->capabilities.can_step && snapshot->capabilities.can_inject_faults);
  QVERIFY(!session.is_ready());
  session.run_to(Duration::seconds(5));
  QVERIFY(session.is_ready());
  QCOMPARE(session.listeners().size(), std::size_t{3});
}

void SimulationSessionTest::a_paused_session_stands_still_until_it_is_told_to_run() {
  Running f(false);
  const Instant before = f.run().now;
  QTest::qWait(100);
  QVERIFY(f.run().now == before && !f.run().running);
  QCOMPARE(f.post(observe::SetRunning{true}), CommandResult());
  QTRY_VERIFY_WITH_TIMEOUT(f.run().now > before && f.run().running, patience_ms);
  QCOMPARE(f.post(observe::SetRunning{false}), CommandResult());
  QTRY_VERIFY_WITH_TIMEOUT(!f.run().running, patience_ms);
  const Instant paused = f.run().now;
  QTest::qWait(100);
  QCOMPARE(f.run().now, paused);
}

void SimulationSessionTest::a_step_of_time_goes_so_far_and_pauses() {
  Standing f;
  QCOMPARE(f.act(observe::SetRunning{true}), CommandResult());
  QCOMPARE(f.act(observe::StepTime{Duration::millis(250)}), CommandResult());
  QCOMPARE(f.since_start(), Duration::millis(5250));
  QVERIFY(!f.run().running);
  QCOMPARE(f.act(observe::StepTime{Duration()}), CommandResult());
  QCOMPARE(f.since_start(), Duration::millis(5250));
}

void SimulationSessionTest::a_step_of_one_event_delivers_one() {
  Standing f;
  const RunState before = f.run();
  QCOMPARE(f.act(observe::StepEvent{}), CommandResult());
  QCOMPARE(f.run().events, before.events + 1);
  QVERIFY(f.run().now >= before.now && f.run().trace_hash != before.trace_hash);
}

void SimulationSessionTest::it_runs_to_the_next_event_of_a_kind_and_pauses() {
  Standing f;
  (void)f.session.take_events();
  QCOMPARE(f.act(observe::Kill{"2"}), CommandResult());
  QCOMPARE(f.act(observe::RunToNext{"broker_fenced"}), CommandResult());
  const auto events = f.session.take_events().events;
  QVERIFY(events.back().kind == observe::EventKind::broker_fenced);
  QCOMPARE(events.back().at, f.run().now);
  QVERIFY(f.since_start() > Duration::seconds(10) && f.since_start() < Duration::seconds(20));
  QVERIFY(!f.run().running);
}

void SimulationSessionTest::it_runs_at_the_speed_asked_for() {
  Running f;
  QCOMPARE(f.post(observe::SetSpeed{5}), CommandResult());
  QTRY_COMPARE_WITH_TIMEOUT(f.run().speed, 5.0, patience_ms);
  QTRY_VERIFY_WITH_TIMEOUT(f.run().measured_speed > 3 && f.run().measured_speed < 6, patience_ms);
}

void SimulationSessionTest::as_fast_as_it_can_is_far_faster_than_the_wall() {
  Running f;
  QCOMPARE(f.post(observe::SetSpeed{std::numeric_limits<double>::infinity()}), CommandResult());
  QTRY_VERIFY_WITH_TIMEOUT(f.run().now - f.run().start > Duration::seconds(120), patience_ms);
  QCOMPARE(f.run().speed, Pacer::unlimited);
}

void SimulationSessionTest::impossible_commands_say_why_and_change_nothing() {
  Standing f;
  const RunState before = f.run();
  const auto refused = [&](observe::Action action, std::string_view why) {
    const CommandResult result = f.act(std::move(action));
    QVERIFY2(result.find(why) != std::string::npos, result.c_str());
  };
  refused(observe::SetSpeed{0.001}, "at least 0.01");
  refused(observe::SetSpeed{std::numeric_limits<double>::quiet_NaN()}, "at least 0.01");
  refused(observe::StepTime{Duration::seconds(-1)}, "goes forward");
  refused(observe::StepTime{Duration::seconds(601)}, "at most 10 minutes");
  refused(observe::Kill{"9"}, "9");
  refused(observe::Resume{"1"}, "1 is not paused");
  refused(observe::CutLink{"1", "nobody"}, "nobody");
  refused(observe::DelayLink{"1", "2", Duration::seconds(61)}, "between 0 and 60 s");
  refused(observe::DelayLink{"1", "2", {}, Jitter{Duration::seconds(61)}}, "jitter must lie");
  refused(observe::DeleteTopic{"orders"}, "No topic is called orders");
  refused(observe::CreateTopic{"orders", 0, 1, {}}, "larger than 0");
  refused(observe::CreateTopic{"orders", 1, 4, {}}, "between 1 and 3");
  refused(observe::CreateTopic{"a b", 1, 1, {}}, "a b");
  refused(observe::CreateTopic{"orders", 1, 1, {{"nonsense", "1"}}}, "nonsense");
  refused(observe::SetProducerRate{"nobody", 5}, "nobody");
  refused(observe::SetHotKeyShare{"checkout", 1.5}, "between 0 and 1");
  QCOMPARE(f.run().now, before.now);
  QCOMPARE(f.run().speed, before.speed);
  QCOMPARE(f.run().trace_hash, before.trace_hash);
  QVERIFY(f.session.snapshot()->topics.empty());
}

void SimulationSessionTest::commands_are_answered_in_order_on_the_sessions_thread() {
  Running f(false);
  std::mutex lock;
  std::vector<CommandResult> results;
  std::set<std::thread::id> threads;
  const auto post = [&](observe::Action action) {
    f.session.post({std::move(action), {}}, [&](CommandResult result) {
      const std::lock_guard guard(lock);
      results.push_back(std::move(result));
      threads.insert(std::this_thread::get_id());
    });
  };
  post(observe::Pause{"1"});
  post(observe::Pause{"1"});
  post(observe::Resume{"1"});
  f.session.post({observe::Kill{"2"}, {}});  // Nobody wants to know.
  QCOMPARE(f.post(observe::Resume{"1"}), CommandResult("1 is not paused"));
  const std::lock_guard guard(lock);
  QCOMPARE(results, (std::vector<CommandResult>{"", "1 is paused already", ""}));
  QCOMPARE(threads.size(), std::size_t{1});
  QVERIFY(*threads.begin() != std::this_thread::get_id());
}

void SimulationSessionTest::a_command_is_seen_in_the_next_snapshot() {
  Running f(false);
  QCOMPARE(f.post(observe::Kill{"2"}), CommandResult());
  QTRY_VERIFY_WITH_TIMEOUT(
      f.session.snapshot()->broker(BrokerId{2})->status == observe::ProcessStatus::down,
      patience_ms);
}

void SimulationSessionTest::events_come_once_and_those_that_do_not_fit_are_counted() {
  std::uint64_t told = 0;
  SimulationOptions with = options();
  with.tell = [&told](const observe::Event&) { ++told; };
  SimulationSession session(std::move(with));
  session.run_to(Duration::seconds(5));
  const auto first = session.take_events();
  QVERIFY(!first.events.empty() && first.events.front().number == 1);
  QCOMPARE(first.dropped, std::uint64_t{0});
  QVERIFY(session.take_events().events.empty());

  constexpr int kept = 100'000;
  constexpr int more = 10;
  const std::uint64_t before = told;
  for (int i = 0; i < (kept + more) / 2; ++i) {
    session.refused("frame");
    session.refused("frame");
  }
  session.start();
  QTRY_VERIFY_WITH_TIMEOUT(told >= before + kept + more, patience_ms);
  session.stop();
  const auto batch = session.take_events();
  QCOMPARE(batch.events.size(), std::size_t{kept});
  QCOMPARE(batch.dropped + kept, told - before);
  QCOMPARE(batch.events.front().number, before + batch.dropped + 1);
  QCOMPARE(session.take_events().dropped, std::uint64_t{0});
}

void SimulationSessionTest::a_reader_is_woken_until_it_wants_no_more() {
  Running f;
  std::atomic<int> woken{0};
  f.session.on_change([&woken] { ++woken; });
  QTRY_VERIFY_WITH_TIMEOUT(woken > 3, patience_ms);
  f.session.on_change({});
  const int then = woken;
  QTest::qWait(100);
  QCOMPARE(woken.load(), then);
}

void SimulationSessionTest::a_real_client_is_served_and_seen() {
  Running f;
  Client client(f.session);
  const OutsideId id = f.session.open(f.session.listeners().at(1), "192.0.2.7");
  const Bytes frame = create_topic("orders");
  const std::size_t size = frame.size();
  f.session.deliver(id, frame);
  QTRY_COMPARE_WITH_TIMEOUT(client.received(), std::size_t{1}, patience_ms);
  const auto created = client.first<protocol::CreateTopicsResponse>(create_version);
  QVERIFY(created && created->topics.at(0).error_code == protocol::ErrorCode::none);
  QCOMPARE(client.bytes_begun.load(), size);
  QTRY_VERIFY_WITH_TIMEOUT(f.session.snapshot()->topic("orders") != nullptr, patience_ms);
  const auto& seen = f.session.snapshot()->real_clients.at(0);
  QCOMPARE(seen.address, std::string("192.0.2.7"));
  QCOMPARE(seen.client_id, std::string("admin"));
  QCOMPARE(seen.node, BrokerId{2});
  f.session.closed(id);
  QTRY_VERIFY_WITH_TIMEOUT(f.session.snapshot()->real_clients.empty(), patience_ms);
  QCOMPARE(client.closed.load(), 0);
}

void SimulationSessionTest::a_client_of_nobody_is_closed() {
  Running f;
  Client client(f.session);
  QCOMPARE(f.post(observe::Kill{"2"}), CommandResult());
  (void)f.session.open(f.session.listeners().at(1), "192.0.2.7");
  QTRY_COMPARE_WITH_TIMEOUT(client.closed.load(), 1, patience_ms);
}

void SimulationSessionTest::what_the_controller_does_not_answer_in_time_is_answered_timed_out() {
  Running f;
  Client client(f.session);
  QCOMPARE(f.post(observe::Kill{"101"}), CommandResult());
  f.session.deliver(f.session.open(f.session.listeners().at(0), "192.0.2.7"),
                    create_topic("orders"));
  QCOMPARE(f.post(observe::SetSpeed{20}), CommandResult());
  const Instant asked = f.run().now;
  QTRY_COMPARE_WITH_TIMEOUT(client.received(), std::size_t{1}, patience_ms);
  QVERIFY(f.run().now - asked > Duration::seconds(25));
  const auto answer = client.first<protocol::CreateTopicsResponse>(create_version);
  QVERIFY(answer.has_value());
  QCOMPARE(answer->topics.at(0).name, std::string("orders"));
  QCOMPARE(answer->topics.at(0).error_code, protocol::ErrorCode::request_timed_out);
}

void SimulationSessionTest::it_stops_once_with_its_brokers_shut_down() {
  SimulationOptions with = options(true);
  SimulationSession session(std::move(with));
  session.run_to(Duration::seconds(5));
  session.start();
  session.stop();
  session.stop();
  const Instant stopped = session.snapshot()->run.now;
  session.post({observe::SetRunning{true}, {}});
  QTest::qWait(50);
  QCOMPARE(session.snapshot()->run.now, stopped);
  session.run_to(session.snapshot()->run.now - session.snapshot()->run.start);
  for (const auto& broker : session.snapshot()->brokers)
    QVERIFY(broker.status == observe::ProcessStatus::down);
}

void SimulationSessionTest::the_same_seed_and_steps_have_the_same_trace() {
  Standing stepped;
  Standing at_once;
  for (int i = 0; i < 10; ++i)
    QCOMPARE(stepped.act(observe::StepTime{Duration::millis(200)}), CommandResult());
  QCOMPARE(at_once.act(observe::StepTime{Duration::seconds(2)}), CommandResult());
  QCOMPARE(stepped.run().trace_hash, at_once.run().trace_hash);
  QCOMPARE(stepped.run().events, at_once.run().events);
}

OTTLA_TEST(SimulationSessionTest)
#include "simulation_session_test.moc"
