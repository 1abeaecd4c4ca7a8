// What snapshots of a running cluster tell the charts, the rings and the bars.
#include <algorithm>
#include <set>

#include "engine/base/byte_writer.h"
#include "engine/observe/event.h"
#include "engine/protocol/messages/join_group_request.h"
#include "engine/protocol/request_frame.h"
#include "engine/runtime/simulation_session.h"
#include "tests/support/test_registry.h"
#include "ui/views/inspector_content.h"

using namespace ottla;

namespace {

runtime::SimulationOptions everyday() {
  runtime::SimulationOptions options;
  options.running = false;
  options.cluster.seed = 7;
  options.cluster.workload = world::WorkloadSpec::everyday(options.cluster.brokers);
  return options;
}

std::string leader_of_orders_0(const observe::Snapshot& snapshot) {
  return std::to_string(snapshot.topic("orders")->partitions.front().leader->value());
}

const observe::MemberState* only_member(const observe::Snapshot& snapshot, std::string_view group) {
  const observe::GroupState* found = snapshot.group(group);
  return found == nullptr || found->members.size() != 1 ? nullptr : &found->members.front();
}

// A frame of a real consumer that joins a group with this session.timeout.ms.
Bytes join(const std::string& group, std::int32_t session_timeout_ms) {
  constexpr ApiVersion version(3);  // The newest with which a member joins in one request.
  protocol::JoinGroupRequest request;
  request.group_id = group;
  request.session_timeout_ms = session_timeout_ms;
  request.rebalance_timeout_ms = session_timeout_ms;
  request.protocol_type = "consumer";
  request.protocols.emplace_back().name = "range";
  ByteWriter writer;
  protocol::write_request_head(
      writer, {.key = protocol::ApiKey::join_group, .version = version, .client_id = "outside"});
  request.encode(writer, version);
  return writer.take();
}

}  // namespace

class LiveSnapshotTest : public QObject {
  Q_OBJECT
 private slots:
  void charts_of_events_tell_how_many_there_were_in_a_second();
  void a_members_ring_counts_its_own_session_timeout();
  void load_bars_compare_a_broker_with_the_others_that_run();
  void a_killed_broker_is_silent_until_it_is_fenced();
  void a_lag_in_seconds_is_the_age_of_what_was_not_read();
  void what_waits_on_a_cut_link_is_stalled_until_it_heals();
};

void LiveSnapshotTest::charts_of_events_tell_how_many_there_were_in_a_second() {
  runtime::SimulationSession session(everyday());
  session.run_to(Duration::seconds(10));
  (void)session.take_events();
  const Instant killed = session.snapshot()->run.now;
  const std::string leader = leader_of_orders_0(*session.snapshot());
  QCOMPARE(session.act({observe::Kill{leader}, Duration::seconds(5)}), std::string());
  session.run_to(Duration::seconds(40));

  const auto counted = [events = session.take_events().events](observe::EventKind kind) {
    return std::count_if(events.begin(), events.end(),
                         [&](const observe::Event& event) { return event.kind == kind; });
  };
  const auto snapshot = session.snapshot();
  const auto check = [&](const char* key, observe::EventKind kind) {
    const observe::Series* series = snapshot->history->find(key);
    QVERIFY2(series, key);
    double seconds_sum = 0;  // Each event is in the ten points of the second after it.
    for (const observe::Point& point : series->points) {
      if (point.at > killed) seconds_sum += point.value / 10;
    }
    QVERIFY(counted(kind) > 0);
    QCOMPARE(std::lround(seconds_sum), counted(kind));
    QCOMPARE(series->points.back().value, 0.0);
  };
  check("elections", observe::EventKind::leader_elected);
  check("isr_shrinks", observe::EventKind::isr_shrank);
  check("isr_expands", observe::EventKind::isr_expanded);
}

