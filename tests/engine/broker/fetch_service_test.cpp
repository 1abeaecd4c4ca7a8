#include "engine/broker/data/fetch_service.h"

#include "engine/protocol/records/control_record.h"
#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

using Bases = std::vector<std::int64_t>;
constexpr TopicId payments_id{8, 8};
constexpr PartitionKey payments_0{payments_id, PartitionIndex{0}};

// A fetch that waits half a second for `bytes_min`.
FetchRequest patient(std::int64_t offset, std::int32_t bytes_min = 1) {
  FetchRequest request = fetch_request(offset);
  request.max_wait_ms = 500;
  request.min_bytes = bytes_min;
  return request;
}

FetchRequest from_follower(int broker, FetchRequest request) {
  request.replica_state = {.replica_id = BrokerId{broker}, .replica_epoch = broker_epoch};
  return request;
}

FetchRequest in_epoch(LeaderEpoch epoch, FetchRequest request) {
  partition_of(request).current_leader_epoch = epoch;
  return request;
}

FetchRequest in_session(std::int32_t id, std::int32_t epoch, FetchRequest request) {
  request.session_id = id;
  request.session_epoch = epoch;
  return request;
}

// The request, and the same of partition 0 of `payments`.
FetchRequest and_payments(FetchRequest request) {
  auto topic = request.topics.at(0);
  topic.topic_id = payments_id;
  request.topics.push_back(topic);
  return request;
}

std::int32_t size_of(const BatchSpec& spec) {
  return static_cast<std::int32_t>(make_batch(spec).size_in_bytes());
}

// `orders` on broker 1 alone: what is written is below the high watermark at once.
struct Alone : DataFixture {
  explicit Alone(int batches, const BatchSpec& spec = {}) {
    create_orders({1});
    for (int i = 0; i < batches; ++i) write(spec);
  }
};

}  // namespace

class FetchServiceTest : public QObject {
  Q_OBJECT
 private slots:
  void a_consumer_reads_up_to_the_high_watermark();
  void a_follower_reads_up_to_the_log_end_and_moves_the_high_watermark();
  void a_follower_that_has_caught_up_is_proposed_for_the_isr();
  void a_consumer_may_read_from_a_follower();
  void read_committed_stops_before_an_open_transaction();
  void read_committed_is_told_what_was_aborted();

  void a_fetch_waits_for_min_bytes();
  void a_fetch_ends_after_max_wait();
  void without_max_wait_it_ends_at_once();
  void an_append_alone_does_not_wake_a_consumer();
  void an_append_wakes_a_follower();
  void a_connection_that_closes_stops_waiting();
  void a_topic_that_is_deleted_ends_the_wait();
  void an_election_ends_the_wait_of_who_named_the_old_epoch();

  void offsets_outside_the_log_are_out_of_range();
  void an_older_epoch_is_fenced_and_a_newer_one_is_unknown();
  void an_error_ends_the_wait_for_all_partitions();
  void unknown_topics_and_partitions_are_told_apart();
  void a_broker_that_does_not_lead_names_who_does();
  void a_follower_learns_where_its_history_parts();

  void partition_max_bytes_takes_whole_batches();
  void the_first_batch_comes_however_large_it_is();
  void only_the_first_partition_is_spared_the_limit();
  void max_bytes_goes_over_all_partitions();
  void a_consumer_gets_no_more_than_fetch_max_bytes();

  void a_session_is_told_only_what_is_new();
  void a_wrong_session_epoch_is_told_without_partitions();
};

void FetchServiceTest::a_consumer_reads_up_to_the_high_watermark() {
  DataFixture f;
  f.create_orders({1, 2});
  f.write({.records = 2});
  f.write();
  f.follower_reaches(2, 2);
  const auto data = f.fetched(f.ask(fetch_request(0)));
  QVERIFY(data.has_value());
  QCOMPARE(data->error_code, ErrorCode::none);
  QCOMPARE(data->partition_index.value(), 0);
  QCOMPARE(bases(*data), Bases{0});
  QCOMPARE(data->high_watermark, 2);
  QCOMPARE(data->last_stable_offset.value(), 2);
  QCOMPARE(data->log_start_offset.value(), 0);
  f.follower_reaches(2, 3);
  const auto rest = f.fetched(f.ask(fetch_request(2)));
  QVERIFY(rest && bases(*rest) == Bases{2});
  QCOMPARE(f.fetch_service.bytes_to_consumers(),
           std::uint64_t{data->records->size() + rest->records->size()});
}

