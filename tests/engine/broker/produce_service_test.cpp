#include "engine/broker/data/produce_service.h"

#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {

constexpr std::int16_t acks_none = 0;
constexpr std::int16_t acks_leader = 1;
constexpr std::int16_t acks_all = -1;
// A follower that has not fetched for so long is waited for only while it is in sync.
constexpr Duration lag_time = Duration::seconds(31);
using Facts = std::vector<std::string>;

ProduceRequest request_for(const std::string& topic, std::int32_t partition, ByteChain records) {
  ProduceRequest request;
  request.acks = acks_leader;
  auto& data = request.topic_data.emplace_back();
  data.name = topic;
  data.partition_data.push_back({.index = partition, .records = std::move(records)});
  return request;
}

ByteChain two_batches() {
  ByteChain both = make_batch().bytes();
  both.append(make_batch().bytes());
  return both;
}

}  // namespace

class ProduceServiceTest : public QObject {
  Q_OBJECT
 private slots:
  void with_acks_1_the_leader_answers_for_itself();
  void with_acks_0_nothing_is_sent_and_the_records_are_there();
  void with_acks_0_a_failure_closes_the_connection();
  void with_acks_all_the_answer_waits_for_the_in_sync_replicas();
  void alone_in_sync_the_leader_answers_acks_all_at_once();
  void every_answer_waits_for_its_own_offset();
  void after_its_timeout_the_answer_is_request_timed_out();
  void an_answer_in_time_is_not_followed_by_a_timeout();
  void other_acks_are_refused();

  void below_min_insync_replicas_acks_all_is_refused_and_not_appended();
  void below_min_insync_replicas_acks_1_goes_on();
  void a_member_that_left_is_not_waited_for_any_more();
  void an_isr_that_shrank_below_the_minimum_leaves_it_to_the_timeout();

  void a_retry_is_answered_with_the_first_offsets();
  void a_retry_of_what_was_deleted_is_acknowledged_in_the_epoch_of_what_is_left();
  void a_gap_in_the_sequence_is_refused();

  void a_follower_names_the_leader_instead();
  void a_leader_that_is_deposed_ends_what_waits();
  void a_deleted_topic_ends_what_waits();
  void unknown_partitions_are_refused_each_for_itself();
  void a_topic_id_that_is_not_known_is_refused();
  void internal_topics_are_the_coordinators_own();

  void a_batch_that_was_damaged_on_the_way_is_refused();
  void a_batch_over_max_message_bytes_is_refused();
  void only_one_batch_may_come_for_a_partition();
  void log_append_time_is_told_to_the_producer();

  void over_its_quota_a_producer_is_told_to_wait_and_is_muted();
  void with_acks_0_a_producer_over_its_quota_is_muted_without_a_word();
  void what_waits_for_replicas_is_charged_when_it_is_answered();
};

void ProduceServiceTest::with_acks_1_the_leader_answers_for_itself() {
  DataFixture f;
  f.create_orders({1, 2});
  f.write({.records = 3});
  const ConnectionId client = f.produce(acks_leader, {.records = 2});
  const auto answer = f.produced(client);
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::none);
  QCOMPARE(answer->index, 0);
  QCOMPARE(answer->base_offset.value(), 3);
  QCOMPARE(answer->log_append_time_ms, -1);
  QCOMPARE(answer->log_start_offset.value(), 0);
  QCOMPARE(f.orders().log_end().value(), 5);
  QCOMPARE(f.orders().last_epoch(), first_epoch);
  QCOMPARE(f.env.facts, Facts{"acknowledged orders-0 3..4 acks=1"});
}

void ProduceServiceTest::with_acks_0_nothing_is_sent_and_the_records_are_there() {
  DataFixture f;
  f.create_orders({1, 2});
  f.produce(acks_none, {.records = 2});
  QVERIFY(f.env.sent.empty());
  QVERIFY(f.env.closed.empty());
  QCOMPARE(f.orders().log_end().value(), 2);
  QVERIFY(f.server.in_progress().empty());
}

