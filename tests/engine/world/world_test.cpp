#include "engine/world/world.h"

#include "tests/engine/world/toy_world.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;
using namespace ottla::world::test;
using Lines = std::vector<std::string>;

class WorldTest : public QObject {
  Q_OBJECT
 private slots:
  void a_killed_process_is_heard_closing_after_the_latency();
  void a_kill_behind_a_cut_link_is_heard_only_after_the_heal();
  void a_process_that_lost_power_resets_old_connections_once_it_is_back();
  void a_kill_keeps_the_page_cache();
  void timers_and_syncs_die_with_their_process();
  void a_cancelled_timer_is_never_delivered_even_when_it_was_held();
  void a_paused_process_hears_everything_late_and_in_order();
  void what_arrives_while_held_deliveries_drain_comes_after_them();
  void what_had_not_left_a_machine_is_lost_with_its_power();
  void a_shutdown_takes_the_time_the_node_needs();
  void a_clean_restart_starts_after_the_stop();
  void a_restart_makes_a_new_node_after_the_delay();
  void a_skewed_clock_shows_another_time_and_leaves_timers_alone();
  void external_frames_come_and_go_without_virtual_time();
  void an_external_connection_to_a_dead_process_is_closed();
  void a_step_delivers_one_thing();
};

void WorldTest::a_killed_process_is_heard_closing_after_the_latency() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.world.kill(toys.pb);
  QVERIFY(!toys.b.env);
  QVERIFY(toys.world.node_of(toys.pb) == nullptr);
  toys.a.env->network.send(connection, frame("into the void"));
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.a.heard.back(), std::string("11.000ms closed"));
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted a"}));
}

void WorldTest::a_kill_behind_a_cut_link_is_heard_only_after_the_heal() {
  ToyPair toys;
  toys.connect();
  toys.world.cut(toys.pb, toys.pa);
  toys.world.kill(toys.pb);
  toys.world.run_for(Duration::seconds(30));
  QCOMPARE(toys.a.plain(), (Lines{"start", "connected"}));
  toys.world.heal(toys.pb, toys.pa);
  toys.world.run_for(Duration::seconds(60));
  QCOMPARE(toys.a.plain(), (Lines{"start", "connected", "closed"}));
}

void WorldTest::a_process_that_lost_power_resets_old_connections_once_it_is_back() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.world.power_loss(toys.pb);
  toys.a.env->network.send(connection, frame("anyone?"));
  (void)toys.a.env->network.connect({"b", 9092});
  toys.world.run_for(Duration::seconds(60));
  QCOMPARE(toys.a.heard.back(), std::string("10010.000ms closed"));  // Of the second connection.
  toys.world.start(toys.pb);
  toys.world.run_for(Duration::seconds(60));
  QCOMPARE(toys.a.plain(), (Lines{"start", "connected", "closed", "closed"}));
  QCOMPARE(toys.a.latest, connection);
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted a", "start"}));
  QCOMPARE(toys.world.network().open_connections(), std::size_t{0});
}

void WorldTest::a_kill_keeps_the_page_cache() {
  ToyPair toys;
  const auto file = toys.a.env->disk.open("log", Disk::Open::create_new);
  QVERIFY(toys.a.env->disk.append(*file, frame("kept")));
  toys.world.restart(toys.pa, Duration::seconds(1));
  toys.world.run_for(Duration::seconds(2));
  QCOMPARE(read_file(toys.a.env->disk, "log")->text(), std::string_view("kept"));
}

void WorldTest::timers_and_syncs_die_with_their_process() {
  ToyPair toys;
  (void)toys.a.env->timers.arm(Duration::millis(100));
  const auto file = toys.a.env->disk.open("log", Disk::Open::create_new);
  QVERIFY(toys.a.env->disk.append(*file, frame("x")));
  toys.a.env->disk.sync(*file, DiskOperationId{1});
  toys.world.restart(toys.pa, Duration());
  toys.world.run_for(Duration());
  const auto again = toys.a.env->disk.open("log", Disk::Open::existing);
  toys.a.env->disk.sync(*again, DiskOperationId{2});
  (void)toys.a.env->timers.arm(Duration::millis(50));
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.a.plain(), (Lines{"start", "start", "disk 2 done", "timer"}));
}