void FetchServiceTest::a_follower_reads_up_to_the_log_end_and_moves_the_high_watermark() {
  DataFixture f;
  f.create_orders({1, 2});
  f.write();
  f.write();
  const auto data = f.fetched(f.ask(from_follower(2, fetch_request(1))));
  QVERIFY(data.has_value());
  QCOMPARE(bases(*data), Bases{1});
  QCOMPARE(f.env.facts, std::vector<std::string>{"high watermark orders-0 0->1"});
  QVERIFY(f.fetch_service.bytes_to_followers() > 0);
  QCOMPARE(f.fetch_service.bytes_to_consumers(), std::uint64_t{0});
}

void FetchServiceTest::a_follower_that_has_caught_up_is_proposed_for_the_isr() {
  DataFixture f;
  f.create_orders({1, 2, 3});
  f.pass(Duration::seconds(31));  // replica.lag.time.max.ms, and broker 3 has fetched nothing.
  f.set_isr({1, 2});
  f.write();
  f.follower_reaches(2, 1);
  f.follower_reaches(3, 0);
  QVERIFY(f.replicas.take_proposals().empty());
  f.follower_reaches(3, 1);
  const auto proposals = f.replicas.take_proposals();
  QCOMPARE(proposals.size(), std::size_t{1});
  QCOMPARE(proposals.at(orders_0).isr.size(), std::size_t{3});
}

void FetchServiceTest::a_consumer_may_read_from_a_follower() {
  DataFixture f;
  f.create_orders({2, 1});
  BatchSpec spec{.leader_epoch = first_epoch};
  QVERIFY(f.replicas.append_fetched(f.orders(), make_batch(spec).bytes()).has_value());
  spec.base = Offset{1};
  QVERIFY(f.replicas.append_fetched(f.orders(), make_batch(spec).bytes()).has_value());
  f.replicas.move_high_watermark(f.orders(), Offset{1});
  const auto data = f.fetched(f.ask(fetch_request(0)));
  QVERIFY(data && data->error_code == ErrorCode::none);
  QCOMPARE(bases(*data), Bases{0});
  // Not so before KIP-392: version 10 knows no followers, and names topics.
  FetchRequest old = fetch_request(0);
  old.topics[0].topic = "orders";
  const ConnectionId client = f.peers.connect();
  f.peers.ask(client, old, ApiVersion{10});
  f.settle();
  const auto refused = f.fetched(client);
  QVERIFY(refused && refused->error_code == ErrorCode::not_leader_or_follower);
}

void FetchServiceTest::read_committed_stops_before_an_open_transaction() {
  Alone f(1);
  f.write({.producer = ProducerId{40}, .transactional = true});
  f.write();
  FetchRequest request = fetch_request(0);
  const auto all = f.fetched(f.ask(request));
  QVERIFY(all && bases(*all) == (Bases{0, 1, 2}));
  request.isolation_level = 1;
  const auto committed = f.fetched(f.ask(request));
  QVERIFY(committed.has_value());
  QCOMPARE(bases(*committed), Bases{0});
  QCOMPARE(committed->last_stable_offset.value(), 1);
  QCOMPARE(committed->high_watermark, 3);
}

void FetchServiceTest::read_committed_is_told_what_was_aborted() {
  Alone f(1);
  f.write({.producer = ProducerId{40}, .transactional = true});
  const protocol::RecordBatch marker = protocol::make_marker_batch(
      {.committed = false, .coordinator_epoch = 0}, {.producer_id = ProducerId{40},
                                                     .producer_epoch = ProducerEpoch{0},
                                                     .timestamp = f.env.time.millis_since_epoch()});
  QVERIFY(f.replicas.append_own(f.orders(), marker).has_value());
  f.settle();
  FetchRequest request = fetch_request(0);
  request.isolation_level = 1;
  const auto data = f.fetched(f.ask(request));
  QVERIFY(data.has_value());
  QCOMPARE(bases(*data), (Bases{0, 1, 2}));
  QVERIFY(data->aborted_transactions && data->aborted_transactions->size() == 1);
  QCOMPARE(data->aborted_transactions->at(0).producer_id, ProducerId{40});
  QCOMPARE(data->aborted_transactions->at(0).first_offset.value(), 1);
}