void ProduceServiceTest::with_acks_0_a_failure_closes_the_connection() {
  DataFixture f;
  f.create_orders({2, 1});
  const ConnectionId client = f.produce(acks_none);
  QVERIFY(f.env.sent.empty());
  QCOMPARE(f.env.closed, std::vector{client});
}

void ProduceServiceTest::with_acks_all_the_answer_waits_for_the_in_sync_replicas() {
  DataFixture f;
  f.create_orders({1, 2, 3});
  const ConnectionId client = f.produce(acks_all, {.records = 2});
  QCOMPARE(f.produce_service.waiting(), std::size_t{1});
  f.follower_reaches(2, 2);
  f.follower_reaches(3, 1);
  QVERIFY(!f.produced(client));
  f.follower_reaches(3, 2);
  const auto answer = f.produced(client);
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::none);
  QCOMPARE(answer->base_offset.value(), 0);
  QCOMPARE(f.env.facts.back(), "acknowledged orders-0 0..1 acks=-1");
  QCOMPARE(f.produce_service.waiting(), std::size_t{0});
  QVERIFY(!f.produce_service.next_deadline());
}

void ProduceServiceTest::alone_in_sync_the_leader_answers_acks_all_at_once() {
  DataFixture f;
  f.create_orders({1, 2});
  f.pass(lag_time);
  f.set_isr({1});
  const auto answer = f.produced(f.produce(acks_all));
  QVERIFY(answer && answer->error_code == ErrorCode::none);
  QCOMPARE(f.orders().high_watermark().value(), 1);
}

void ProduceServiceTest::every_answer_waits_for_its_own_offset() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId first = f.produce(acks_all, {.records = 2});
  const ConnectionId second = f.produce(acks_all, {.records = 2});
  f.follower_reaches(2, 3);
  QVERIFY(f.produced(first).has_value());
  QVERIFY(!f.produced(second).has_value());
  f.follower_reaches(2, 4);
  const auto answer = f.produced(second);
  QVERIFY(answer && answer->base_offset == Offset{2});
}

void ProduceServiceTest::after_its_timeout_the_answer_is_request_timed_out() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId client = f.produce(acks_all, {}, 300);
  f.pass(Duration::millis(299));
  QVERIFY(!f.produced(client));
  f.pass(Duration::millis(1));
  const auto answer = f.produced(client);
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::request_timed_out);
  QVERIFY(f.env.facts.empty());
  // It was appended all the same, and the late watermark has nobody to tell.
  f.follower_reaches(2, 1);
  QCOMPARE(f.orders().high_watermark().value(), 1);
  QVERIFY(f.env.sent.empty());
}

void ProduceServiceTest::an_answer_in_time_is_not_followed_by_a_timeout() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId first = f.produce(acks_all, {}, 300);
  const ConnectionId second = f.produce(acks_all, {}, 300);
  f.follower_reaches(2, 1);
  QVERIFY(f.produced(first).has_value());
  f.pass(Duration::seconds(1));
  const auto answer = f.produced(second);
  QVERIFY(answer && answer->error_code == ErrorCode::request_timed_out);
  QVERIFY(f.env.sent.empty());
}

void ProduceServiceTest::other_acks_are_refused() {
  DataFixture f;
  f.create_orders({1});
  const auto answer = f.produced(f.produce(2));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::invalid_required_acks);
  QCOMPARE(f.orders().log_end().value(), 0);
}

void ProduceServiceTest::below_min_insync_replicas_acks_all_is_refused_and_not_appended() {
  DataFixture f;
  f.create_orders({1, 2}, {{"min.insync.replicas", "2"}});
  f.set_isr({1});
  const auto answer = f.produced(f.produce(acks_all));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::not_enough_replicas);
  QCOMPARE(answer->base_offset, no_offset);
  QCOMPARE(f.orders().log_end().value(), 0);
}

