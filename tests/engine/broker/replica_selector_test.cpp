#include "engine/broker/data/replica_selector.h"

#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;

namespace {

const metadata::ConfigValues by_rack = {
    {"replica.selector.class", std::string(rack_aware_replica_selector)}};

// Broker 1 stands in rack "a" and leads orders with ten records; 2 and 3 stand in "b".
struct Fixture : DataFixture {
  explicit Fixture(const metadata::ConfigValues& settings = by_rack) : DataFixture(settings) {
    place(1, "a");
    place(2, "b");
    place(3, "b");
    create_orders({1, 2, 3});
    write({.records = 6});
    write({.records = 4});
  }
  void place(int broker, const std::string& rack) {
    protocol::RegisterBrokerRecord record;
    record.broker_id = BrokerId{broker};
    record.broker_epoch = broker_epoch;
    record.fenced = false;
    record.rack = rack;
    record.end_points.push_back({.name = "PLAINTEXT", .host = "there", .port = 9092});
    apply(record);
  }
  static protocol::FetchRequest request_from(const std::string& rack, std::int64_t offset = 0) {
    protocol::FetchRequest request = fetch_request(offset);
    request.rack_id = rack;
    return request;
  }
  // "go to 2", or the offsets of the batches that were read.
  std::string read(const protocol::FetchRequest& request) { return said(ask(request)); }
  std::string said(ConnectionId client) {
    const auto answer = fetched(client);
    if (!answer) return "nothing";
    if (answer->error_code != ErrorCode::none)
      return std::string(protocol::name(answer->error_code));
    std::string text;
    if (answer->preferred_read_replica != no_broker)
      text = "go to " + std::to_string(answer->preferred_read_replica.value());
    for (const std::int64_t base : bases(*answer)) text += "read " + std::to_string(base) + " ";
    return text;
  }
};

}  // namespace

class ReplicaSelectorTest : public QObject {
  Q_OBJECT
 private slots:
  void a_consumer_is_sent_to_a_replica_in_its_rack();
  void the_one_that_has_most_is_chosen();
  void of_equals_the_one_with_the_greater_id_is_chosen();
  void who_stands_in_the_leaders_rack_reads_from_it();
  void where_no_replica_stands_the_leader_is_read();
  void who_tells_no_rack_reads_from_the_leader();
  void without_the_selector_the_leader_is_read();
  void replicas_out_of_sync_are_not_chosen();
  void replicas_without_the_offset_are_not_chosen();
  void fenced_replicas_are_not_chosen();
  void a_redirection_ends_the_wait();
  void a_session_is_told_of_it_every_time();
  void replicas_are_never_redirected();
};

void ReplicaSelectorTest::a_consumer_is_sent_to_a_replica_in_its_rack() {
  Fixture f;
  f.place(3, "c");
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 10);
  const auto answer = f.fetched(f.ask(Fixture::request_from("b")));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->preferred_read_replica, BrokerId{2});
  QVERIFY(answer->records->empty());
  QCOMPARE(answer->high_watermark, 10);
}

void ReplicaSelectorTest::the_one_that_has_most_is_chosen() {
  Fixture f;
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 6);
  QCOMPARE(f.read(Fixture::request_from("b")), "go to 2");
}

void ReplicaSelectorTest::of_equals_the_one_with_the_greater_id_is_chosen() {
  Fixture f;
  f.follower_reaches(3, 10);
  f.follower_reaches(2, 10);
  QCOMPARE(f.read(Fixture::request_from("b")), "go to 3");
}

void ReplicaSelectorTest::who_stands_in_the_leaders_rack_reads_from_it() {
  Fixture f;
  f.place(2, "a");
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 10);
  QCOMPARE(f.read(Fixture::request_from("a")), "read 0 read 6 ");
}

void ReplicaSelectorTest::where_no_replica_stands_the_leader_is_read() {
  Fixture f;
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 6);
  QCOMPARE(f.read(Fixture::request_from("z")), "read 0 ");
}

void ReplicaSelectorTest::who_tells_no_rack_reads_from_the_leader() {
  Fixture f;
  f.place(2, "");
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 6);
  QCOMPARE(f.read(Fixture::request_from("")), "read 0 ");
}

void ReplicaSelectorTest::without_the_selector_the_leader_is_read() {
  Fixture f(metadata::ConfigValues{});
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 6);
  QCOMPARE(f.read(Fixture::request_from("b")), "read 0 ");
}

void ReplicaSelectorTest::replicas_out_of_sync_are_not_chosen() {
  Fixture f;
  f.follower_reaches(2, 6);
  f.follower_reaches(3, 10);
  f.set_isr({1, 2});
  QCOMPARE(f.read(Fixture::request_from("b")), "go to 2");
}

void ReplicaSelectorTest::replicas_without_the_offset_are_not_chosen() {
  Fixture f;
  f.follower_reaches(2, 6);
  f.follower_reaches(3, 10, 7);
  QCOMPARE(f.read(Fixture::request_from("b", 6)), "go to 2");
  QCOMPARE(f.read(Fixture::request_from("b", 7)), "go to 3");
  f.place(3, "c");
  QCOMPARE(f.read(Fixture::request_from("b", 7)), "");
}

void ReplicaSelectorTest::fenced_replicas_are_not_chosen() {
  Fixture f;
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 10);
  protocol::BrokerRegistrationChangeRecord fenced;
  fenced.broker_id = BrokerId{3};
  fenced.broker_epoch = broker_epoch;
  fenced.fenced = 1;
  f.apply(fenced);
  QCOMPARE(f.read(Fixture::request_from("b")), "go to 2");
}

void ReplicaSelectorTest::a_redirection_ends_the_wait() {
  Fixture f;
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 10);
  protocol::FetchRequest request = Fixture::request_from("b", 10);
  request.max_wait_ms = 500;
  request.min_bytes = 1;
  QCOMPARE(f.read(request), "go to 3");
  request.rack_id = "a";
  QCOMPARE(f.read(request), "nothing");
}

void ReplicaSelectorTest::a_session_is_told_of_it_every_time() {
  Fixture f;
  f.follower_reaches(2, 10);
  f.follower_reaches(3, 10);
  protocol::FetchRequest request = Fixture::request_from("b");
  request.session_epoch = 0;
  const auto opened = f.peers.take<protocol::FetchResponse>(f.ask(request));
  QVERIFY(opened && opened->session_id != 0);
  request.session_id = opened->session_id;
  request.session_epoch = 1;
  request.topics.clear();
  QCOMPARE(f.read(request), "go to 3");
}

void ReplicaSelectorTest::replicas_are_never_redirected() {
  Fixture f;
  f.follower_reaches(3, 10);
  protocol::FetchRequest request = Fixture::request_from("b");
  request.replica_state = {.replica_id = BrokerId{2}, .replica_epoch = broker_epoch};
  QCOMPARE(f.read(request), "read 0 read 6 ");
}

OTTLA_TEST(ReplicaSelectorTest)
#include "replica_selector_test.moc"