void FetchServiceTest::a_fetch_waits_for_min_bytes() {
  Alone f(0);
  const ConnectionId client = f.ask(patient(0, 2 * size_of({})));
  QCOMPARE(f.fetch_service.waiting(), std::size_t{1});
  f.write();
  QVERIFY(!f.fetched(client));
  f.write();
  const auto data = f.fetched(client);
  QVERIFY(data && bases(*data) == (Bases{0, 1}));
  QCOMPARE(f.fetch_service.waiting(), std::size_t{0});
  QVERIFY(!f.fetch_service.next_deadline());
}

void FetchServiceTest::a_fetch_ends_after_max_wait() {
  Alone f(0);
  const ConnectionId client = f.ask(patient(0, 100'000));
  f.write();
  f.pass(Duration::millis(499));
  QVERIFY(!f.fetched(client));
  f.pass(Duration::millis(1));
  const auto data = f.fetched(client);
  QVERIFY(data && bases(*data) == Bases{0});
  QVERIFY(!f.fetch_service.next_deadline());
}

void FetchServiceTest::without_max_wait_it_ends_at_once() {
  Alone f(0);
  FetchRequest request = patient(0);
  request.max_wait_ms = 0;
  const auto data = f.fetched(f.ask(request));
  QVERIFY(data.has_value());
  QCOMPARE(data->error_code, ErrorCode::none);
  QVERIFY(bases(*data).empty());
}

void FetchServiceTest::an_append_alone_does_not_wake_a_consumer() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId client = f.ask(patient(0));
  f.write();
  QVERIFY(!f.fetched(client));
  f.follower_reaches(2, 1);
  const auto data = f.fetched(client);
  QVERIFY(data && bases(*data) == Bases{0});
}

void FetchServiceTest::an_append_wakes_a_follower() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId follower = f.ask(from_follower(2, patient(0)));
  QVERIFY(!f.fetched(follower));
  f.write();
  const auto data = f.fetched(follower);
  QVERIFY(data && bases(*data) == Bases{0});
}

