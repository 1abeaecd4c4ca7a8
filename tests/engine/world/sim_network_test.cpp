#include "engine/world/sim_network.h"

#include "tests/engine/world/toy_world.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::world;
using namespace ottla::world::test;
using Lines = std::vector<std::string>;

class SimNetworkTest : public QObject {
  Q_OBJECT
 private slots:
  void a_connection_takes_a_round_trip_and_its_acceptance_half_of_one_more();
  void messages_arrive_in_order_however_much_they_jitter_and_get_lost();
  void what_is_sent_over_a_cut_link_arrives_once_it_heals();
  void a_message_on_its_way_when_the_link_is_cut_arrives_after_the_heal();
  void connecting_over_a_cut_link_times_out();
  void connecting_where_nobody_listens_is_refused();
  void a_narrow_link_delays_what_queues_behind();
  void closing_delivers_what_was_sent_before_and_then_the_close();
  void a_process_may_connect_to_itself();
  void resetting_connections_closes_both_ends();
  void responses_count_under_the_api_of_their_request();
};

void SimNetworkTest::a_connection_takes_a_round_trip_and_its_acceptance_half_of_one_more() {
  ToyPair toys;
  toys.connect();
  QCOMPARE(toys.a.heard, (Lines{"0.000ms start", "2.000ms connected"}));
  QCOMPARE(toys.b.heard, (Lines{"0.000ms start", "3.000ms accepted a"}));
}

void SimNetworkTest::messages_arrive_in_order_however_much_they_jitter_and_get_lost() {
  WorldSpec spec = exact_world(3);
  spec.network.same_zone.jitter = {Duration::millis(50)};
  spec.network.same_zone.loss = 0.2;
  ToyPair toys(spec);
  const ConnectionId connection = toys.a.env->network.connect({"b", 9092});
  toys.world.run_for(Duration::seconds(5));
  Lines expected{"start", "accepted a"};
  for (int i = 0; i < 200; ++i) {
    toys.a.env->network.send(connection, frame(std::to_string(i)));
    expected.push_back("message " + std::to_string(i));
    toys.world.run_for(Duration::millis(1));
  }
  toys.world.run_for(Duration::seconds(300));
  QCOMPARE(toys.b.plain(), expected);
}

void SimNetworkTest::what_is_sent_over_a_cut_link_arrives_once_it_heals() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.world.cut(toys.pa, toys.pb);
  toys.a.env->network.send(connection, frame("one"));
  toys.a.env->network.send(connection, frame("two"));
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.b.heard.size(), std::size_t{2});
  toys.world.heal(toys.pa, toys.pb);
  toys.world.run_for(Duration::seconds(2));
  // Sent at 10 ms; TCP tries again 200, 600, 1400 ms later.
  QCOMPARE(toys.b.heard[2], std::string("1411.000ms message one"));
  QCOMPARE(toys.b.heard[3], std::string("1411.000ms message two"));
}

void SimNetworkTest::a_message_on_its_way_when_the_link_is_cut_arrives_after_the_heal() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.a.env->network.send(connection, frame("early"));
  toys.world.run_for(Duration::micros(500));
  toys.world.cut(toys.pa, toys.pb);
  toys.a.env->network.send(connection, frame("late"));
  toys.world.run_for(Duration::millis(100));
  QCOMPARE(toys.b.heard.size(), std::size_t{2});
  toys.world.heal(toys.pa, toys.pb);
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted a", "message early", "message late"}));
}

void SimNetworkTest::connecting_over_a_cut_link_times_out() {
  ToyPair toys;
  toys.world.cut(toys.pb, toys.pa);  // The answer is lost.
  (void)toys.a.env->network.connect({"b", 9092});
  toys.world.run_for(Duration::seconds(60));
  QCOMPARE(toys.a.heard, (Lines{"0.000ms start", "10000.000ms closed"}));
  QCOMPARE(toys.b.plain(), (Lines{"start"}));
  toys.world.heal(toys.pb, toys.pa);
  toys.world.run_for(Duration::seconds(200));
  QCOMPARE(toys.b.plain(), (Lines{"start"}));
  QCOMPARE(toys.world.network().open_connections(), std::size_t{0});
}