void WorldTest::a_cancelled_timer_is_never_delivered_even_when_it_was_held() {
  ToyPair toys;
  const TimerId first = toys.a.env->timers.arm(Duration::millis(1));
  toys.a.env->timers.cancel(first);
  const TimerId second = toys.a.env->timers.arm(Duration::millis(1));
  toys.world.pause(toys.pa);
  toys.world.run_for(Duration::millis(5));
  toys.a.env->timers.cancel(second);
  toys.world.resume(toys.pa);
  toys.world.run_for(Duration::millis(5));
  QCOMPARE(toys.a.plain(), (Lines{"start"}));
}

void WorldTest::a_paused_process_hears_everything_late_and_in_order() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.world.pause(toys.pb);
  (void)toys.b.env->timers.arm(Duration::millis(20));
  toys.a.env->network.send(connection, frame("one"));
  toys.world.run_for(Duration::millis(50));
  toys.a.env->network.send(connection, frame("two"));
  toys.world.run_for(Duration::millis(50));
  QCOMPARE(toys.b.heard.size(), std::size_t{2});
  toys.world.resume(toys.pb);
  toys.a.env->network.send(connection, frame("three"));
  toys.world.run_for(Duration::millis(50));
  QCOMPARE(toys.b.heard,
           (Lines{"0.000ms start", "3.000ms accepted a", "110.000ms message one", "110.000ms timer",
                  "110.000ms message two", "111.000ms message three"}));
}

void WorldTest::what_arrives_while_held_deliveries_drain_comes_after_them() {
  ToyPair toys;
  const ConnectionId connection = toys.world.open_external({"b", 9092});
  toys.world.run_for(Duration());
  toys.world.pause(toys.pb);
  for (const char* text : {"one", "two", "three"})
    toys.world.external_send(connection, frame(text));
  toys.world.run_for(Duration::millis(1));
  toys.world.resume(toys.pb);
  toys.world.external_send(connection, frame("four"));
  toys.world.run_for(Duration());
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted 127.0.0.1", "message one", "message two",
                                  "message three", "message four"}));
}

void WorldTest::what_had_not_left_a_machine_is_lost_with_its_power() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.world.cut(toys.pa, toys.pb);
  toys.a.env->network.send(connection, frame("unsent"));
  toys.world.power_loss(toys.pa);
  toys.world.heal(toys.pa, toys.pb);
  toys.world.start(toys.pa);
  toys.world.run_for(Duration::seconds(300));
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted a"}));
}

void WorldTest::a_shutdown_takes_the_time_the_node_needs() {
  ToyPair toys;
  toys.connect();
  toys.b.slow_to_stop = true;
  toys.world.shutdown(toys.pb);
  toys.world.run_for(Duration::millis(499));
  QVERIFY(toys.world.status_of(toys.pb).state == ProcessState::stopping);
  toys.world.run_for(Duration::millis(100));
  QVERIFY(toys.world.status_of(toys.pb).state == ProcessState::stopped);
  QCOMPARE(toys.a.heard.back(), std::string("511.000ms closed"));
}

void WorldTest::a_clean_restart_starts_after_the_stop() {
  ToyPair toys;
  toys.b.slow_to_stop = true;
  toys.world.restart_cleanly(toys.pb, Duration::seconds(1));
  toys.world.run_for(Duration::seconds(5));
  QCOMPARE(toys.b.heard,
           (Lines{"0.000ms start", "0.000ms shutdown", "500.000ms timer", "1500.000ms start"}));
}