void FetchServiceTest::a_connection_that_closes_stops_waiting() {
  Alone f(0);
  const ConnectionId client = f.ask(patient(0, 100'000));
  QVERIFY(f.server.closed(client));
  f.write();
  QVERIFY(f.env.sent.empty());
  QCOMPARE(f.fetch_service.waiting(), std::size_t{0});
  QVERIFY(!f.fetch_service.next_deadline());
}

void FetchServiceTest::a_topic_that_is_deleted_ends_the_wait() {
  Alone f(0);
  const ConnectionId client = f.ask(patient(0));
  protocol::RemoveTopicRecord removed;
  removed.topic_id = orders_id;
  f.apply(removed);
  const auto data = f.fetched(client);
  QVERIFY(data && data->error_code != ErrorCode::none);
  QCOMPARE(f.fetch_service.waiting(), std::size_t{0});
}

void FetchServiceTest::an_election_ends_the_wait_of_who_named_the_old_epoch() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId client = f.ask(in_epoch(first_epoch, patient(0)));
  f.elect(2);
  const auto response = f.peers.take<FetchResponse>(client);
  QVERIFY(response.has_value());
  const auto& data = response->responses.at(0).partitions.at(0);
  QCOMPARE(data.error_code, ErrorCode::fenced_leader_epoch);
  QCOMPARE(data.current_leader.leader_id, BrokerId{2});
  QCOMPARE(data.current_leader.leader_epoch, first_epoch.next());
  QCOMPARE(response->node_endpoints.at(0).host, "broker-2");
}

void FetchServiceTest::offsets_outside_the_log_are_out_of_range() {
  Alone f(3);
  f.replicas.advance_log_start(f.orders(), Offset{2});
  for (const std::int64_t offset : {0, 1, 4}) {
    const auto data = f.fetched(f.ask(patient(offset)));
    QVERIFY(data.has_value());
    QCOMPARE(data->error_code, ErrorCode::offset_out_of_range);
    QVERIFY(bases(*data).empty());
    QCOMPARE(data->high_watermark, -1);
  }
  const auto first = f.fetched(f.ask(fetch_request(2)));
  QVERIFY(first && bases(*first) == Bases{2});
  const auto end = f.fetched(f.ask(fetch_request(3)));
  QVERIFY(end && end->error_code == ErrorCode::none && bases(*end).empty());
}

void FetchServiceTest::an_older_epoch_is_fenced_and_a_newer_one_is_unknown() {
  Alone f(1);
  const auto error_in = [&f](LeaderEpoch epoch) {
    const auto data = f.fetched(f.ask(in_epoch(epoch, patient(0))));
    return data ? data->error_code : ErrorCode::unknown_server_error;
  };
  QCOMPARE(error_in(LeaderEpoch{2}), ErrorCode::fenced_leader_epoch);
  QCOMPARE(error_in(first_epoch), ErrorCode::none);
  QCOMPARE(error_in(LeaderEpoch{4}), ErrorCode::unknown_leader_epoch);
}

void FetchServiceTest::an_error_ends_the_wait_for_all_partitions() {
  Alone f(0);
  const auto response = f.peers.take<FetchResponse>(f.ask(and_payments(patient(0))));
  QVERIFY(response && response->responses.size() == 2);
  QCOMPARE(response->responses[0].partitions.at(0).error_code, ErrorCode::none);
  QCOMPARE(response->responses[1].partitions.at(0).error_code, ErrorCode::unknown_topic_id);
}

void FetchServiceTest::unknown_topics_and_partitions_are_told_apart() {
  Alone f(0);
  FetchRequest unknown_topic = fetch_request(0);
  unknown_topic.topics[0].topic_id = Uuid(9, 9);
  const auto by_id = f.fetched(f.ask(unknown_topic));
  QVERIFY(by_id && by_id->error_code == ErrorCode::unknown_topic_id);
  FetchRequest unknown_partition = fetch_request(0);
  partition_of(unknown_partition).partition = PartitionIndex{1};
  const auto partition = f.fetched(f.ask(unknown_partition));
  QVERIFY(partition && partition->error_code == ErrorCode::unknown_topic_or_partition);
}

void FetchServiceTest::a_broker_that_does_not_lead_names_who_does() {
  DataFixture f;
  f.create_orders({2, 3});
  const auto response = f.peers.take<FetchResponse>(f.ask(fetch_request(0)));
  QVERIFY(response.has_value());
  const auto& data = response->responses.at(0).partitions.at(0);
  QCOMPARE(data.error_code, ErrorCode::not_leader_or_follower);
  QCOMPARE(data.current_leader.leader_id, BrokerId{2});
  QCOMPARE(response->node_endpoints.at(0).node_id, BrokerId{2});
  QCOMPARE(response->node_endpoints.at(0).host, "broker-2");
}

void FetchServiceTest::a_follower_learns_where_its_history_parts() {
  DataFixture f;
  f.create_orders({1, 2});
  f.write({.records = 2});
  f.elect(1);
  f.write({.records = 3});
  FetchRequest request = from_follower(2, patient(4));
  partition_of(request).last_fetched_epoch = first_epoch;
  const auto data = f.fetched(f.ask(request));
  QVERIFY(data.has_value());
  QCOMPARE(data->error_code, ErrorCode::none);
  QCOMPARE(data->diverging_epoch.epoch, first_epoch.value());
  QCOMPARE(data->diverging_epoch.end_offset.value(), 2);
  QVERIFY(bases(*data).empty());
  // What it has beyond that does not count.
  QCOMPARE(f.orders().high_watermark().value(), 0);
  partition_of(request).fetch_offset = Offset{2};
  const auto next = f.fetched(f.ask(request));
  QVERIFY(next && next->diverging_epoch.end_offset == no_offset);
  QCOMPARE(bases(*next), Bases{2});
}

void FetchServiceTest::partition_max_bytes_takes_whole_batches() {
  Alone f(4);
  FetchRequest request = fetch_request(0);
  partition_of(request).partition_max_bytes = 3 * size_of({}) - 1;
  const auto data = f.fetched(f.ask(request));
  QVERIFY(data && bases(*data) == (Bases{0, 1}));
}

void FetchServiceTest::the_first_batch_comes_however_large_it_is() {
  Alone f(2, {.value_bytes = 5'000});
  FetchRequest request = fetch_request(0);
  request.max_bytes = 100;
  partition_of(request).partition_max_bytes = 10;
  const auto data = f.fetched(f.ask(request));
  QVERIFY(data && bases(*data) == Bases{0});
}

void FetchServiceTest::only_the_first_partition_is_spared_the_limit() {
  Alone f(1);
  f.create_topic("payments", payments_id, {1});
  QVERIFY(f.replicas.append_own(*f.replicas.find(payments_0), make_batch()).has_value());
  f.settle();
  FetchRequest request = fetch_request(0);
  partition_of(request).partition_max_bytes = size_of({}) - 1;
  const auto response = f.peers.take<FetchResponse>(f.ask(and_payments(request)));
  QVERIFY(response && response->responses.size() == 2);
  QCOMPARE(bases(response->responses[0].partitions[0]), Bases{0});
  QVERIFY(response->responses[1].partitions[0].records->size() <
          static_cast<std::size_t>(size_of({})));
  QCOMPARE(response->responses[1].partitions[0].high_watermark, 1);
}

void FetchServiceTest::max_bytes_goes_over_all_partitions() {
  Alone f(2);
  f.create_topic("payments", payments_id, {1});
  for (int i = 0; i < 2; ++i)
    QVERIFY(f.replicas.append_own(*f.replicas.find(payments_0), make_batch()).has_value());
  f.settle();
  FetchRequest request = fetch_request(0);
  request.max_bytes = 3 * size_of({});
  const auto response = f.peers.take<FetchResponse>(f.ask(and_payments(request)));
  QVERIFY(response && response->responses.size() == 2);
  QCOMPARE(bases(response->responses[0].partitions[0]), (Bases{0, 1}));
  QCOMPARE(bases(response->responses[1].partitions[0]), Bases{0});
}

void FetchServiceTest::a_consumer_gets_no_more_than_fetch_max_bytes() {
  DataFixture f(metadata::ConfigValues{{"fetch.max.bytes", "2000"}});
  f.create_orders({1});
  for (int i = 0; i < 3; ++i) f.write({.value_bytes = 900});
  const auto data = f.fetched(f.ask(fetch_request(0)));
  QVERIFY(data && bases(*data) == (Bases{0, 1}));
}

void FetchServiceTest::a_session_is_told_only_what_is_new() {
  Alone f(1);
  f.create_topic("payments", payments_id, {1});
  const auto first =
      f.peers.take<FetchResponse>(f.ask(in_session(0, 0, and_payments(fetch_request(0)))));
  QVERIFY(first && first->session_id != 0);
  QCOMPARE(first->responses.size(), std::size_t{2});
  FetchRequest next = patient(1);
  const ConnectionId client = f.ask(in_session(first->session_id, 1, next));
  QVERIFY(f.env.sent.empty());
  QVERIFY(f.replicas.append_own(*f.replicas.find(payments_0), make_batch()).has_value());
  f.settle();
  const auto second = f.peers.take<FetchResponse>(client);
  QVERIFY(second.has_value());
  QCOMPARE(second->session_id, first->session_id);
  QCOMPARE(second->responses.size(), std::size_t{1});
  QCOMPARE(second->responses[0].topic_id, payments_id);
  QCOMPARE(bases(second->responses[0].partitions.at(0)), Bases{0});
}

void FetchServiceTest::a_wrong_session_epoch_is_told_without_partitions() {
  Alone f(1);
  const auto first = f.peers.take<FetchResponse>(f.ask(in_session(0, 0, fetch_request(0))));
  QVERIFY(first.has_value());
  const auto refused =
      f.peers.take<FetchResponse>(f.ask(in_session(first->session_id, 2, fetch_request(0))));
  QVERIFY(refused.has_value());
  QCOMPARE(refused->error_code, ErrorCode::invalid_fetch_session_epoch);
  QCOMPARE(refused->session_id, 0);
  QVERIFY(refused->responses.empty());
}

OTTLA_TEST(FetchServiceTest)
#include "fetch_service_test.moc"
