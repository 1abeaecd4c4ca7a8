#include "engine/broker/data/delete_records_service.h"

#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;

namespace {

constexpr std::int64_t up_to_high_watermark = -1;
constexpr TopicId payments_id{8, 8};

// Partition 0 of `topic` shall begin at `offset`.
void add(DeleteRecordsRequest& request, const std::string& topic, std::int64_t offset,
         int partition = 0) {
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.partitions.push_back(
      {.partition_index = PartitionIndex{partition}, .offset = Offset{offset}});
}

DeleteRecordsRequest request_for(std::int64_t offset, const std::string& topic = "orders") {
  DeleteRecordsRequest request;
  request.timeout_ms = 1000;
  add(request, topic, offset);
  return request;
}

// What a test compares of an answer: "orders-0 NONE 5", one line for each partition.
std::string said(const std::optional<DeleteRecordsResponse>& response) {
  if (!response) return "nothing";
  std::string text;
  for (const auto& topic : response->topics) {
    for (const auto& partition : topic.partitions) {
      text += topic.name + "-" + std::to_string(partition.partition_index.value()) + " " +
              std::string(protocol::name(partition.error_code)) + " " +
              std::to_string(partition.low_watermark) + "\n";
    }
  }
  return text;
}

struct Fixture : DataFixture {
  using DataFixture::DataFixture;
  // Broker 1 leads 2 and 3; all have ten records.
  void fill() {
    create_orders({1, 2, 3});
    write({.records = 10});
    follower_reaches(2, 10);
    follower_reaches(3, 10);
  }
  std::string answer(ConnectionId client) {
    return said(peers.take<DeleteRecordsResponse>(client));
  }
};

}  // namespace

class DeleteRecordsServiceTest : public QObject {
  Q_OBJECT
 private slots:
  void a_leader_alone_answers_at_once();
  void the_answer_waits_until_every_replica_has_followed();
  void a_fenced_replica_is_not_waited_for();
  void a_replica_that_has_told_nothing_is_waited_for();
  void minus_one_is_the_high_watermark();
  void a_smaller_offset_than_the_log_start_changes_nothing();
  void after_its_timeout_the_answer_is_request_timed_out();

  void offsets_past_the_high_watermark_are_out_of_range();
  void a_topic_that_only_compacts_is_refused();
  void unknown_and_internal_topics_are_refused();
  void a_follower_is_not_the_leader();
  void a_partition_that_is_named_twice_is_answered_once();
  void every_partition_is_answered_for_itself();

  void a_leader_that_is_deposed_ends_the_wait();
  void a_deleted_topic_ends_the_wait();

  void a_follower_learns_the_new_log_start_by_its_fetch();
  void segments_below_the_log_start_are_removed();
  void the_log_start_is_kept_over_a_restart();
};

void DeleteRecordsServiceTest::a_leader_alone_answers_at_once() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 10});
  QCOMPARE(f.answer(f.ask(request_for(5))), "orders-0 NONE 5\n");
  QCOMPARE(f.orders().log_start().value(), 5);
  QCOMPARE(f.delete_records_service.waiting(), std::size_t{0});
}

void DeleteRecordsServiceTest::the_answer_waits_until_every_replica_has_followed() {
  Fixture f;
  f.fill();
  const ConnectionId client = f.ask(request_for(5));
  QCOMPARE(f.orders().log_start().value(), 5);
  f.follower_reaches(2, 10, 5);
  QCOMPARE(f.answer(client), "nothing");
  QCOMPARE(f.delete_records_service.cause(f.server.in_progress().begin()->first),
           std::optional<std::string>("every live replica of orders-0 has to begin at 5"));
  f.follower_reaches(3, 10, 4);
  QCOMPARE(f.answer(client), "nothing");
  f.follower_reaches(3, 10, 5);
  QCOMPARE(f.answer(client), "orders-0 NONE 5\n");
  QVERIFY(!f.delete_records_service.next_deadline());
}