void SimNetworkTest::connecting_where_nobody_listens_is_refused() {
  ToyPair toys;
  (void)toys.a.env->network.connect({"b", 1});
  toys.world.kill(toys.pb);
  (void)toys.a.env->network.connect({"b", 9092});
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.a.heard, (Lines{"0.000ms start", "0.020ms closed", "2.000ms closed"}));
  QCOMPARE(toys.world.network().open_connections(), std::size_t{0});
}

void SimNetworkTest::a_narrow_link_delays_what_queues_behind() {
  WorldSpec spec = exact_world();
  spec.network.same_zone.bandwidth_bytes_per_s = 10'000;
  ToyPair toys(spec);
  const ConnectionId connection = toys.a.env->network.connect({"b", 9092});
  toys.world.run_for(Duration::seconds(1));
  const std::string hundred(96, 'x');  // And four bytes of length.
  toys.a.env->network.send(connection, frame(hundred));
  toys.a.env->network.send(connection, frame(hundred));
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.b.heard[2], "1011.000ms message " + hundred);
  QCOMPARE(toys.b.heard[3], "1021.000ms message " + hundred);
}

void SimNetworkTest::closing_delivers_what_was_sent_before_and_then_the_close() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  toys.a.env->network.send(connection, frame("last"));
  toys.a.env->network.close(connection);
  toys.a.env->network.send(connection, frame("too late"));
  toys.world.run_for(Duration::seconds(1));
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted a", "message last", "closed"}));
  QCOMPARE(toys.a.plain(), (Lines{"start", "connected"}));
  QCOMPARE(toys.world.network().open_connections(), std::size_t{0});
}

void SimNetworkTest::a_process_may_connect_to_itself() {
  ToyPair toys;
  const ConnectionId connection = toys.a.env->network.connect({"a", 9092});
  toys.world.run_for(Duration::millis(1));
  const ConnectionId accepted = toys.a.latest;
  QVERIFY(accepted != connection);
  toys.a.env->network.send(connection, frame("me"));
  toys.world.run_for(Duration::millis(1));
  QCOMPARE(toys.a.latest, accepted);
  QCOMPARE(toys.a.plain(), (Lines{"start", "connected", "accepted a", "message me"}));
}

void SimNetworkTest::resetting_connections_closes_both_ends() {
  ToyPair toys;
  toys.connect();
  toys.world.reset_connections(toys.pb, toys.pa);
  QCOMPARE(toys.a.plain(), (Lines{"start", "connected", "closed"}));
  QCOMPARE(toys.b.plain(), (Lines{"start", "accepted a", "closed"}));
}

void SimNetworkTest::responses_count_under_the_api_of_their_request() {
  ToyPair toys;
  const ConnectionId connection = toys.connect();
  using namespace std::string_view_literals;
  toys.a.env->network.send(connection, frame("\0\x03\0\x0c\0\0\0\x07 metadata"sv));
  QCOMPARE(toys.world.network().recent_messages().in_flight(toys.world.now(), 10).size(),
           std::size_t{1});
  toys.world.run_for(Duration::millis(5));
  toys.b.env->network.send(toys.b.latest, frame("\0\0\0\x07 answer"sv));
  const auto messages = toys.world.network().recent_messages().in_flight(toys.world.now(), 10);
  QCOMPARE(messages.size(), std::size_t{1});
  QVERIFY(messages[0].response);
  QCOMPARE(messages[0].api_key, std::int16_t{3});
  QCOMPARE(messages[0].arrives_at - messages[0].sent_at, Duration::millis(1));
  QCOMPARE(toys.world.link(toys.pa, toys.pb).statistics().by_api[3].bytes, std::uint64_t{21});
  QCOMPARE(toys.world.link(toys.pb, toys.pa).statistics().by_api[3].messages, std::uint64_t{1});
}

OTTLA_TEST(SimNetworkTest)
#include "sim_network_test.moc"