void ProduceServiceTest::below_min_insync_replicas_acks_1_goes_on() {
  DataFixture f;
  f.create_orders({1, 2}, {{"min.insync.replicas", "2"}});
  f.set_isr({1});
  const auto answer = f.produced(f.produce(acks_leader));
  QVERIFY(answer && answer->error_code == ErrorCode::none);
  // No consumer sees it before there are enough replicas again.
  QCOMPARE(f.orders().high_watermark().value(), 0);
}

void ProduceServiceTest::a_member_that_left_is_not_waited_for_any_more() {
  DataFixture f;
  f.create_orders({1, 2, 3});
  f.pass(lag_time);
  const ConnectionId client = f.produce(acks_all);
  f.follower_reaches(2, 1);
  QVERIFY(!f.produced(client));
  f.set_isr({1, 2});
  const auto answer = f.produced(client);
  QVERIFY(answer && answer->error_code == ErrorCode::none);
}

void ProduceServiceTest::an_isr_that_shrank_below_the_minimum_leaves_it_to_the_timeout() {
  DataFixture f;
  f.create_orders({1, 2}, {{"min.insync.replicas", "2"}});
  f.pass(lag_time);
  const ConnectionId client = f.produce(acks_all, {}, 300);
  f.set_isr({1});
  QVERIFY(!f.produced(client));
  f.pass(Duration::millis(300));
  const auto answer = f.produced(client);
  QVERIFY(answer && answer->error_code == ErrorCode::request_timed_out);
  QCOMPARE(f.orders().high_watermark().value(), 0);
}

void ProduceServiceTest::a_retry_is_answered_with_the_first_offsets() {
  DataFixture f;
  f.create_orders({1, 2});
  const BatchSpec batch{.records = 2, .producer = ProducerId{40}};
  QVERIFY(f.produced(f.produce(acks_leader, batch)).has_value());
  f.write();
  const auto again = f.produced(f.produce(acks_leader, batch));
  QVERIFY(again.has_value());
  QCOMPARE(again->error_code, ErrorCode::none);
  QCOMPARE(again->base_offset.value(), 0);
  QCOMPARE(f.orders().log_end().value(), 3);
  // With acks=all it waits for the watermark like the first.
  const ConnectionId safe = f.produce(acks_all, batch);
  f.follower_reaches(2, 1);
  QVERIFY(!f.produced(safe));
  f.follower_reaches(2, 2);
  const auto answer = f.produced(safe);
  QVERIFY(answer && answer->base_offset == Offset{0});
}

void ProduceServiceTest::
    a_retry_of_what_was_deleted_is_acknowledged_in_the_epoch_of_what_is_left() {
  DataFixture f;
  f.create_orders({1});
  const BatchSpec batch{.records = 3, .producer = ProducerId{40}};
  for (const int deleted : {0, 2}) {
    f.replicas.advance_log_start(f.orders(), Offset{deleted});
    QVERIFY(f.produced(f.produce(acks_leader, batch)).has_value());
    QCOMPARE(f.env.facts.back(), "acknowledged orders-0 0..2 acks=1");
  }
  f.replicas.advance_log_start(f.orders(), Offset{3});
  QVERIFY(f.produced(f.produce(acks_leader, batch)).has_value());
  QCOMPARE(f.env.facts.back(), "acknowledged orders-0 0..2 acks=1 in no epoch");
}

void ProduceServiceTest::a_gap_in_the_sequence_is_refused() {
  DataFixture f;
  f.create_orders({1});
  QVERIFY(f.produced(f.produce(acks_leader, {.producer = ProducerId{40}})).has_value());
  const auto answer =
      f.produced(f.produce(acks_leader, {.producer = ProducerId{40}, .sequence = 2}));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::out_of_order_sequence_number);
  QCOMPARE(answer->log_start_offset.value(), 0);
  QVERIFY(!answer->error_message);
  QCOMPARE(f.orders().log_end().value(), 1);
}