void DeleteRecordsServiceTest::a_fenced_replica_is_not_waited_for() {
  Fixture f;
  f.fill();
  protocol::BrokerRegistrationChangeRecord fenced;
  fenced.broker_id = BrokerId{3};
  fenced.broker_epoch = broker_epoch;
  fenced.fenced = 1;
  f.apply(fenced);
  const ConnectionId client = f.ask(request_for(5));
  QCOMPARE(f.answer(client), "nothing");
  f.follower_reaches(2, 10, 5);
  QCOMPARE(f.answer(client), "orders-0 NONE 5\n");
}

// A leader knows nothing of its followers' log starts before their first fetch in its epoch.
void DeleteRecordsServiceTest::a_replica_that_has_told_nothing_is_waited_for() {
  Fixture f;
  f.fill();
  f.elect(1);
  const ConnectionId client = f.ask(request_for(5));
  f.follower_reaches(2, 10, 5);
  QCOMPARE(f.answer(client), "nothing");
  f.pass(Duration::seconds(1));
  QCOMPARE(f.answer(client), "orders-0 REQUEST_TIMED_OUT -1\n");
}

void DeleteRecordsServiceTest::minus_one_is_the_high_watermark() {
  Fixture f;
  f.create_orders({1, 2});
  f.write({.records = 10});
  f.follower_reaches(2, 7);
  const ConnectionId client = f.ask(request_for(up_to_high_watermark));
  QCOMPARE(f.orders().log_start().value(), 7);
  f.follower_reaches(2, 10, 7);
  QCOMPARE(f.answer(client), "orders-0 NONE 7\n");
}

void DeleteRecordsServiceTest::a_smaller_offset_than_the_log_start_changes_nothing() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 10});
  f.ask(request_for(5));
  QCOMPARE(f.answer(f.ask(request_for(3))), "orders-0 NONE 5\n");
  QCOMPARE(f.orders().log_start().value(), 5);
}

void DeleteRecordsServiceTest::after_its_timeout_the_answer_is_request_timed_out() {
  Fixture f;
  f.fill();
  const ConnectionId client = f.ask(request_for(5));
  f.pass(Duration::millis(999));
  QCOMPARE(f.answer(client), "nothing");
  f.follower_reaches(2, 10, 5);
  f.pass(Duration::millis(1));
  QCOMPARE(f.answer(client), "orders-0 REQUEST_TIMED_OUT 0\n");
  QCOMPARE(f.orders().log_start().value(), 5);
  QCOMPARE(f.delete_records_service.waiting(), std::size_t{0});
}

void DeleteRecordsServiceTest::offsets_past_the_high_watermark_are_out_of_range() {
  Fixture f;
  f.create_orders({1, 2});
  f.write({.records = 10});
  f.follower_reaches(2, 7);
  QCOMPARE(f.answer(f.ask(request_for(8))), "orders-0 OFFSET_OUT_OF_RANGE -1\n");
  QCOMPARE(f.answer(f.ask(request_for(-2))), "orders-0 OFFSET_OUT_OF_RANGE -1\n");
  QCOMPARE(f.orders().log_start().value(), 0);
}

void DeleteRecordsServiceTest::a_topic_that_only_compacts_is_refused() {
  Fixture f;
  f.create_orders({1}, {{"cleanup.policy", "compact"}});
  f.write({.records = 10});
  QCOMPARE(f.answer(f.ask(request_for(5))), "orders-0 POLICY_VIOLATION -1\n");
  QCOMPARE(f.orders().log_start().value(), 0);
}

void DeleteRecordsServiceTest::unknown_and_internal_topics_are_refused() {
  Fixture f;
  f.create_topic("__consumer_offsets", payments_id, {1});
  QCOMPARE(f.answer(f.ask(request_for(0, "payments"))),
           "payments-0 UNKNOWN_TOPIC_OR_PARTITION -1\n");
  QCOMPARE(f.answer(f.ask(request_for(0, "__consumer_offsets"))),
           "__consumer_offsets-0 INVALID_TOPIC_EXCEPTION -1\n");
}