void LiveSnapshotTest::a_members_ring_counts_its_own_session_timeout() {
  runtime::SimulationOptions options = everyday();
  options.running = true;
  options.speed = 4;
  runtime::SimulationSession session(options);
  session.run_to(Duration::seconds(8));
  session.start();
  // The two that are not its coordinator refuse it.
  for (const Endpoint& listener : session.listeners())
    session.deliver(session.open(listener, "127.0.0.1"), join("outside", 10'000));
  const auto left = [&session] {
    const auto snapshot = session.snapshot();
    const observe::MemberState* member = only_member(*snapshot, "outside");
    return member == nullptr ? std::nullopt : member->session_left;
  };
  // It waits to join, and then sends no heartbeat: of 45 s a quarter would be left at most.
  QTRY_VERIFY(left());
  QVERIFY(*left() > 0.8);
  QTRY_VERIFY(!left() || (*left() < 0.7 && *left() > 0.3));
  QVERIFY2(left(), "it is gone before its session");
  const auto snapshot = session.snapshot();
  for (const observe::MemberState& member : snapshot->group("billing")->members)
    QVERIFY(*member.session_left > 0.85);  // 45 s, with a heartbeat each 3 s.
}

void LiveSnapshotTest::load_bars_compare_a_broker_with_the_others_that_run() {
  runtime::SimulationSession session(everyday());
  session.run_to(Duration::seconds(20));
  auto snapshot = session.snapshot();
  // Half, for the average of those that run; all, for twice that and more.
  const auto compares = [&](auto load, auto measure) {
    double sum = 0;
    double running = 0;
    for (const observe::BrokerState& broker : snapshot->brokers) {
      if (!(broker.load.*load)) continue;
      sum += measure(broker);
      ++running;
    }
    return running > 0 &&
           std::all_of(snapshot->brokers.begin(), snapshot->brokers.end(),
                       [&](const observe::BrokerState& broker) {
                         if (!(broker.load.*load)) return true;
                         const double part = measure(broker) * running / (2 * sum);
                         return std::abs(*(broker.load.*load) - std::min(1.0, part)) < 1e-6;
                       });
  };
  const auto traffic = [](const auto& broker) {
    return broker.bytes_in_per_s + broker.bytes_out_per_s;
  };
  QVERIFY(compares(&observe::Load::network, traffic));
  QVERIFY(compares(&observe::Load::requests, [](const auto& b) { return b.requests_per_s; }));
  QVERIFY(compares(&observe::Load::disk,
                   [](const auto& b) { return static_cast<double>(b.log_bytes); }));

  QCOMPARE(session.act({observe::Kill{"3"}, std::nullopt}), std::string());
  session.run_to(Duration::seconds(40));
  snapshot = session.snapshot();
  QVERIFY(!snapshot->brokers[2].load.network && !snapshot->brokers[2].load.requests);
  QCOMPARE(snapshot->brokers[2].requests_per_s, 0.0);
  QVERIFY(compares(&observe::Load::network, traffic));
}

void LiveSnapshotTest::a_killed_broker_is_silent_until_it_is_fenced() {
  runtime::SimulationSession session(everyday());
  const auto verdict = [&session](Duration at) {
    session.run_to(at);
    return ui::inspect(*session.snapshot(), {}, {}).verdict->title;
  };
  QVERIFY(verdict(Duration::seconds(10)).endsWith("partitions in sync"));
  const std::string leader = leader_of_orders_0(*session.snapshot());
  QCOMPARE(session.act({observe::Kill{leader}, {}}), std::string());
  QCOMPARE(verdict(Duration::seconds(13)),
           QString("Broker %1 is silent").arg(QString::fromStdString(leader)));
  QVERIFY(verdict(Duration::seconds(25)).endsWith("under-replicated"));
}

void LiveSnapshotTest::a_lag_in_seconds_is_the_age_of_what_was_not_read() {
  runtime::SimulationSession session(everyday());
  session.run_to(Duration::seconds(20));
  for (const char* member : {"billing-1", "billing-2", "billing-3"})
    QCOMPARE(session.act({observe::Pause{member}, std::nullopt}), std::string());
  session.run_to(Duration::seconds(25));
  // Without a producer the rate falls to nothing; what is unread grows older all the same.
  for (const char* producer : {"checkout", "pay-gw"})
    QCOMPARE(session.act({observe::SetProducerRate{producer, 0}, std::nullopt}), std::string());
  session.run_to(Duration::seconds(30));
  const double before = session.snapshot()->group("billing")->lag_time->count_seconds();
  QVERIFY2(before > 9.5 && before < 16,
           qPrintable(QString::number(before)));  // Commits are 5 s apart.
  session.run_to(Duration::seconds(40));
  const double after = session.snapshot()->group("billing")->lag_time->count_seconds();
  QVERIFY(std::abs(after - before - 10) < 0.01);
}

void LiveSnapshotTest::what_waits_on_a_cut_link_is_stalled_until_it_heals() {
  runtime::SimulationSession session(everyday());
  session.run_to(Duration::seconds(10));
  const auto stalled = [&session] {
    std::vector<observe::MessageInFlight> found;
    for (const auto& message : session.snapshot()->in_flight) {
      if (message.stalled) found.push_back(message);
    }
    return found;
  };
  QVERIFY(stalled().empty());
  QCOMPARE(session.act({observe::CutLink{"1", "2", false}, std::nullopt}), std::string());
  session.run_to(Duration::seconds(12));
  const auto waiting = stalled();
  QVERIFY(!waiting.empty());
  std::set<std::uint64_t> ids;
  for (const auto& message : waiting) {
    QVERIFY((message.from == "1" && message.to == "2") ||
            (message.from == "2" && message.to == "1"));
    QVERIFY(message.family == observe::ApiFamily::replicate);
    QVERIFY(ids.insert(message.id).second);
  }
  session.run_to(Duration::seconds(13));
  for (const auto& message : stalled()) ids.erase(message.id);
  QVERIFY(ids.empty());  // They are the same ones still.
  QCOMPARE(session.act({observe::HealLink{"1", "2"}, std::nullopt}), std::string());
  session.run_to(Duration::seconds(20));
  QVERIFY(stalled().empty());
}

OTTLA_TEST(LiveSnapshotTest)
#include "live_snapshot_test.moc"