void ProduceServiceTest::a_follower_names_the_leader_instead() {
  DataFixture f;
  f.create_orders({2, 1});
  const ConnectionId client = f.produce(acks_leader);
  const auto response = f.peers.take<ProduceResponse>(client);
  QVERIFY(response.has_value());
  const auto& answer = response->responses.at(0).partition_responses.at(0);
  QCOMPARE(answer.error_code, ErrorCode::not_leader_or_follower);
  QCOMPARE(answer.base_offset, no_offset);
  QCOMPARE(answer.current_leader.leader_id, BrokerId{2});
  QCOMPARE(answer.current_leader.leader_epoch, first_epoch);
  QCOMPARE(response->node_endpoints.size(), std::size_t{1});
  QCOMPARE(response->node_endpoints[0].node_id, BrokerId{2});
  QCOMPARE(response->node_endpoints[0].host, "broker-2");
  QCOMPARE(f.orders().log_end().value(), 0);
}

void ProduceServiceTest::a_leader_that_is_deposed_ends_what_waits() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId client = f.produce(acks_all);
  f.elect(2);
  const auto answer = f.produced(client);
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::not_leader_or_follower);
  QCOMPARE(answer->current_leader.leader_id, BrokerId{2});
  QCOMPARE(answer->current_leader.leader_epoch, first_epoch.next());
  QVERIFY(f.env.facts.empty());
  QVERIFY(!f.produce_service.next_deadline());
}

void ProduceServiceTest::a_deleted_topic_ends_what_waits() {
  DataFixture f;
  f.create_orders({1, 2});
  const ConnectionId client = f.produce(acks_all);
  protocol::RemoveTopicRecord removed;
  removed.topic_id = orders_id;
  f.apply(removed);
  const auto answer = f.produced(client);
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::not_leader_or_follower);
  QVERIFY(f.env.files.paths().empty());
}

void ProduceServiceTest::unknown_partitions_are_refused_each_for_itself() {
  DataFixture f;
  f.create_orders({1});
  ProduceRequest request = request_for("orders", 1, make_batch().bytes());
  request.topic_data[0].partition_data.push_back({.index = 0, .records = make_batch().bytes()});
  auto& other = request.topic_data.emplace_back();
  other.name = "payments";
  other.partition_data.push_back({.index = 0, .records = make_batch().bytes()});
  const auto response = f.peers.take<ProduceResponse>(f.ask(request));
  QVERIFY(response && response->responses.size() == 2);
  const auto& of_orders = response->responses[0].partition_responses;
  QCOMPARE(of_orders.at(0).error_code, ErrorCode::unknown_topic_or_partition);
  QCOMPARE(of_orders.at(1).error_code, ErrorCode::none);
  QCOMPARE(response->responses[1].name, "payments");
  QCOMPARE(response->responses[1].partition_responses.at(0).error_code,
           ErrorCode::unknown_topic_or_partition);
  QCOMPARE(f.orders().log_end().value(), 1);
}

void ProduceServiceTest::a_topic_id_that_is_not_known_is_refused() {
  DataFixture f;
  f.create_orders({1});
  const ConnectionId client = f.peers.connect();
  for (const TopicId id : {Uuid(9, 9), orders_id}) {
    ProduceRequest request = request_for("", 0, make_batch().bytes());
    request.topic_data[0].topic_id = id;
    f.peers.ask(client, request, ApiVersion{13});
  }
  f.settle();
  const auto unknown = f.produced(client);
  QVERIFY(unknown && unknown->error_code == ErrorCode::unknown_topic_id);
  const auto known = f.produced(client);
  QVERIFY(known && known->error_code == ErrorCode::none);
}

void ProduceServiceTest::internal_topics_are_the_coordinators_own() {
  DataFixture f;
  f.create_topic("__consumer_offsets", orders_id, {1});
  const auto answer = f.produced(f.ask(request_for("__consumer_offsets", 0, make_batch().bytes())));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::invalid_topic_exception);
  QCOMPARE(f.orders().log_end().value(), 0);
}