void DeleteRecordsServiceTest::a_follower_is_not_the_leader() {
  Fixture f;
  f.create_orders({2, 1});
  QCOMPARE(f.answer(f.ask(request_for(0))), "orders-0 NOT_LEADER_OR_FOLLOWER -1\n");
}

void DeleteRecordsServiceTest::a_partition_that_is_named_twice_is_answered_once() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 10});
  DeleteRecordsRequest request = request_for(8);
  add(request, "orders", 5);
  QCOMPARE(f.answer(f.ask(request)), "orders-0 NONE 5\n");
}

void DeleteRecordsServiceTest::every_partition_is_answered_for_itself() {
  Fixture f;
  f.fill();
  f.create_topic("payments", payments_id, {1});
  DeleteRecordsRequest request = request_for(5);
  add(request, "payments", 0);
  add(request, "orders", 0, 9);
  const ConnectionId client = f.ask(request);
  QCOMPARE(f.answer(client), "nothing");
  f.follower_reaches(2, 10, 5);
  f.follower_reaches(3, 10, 6);
  QCOMPARE(f.answer(client),
           "orders-0 NONE 5\norders-9 UNKNOWN_TOPIC_OR_PARTITION -1\npayments-0 NONE 0\n");
}

void DeleteRecordsServiceTest::a_leader_that_is_deposed_ends_the_wait() {
  Fixture f;
  f.fill();
  const ConnectionId client = f.ask(request_for(5));
  f.elect(2);
  QCOMPARE(f.answer(client), "orders-0 NOT_LEADER_OR_FOLLOWER -1\n");
}

void DeleteRecordsServiceTest::a_deleted_topic_ends_the_wait() {
  Fixture f;
  f.fill();
  const ConnectionId client = f.ask(request_for(5));
  protocol::RemoveTopicRecord removed;
  removed.topic_id = orders_id;
  f.apply(removed);
  QCOMPARE(f.answer(client), "orders-0 UNKNOWN_TOPIC_OR_PARTITION -1\n");
}

void DeleteRecordsServiceTest::a_follower_learns_the_new_log_start_by_its_fetch() {
  Fixture f;
  f.fill();
  f.ask(request_for(5));
  protocol::FetchRequest fetch = fetch_request(10);
  fetch.replica_state = {.replica_id = BrokerId{2}, .replica_epoch = broker_epoch};
  const auto answer = f.fetched(f.ask(fetch));
  QVERIFY(answer.has_value());
  QCOMPARE(answer->log_start_offset.value(), 5);
  QCOMPARE(f.fetched(f.ask(fetch_request(4)))->error_code, ErrorCode::offset_out_of_range);
}

void DeleteRecordsServiceTest::segments_below_the_log_start_are_removed() {
  Fixture f;
  f.create_orders({1}, {{"segment.bytes", "2000"}, {"retention.ms", "-1"}});
  for (int i = 0; i < 3; ++i) f.write({.records = 10, .value_bytes = 150});
  QCOMPARE(f.orders().log().segments().size(), std::size_t{3});
  f.ask(request_for(20));
  f.env.time = f.env.time + Duration::seconds(600);
  f.replicas.on_time();
  QCOMPARE(f.orders().log().segments().size(), std::size_t{1});
  QCOMPARE(f.orders().log_start().value(), 20);
}

void DeleteRecordsServiceTest::the_log_start_is_kept_over_a_restart() {
  Fixture f;
  f.create_orders({1});
  f.write({.records = 10});
  f.ask(request_for(5));
  f.replicas.finish_close();
  metadata::ImageDelta everything;
  everything.changed_partitions[orders_id] = {PartitionIndex{0}};
  Replicas again(f.env.env, f.config, f.image, f.directories);
  again.load();
  again.apply(everything);
  QCOMPARE(again.find(orders_0)->log_start().value(), 5);
}

OTTLA_TEST(DeleteRecordsServiceTest)
#include "delete_records_service_test.moc"