void WorldTest::a_restart_makes_a_new_node_after_the_delay() {
  ToyPair toys;
  toys.world.restart(toys.pb, Duration::seconds(1));
  QVERIFY(toys.world.status_of(toys.pb).state == ProcessState::stopped);
  toys.world.run_for(Duration::seconds(2));
  QCOMPARE(toys.b.heard, (Lines{"0.000ms start", "1000.000ms start"}));
  QCOMPARE(toys.world.status_of(toys.pb).incarnation, 2U);
}

void WorldTest::a_skewed_clock_shows_another_time_and_leaves_timers_alone() {
  ToyPair toys;
  toys.world.set_clock_skew(toys.pb, Duration::seconds(-3));
  (void)toys.b.env->timers.arm(Duration::seconds(5));
  toys.world.run_for(Duration::seconds(4));
  QCOMPARE(toys.b.heard.size(), std::size_t{1});
  toys.world.run_for(Duration::seconds(2));
  QCOMPARE(toys.b.heard.back(), std::string("2000.000ms timer"));
}

namespace {
struct RecordingSink final : ExternalSink {
  Lines heard;
  void on_frame(ConnectionId, ByteChain frame) override { heard.push_back(frame.to_string()); }
  void on_closed(ConnectionId) override { heard.emplace_back("closed"); }
  void on_begun(ConnectionId connection, std::size_t) override { begun.push_back(connection); }
  std::vector<ConnectionId> begun;
};
}  // namespace

void WorldTest::external_frames_come_and_go_without_virtual_time() {
  ToyPair toys;
  RecordingSink sink;
  toys.b.echo = true;
  toys.world.set_external_sink(&sink);
  const ConnectionId connection = toys.world.open_external({"b", 9092});
  toys.world.external_send(connection, frame("ping"));
  toys.world.run_for(Duration());
  QCOMPARE(sink.heard, (Lines{"ping"}));
  QCOMPARE(toys.b.heard,
           (Lines{"0.000ms start", "0.000ms accepted 127.0.0.1", "0.000ms message ping"}));
  toys.b.env->network.begun(SimNetwork::other_end(connection), 4);
  QVERIFY(sink.begun == std::vector<ConnectionId>{connection});
  toys.world.external_close(connection);
  toys.world.run_for(Duration());
  QCOMPARE(toys.b.plain().back(), std::string("closed"));
  QCOMPARE(sink.heard, (Lines{"ping"}));
}

void WorldTest::an_external_connection_to_a_dead_process_is_closed() {
  ToyPair toys;
  RecordingSink sink;
  toys.world.set_external_sink(&sink);
  const ConnectionId open = toys.world.open_external({"b", 9092});
  toys.world.run_for(Duration::millis(1));
  toys.world.kill(toys.pb);
  toys.world.run_for(Duration());
  QCOMPARE(sink.heard, (Lines{"closed"}));
  (void)toys.world.open_external({"b", 9092});
  toys.world.external_send(open, frame("gone"));
  toys.world.run_for(Duration());
  QCOMPARE(sink.heard, (Lines{"closed", "closed"}));
}

void WorldTest::a_step_delivers_one_thing() {
  ToyPair toys;
  const TimerId cancelled = toys.a.env->timers.arm(Duration::millis(1));
  (void)toys.a.env->timers.arm(Duration::millis(2));
  (void)toys.b.env->timers.arm(Duration::millis(2));
  toys.a.env->timers.cancel(cancelled);
  QVERIFY(toys.world.step());
  QCOMPARE(toys.a.plain(), (Lines{"start", "timer"}));
  QCOMPARE(toys.b.plain(), (Lines{"start"}));
  QCOMPARE(toys.world.now(), scenario_epoch + Duration::millis(2));
  QVERIFY(toys.world.step());
  QVERIFY(!toys.world.step());
}

OTTLA_TEST(WorldTest)
#include "world_test.moc"