void ProduceServiceTest::a_batch_that_was_damaged_on_the_way_is_refused() {
  DataFixture f;
  f.create_orders({1});
  std::string damaged = make_batch({.value_bytes = 100}).bytes().to_string();
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const auto answer = f.produced(f.ask(request_for("orders", 0, Bytes::copy_of(damaged))));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->error_code, ErrorCode::corrupt_message);
  QCOMPARE(f.orders().log_end().value(), 0);
}

void ProduceServiceTest::a_batch_over_max_message_bytes_is_refused() {
  DataFixture f;
  f.create_orders({1}, {{"max.message.bytes", "200"}});
  const auto large = f.produced(f.produce(acks_leader, {.value_bytes = 200}));
  QVERIFY(large && large->error_code == ErrorCode::message_too_large);
  const auto small = f.produced(f.produce(acks_leader, {.value_bytes = 100}));
  QVERIFY(small && small->error_code == ErrorCode::none);
}

void ProduceServiceTest::only_one_batch_may_come_for_a_partition() {
  DataFixture f;
  f.create_orders({1});
  for (const ByteChain& records : {two_batches(), ByteChain()}) {
    const auto answer = f.produced(f.ask(request_for("orders", 0, records)));
    QVERIFY(answer.has_value());
    QCOMPARE(answer->error_code, ErrorCode::invalid_record);
    QCOMPARE(answer->log_start_offset, no_offset);  // Its log was not asked.
  }
  QCOMPARE(f.orders().log_end().value(), 0);
}

void ProduceServiceTest::log_append_time_is_told_to_the_producer() {
  DataFixture f;
  f.create_orders({1}, {{"message.timestamp.type", "LogAppendTime"}});
  f.pass(Duration::millis(7));
  const auto answer = f.produced(f.produce(acks_leader));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->log_append_time_ms, scenario_epoch.millis_since_epoch() + 7);
}

void ProduceServiceTest::over_its_quota_a_producer_is_told_to_wait_and_is_muted() {
  DataFixture f;
  f.create_orders({1});
  // The request's own size is what counts: ten seconds of it are allowed.
  f.produce(acks_leader);
  const auto size = static_cast<double>(f.env.begun_with.at(0).second);
  f.limit_client("producer_byte_rate", size / 10);
  const ConnectionId client = f.produce(acks_leader);
  QCOMPARE(f.peers.take<ProduceResponse>(client)->throttle_time_ms, 0);
  f.produce_on(client, acks_leader);
  QCOMPARE(f.peers.take<ProduceResponse>(client)->throttle_time_ms, 10'000);
  f.produce_on(client, acks_leader);
  f.pass(Duration::millis(9'999));
  QVERIFY(!f.peers.take<ProduceResponse>(client));
  QCOMPARE(f.orders().log_end().value(), 3);
  f.pass(Duration::millis(1));
  QVERIFY(f.peers.take<ProduceResponse>(client).has_value());
}

void ProduceServiceTest::with_acks_0_a_producer_over_its_quota_is_muted_without_a_word() {
  DataFixture f;
  f.create_orders({1});
  f.limit_client("producer_byte_rate", 1);
  const ConnectionId client = f.produce(acks_none);
  f.produce_on(client, acks_none);
  QCOMPARE(f.orders().log_end().value(), 1);
  QVERIFY(f.server.connections().at(client).muted_until > f.env.time);
  QVERIFY(f.env.sent.empty());
}

void ProduceServiceTest::what_waits_for_replicas_is_charged_when_it_is_answered() {
  DataFixture f;
  f.create_orders({1, 2});
  f.limit_client("producer_byte_rate", 1);
  const ConnectionId client = f.produce(acks_all);
  QVERIFY(f.server.connections().at(client).muted_until < f.env.time);
  f.follower_reaches(2, 1);
  QVERIFY(f.peers.take<ProduceResponse>(client)->throttle_time_ms > 0);
}

OTTLA_TEST(ProduceServiceTest)
#include "produce_service_test.moc"
