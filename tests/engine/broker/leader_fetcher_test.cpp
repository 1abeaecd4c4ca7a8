#include "engine/broker/data/leader_fetcher.h"

#include "engine/protocol/messages/list_offsets_request.h"
#include "tests/engine/broker/data_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::broker;
using namespace ottla::broker::test;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

namespace {

using PartitionData = FetchResponse::PartitionData;

const Endpoint leader_endpoint{"broker-2", 9092};
constexpr Duration back_off = Duration::seconds(1);  // replica.fetch.backoff.ms
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;

// Broker 1 follows broker 2, and the test answers for broker 2.
class Follower : public DataFixture {
 public:
  Follower() {
    create_orders({2, 1});
    fetcher.set_broker_epoch(broker_epoch);
    fetcher.add(orders_0);
  }

  // Every replica is throttled to a byte a second.
  void throttle() {
    protocol::ConfigRecord replicas_of_topic;
    replicas_of_topic.resource_type = 2;
    replicas_of_topic.resource_name = "orders";
    replicas_of_topic.name = "follower.replication.throttled.replicas";
    replicas_of_topic.value = "*";
    apply(replicas_of_topic);
    set_broker_config("follower.replication.throttled.rate", "1");
  }
  // The log holds `records` records of `epoch` more.
  void has(int records, LeaderEpoch epoch) {
    const BatchSpec spec{.records = records, .base = orders().log_end(), .leader_epoch = epoch};
    QVERIFY(replicas.append_fetched(orders(), make_batch(spec).bytes()).has_value());
  }
  void connect() {
    step();
    QVERIFY(!env.opened.empty());
    QVERIFY(fetcher.on_connected(env.opened.back().connection));
    step();
  }
  void step() {
    while (fetcher.settle()) settle();
    settle();
  }
  void wait(Duration duration) {
    env.time += duration;
    fetcher.on_time();
    step();
  }

  // The oldest request that was not taken yet; what is answered next.
  template <class Request>
  std::optional<Request> asked() {
    if (env.sent.empty()) return std::nullopt;
    ByteReader reader(env.sent.front().frame);
    env.sent.erase(env.sent.begin());
    head_ = protocol::read_request_head(reader).value_or(protocol::RequestHead());
    if (head_.key != Request::api_key) return std::nullopt;
    auto request = Request::decode(reader, head_.version);
    return request ? std::optional(*std::move(request)) : std::nullopt;
  }
  template <class Response>
  void answer(const Response& response) {
    ByteWriter frame;
    protocol::write_response_head(frame, head_.key, head_.version, head_.correlation_id);
    response.encode(frame, head_.version);
    QVERIFY(fetcher.on_message(env.opened.back().connection, frame.take_chain()));
    step();
  }
  void answer(const PartitionData& data) {
    FetchResponse response;
    response.session_id = 33;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = orders_id;
    topic.partitions.push_back(data);
    answer(response);
  }
  void answer_offset(std::int64_t offset) {
    ListOffsetsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.push_back({.offset = Offset{offset}});
    answer(response);
  }
  // What the follower asks from next; -1 when it asks nothing. In a session it names only what has
  // changed.
  std::int64_t asked_from() {
    auto request = asked<FetchRequest>();
    if (!request) return -1;
    if (!request->topics.empty()) named_offset_ = partition_of(*request).fetch_offset.value();
    return named_offset_;
  }

  LeaderFetcher fetcher{env.env, config, replicas, quotas.follower, BrokerId{2}, leader_endpoint};

 private:
  protocol::RequestHead head_;
  std::int64_t named_offset_ = -1;
};

PartitionData records(const BatchSpec& spec, std::int64_t high_watermark) {
  PartitionData data;
  data.records = make_batch(spec).bytes();
  data.high_watermark = high_watermark;
  data.log_start_offset = Offset{0};
  return data;
}

PartitionData error(ErrorCode code) {
  PartitionData data;
  data.error_code = code;
  return data;
}

PartitionData diverging(LeaderEpoch epoch, std::int64_t end) {
  PartitionData data;
  data.diverging_epoch.epoch = epoch.value();
  data.diverging_epoch.end_offset = Offset{end};
  return data;
}

}  // namespace

class LeaderFetcherTest : public QObject {
  Q_OBJECT
 private slots:
  void it_asks_from_the_end_of_its_log();
  void one_request_is_under_way_at_a_time();
  void what_comes_is_appended_and_the_watermark_follows();
  void the_watermark_stays_within_its_own_log();
  void the_leaders_log_start_is_taken_over();
  void damaged_records_are_not_appended();
  void records_that_do_not_follow_on_are_not_appended();

  void it_cuts_its_log_where_the_histories_part();
  void an_epoch_it_does_not_have_is_compared_again_from_an_older_one();
  void a_leader_that_ends_before_has_the_log_cut();
  void a_leader_that_starts_after_has_the_log_begun_anew();
  void a_leader_that_starts_inside_a_batch_has_the_log_begun_anew();

  void a_fenced_epoch_waits_for_newer_metadata();
  void other_errors_wait_for_the_back_off();
  void a_lost_session_is_begun_again_at_once();
  void a_lost_connection_is_tried_again_with_a_new_session();
  void an_answer_after_it_was_told_to_stop_is_ignored();
  void an_answer_after_an_election_is_ignored();

  void a_throttled_replica_that_lags_is_not_fetched_while_the_rate_is_over();
  void a_throttled_replica_in_sync_is_fetched_all_the_same();
};

void LeaderFetcherTest::it_asks_from_the_end_of_its_log() {
  Follower f;
  f.has(4, LeaderEpoch{2});
  f.connect();
  QCOMPARE(f.env.opened.size(), std::size_t{1});
  QVERIFY(f.env.opened[0].to == leader_endpoint);
  auto request = f.asked<FetchRequest>();
  QVERIFY(request.has_value());
  QCOMPARE(request->replica_state.replica_id, BrokerId{1});
  QCOMPARE(request->replica_state.replica_epoch, broker_epoch);
  QCOMPARE(request->session_epoch, 0);
  QCOMPARE(request->max_wait_ms, 500);
  QCOMPARE(request->min_bytes, 1);
  QCOMPARE(request->topics.at(0).topic_id, orders_id);
  const auto& partition = partition_of(*request);
  QCOMPARE(partition.fetch_offset.value(), 4);
  QCOMPARE(partition.current_leader_epoch, first_epoch);
  QCOMPARE(partition.last_fetched_epoch.value(), 2);
  QCOMPARE(partition.log_start_offset.value(), 0);
}

void LeaderFetcherTest::one_request_is_under_way_at_a_time() {
  Follower f;
  f.connect();
  f.wait(Duration::seconds(5));
  QCOMPARE(f.env.sent.size(), std::size_t{1});
}

void LeaderFetcherTest::what_comes_is_appended_and_the_watermark_follows() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(records({.records = 3, .leader_epoch = first_epoch}, 2));
  QCOMPARE(f.orders().log_end().value(), 3);
  QCOMPARE(f.orders().high_watermark().value(), 2);
  QCOMPARE(f.orders().last_epoch(), first_epoch);
  QCOMPARE(f.env.facts, std::vector<std::string>{"high watermark orders-0 0->2"});
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(next->session_id, 33);
  QCOMPARE(next->session_epoch, 1);
  QCOMPARE(partition_of(*next).fetch_offset.value(), 3);
  QCOMPARE(partition_of(*next).last_fetched_epoch, first_epoch);
}

void LeaderFetcherTest::the_watermark_stays_within_its_own_log() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(records({.leader_epoch = first_epoch}, 50));
  QCOMPARE(f.orders().high_watermark().value(), 1);
}

void LeaderFetcherTest::the_leaders_log_start_is_taken_over() {
  Follower f;
  f.has(4, first_epoch);
  f.connect();
  QCOMPARE(f.asked_from(), 4);
  PartitionData data = records({.base = Offset{4}, .leader_epoch = first_epoch}, 4);
  data.log_start_offset = Offset{3};
  f.answer(data);
  QCOMPARE(f.orders().log_start().value(), 3);
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(partition_of(*next).log_start_offset.value(), 3);
}

void LeaderFetcherTest::damaged_records_are_not_appended() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  PartitionData data = records({.leader_epoch = first_epoch}, 1);
  std::string damaged = data.records->to_string();
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  data.records = Bytes::copy_of(damaged);
  f.answer(data);
  QCOMPARE(f.orders().log_end().value(), 0);
  QCOMPARE(f.orders().high_watermark().value(), 0);
  QVERIFY(f.env.sent.empty());
  f.wait(back_off);
  QCOMPARE(f.asked_from(), 0);
}

void LeaderFetcherTest::records_that_do_not_follow_on_are_not_appended() {
  Follower f;
  f.has(4, first_epoch);
  f.connect();
  QCOMPARE(f.asked_from(), 4);
  f.answer(records({.base = Offset{2}, .leader_epoch = first_epoch}, 4));
  QCOMPARE(f.orders().log_end().value(), 4);
  f.wait(back_off);
  QCOMPARE(f.asked_from(), 4);
}

void LeaderFetcherTest::it_cuts_its_log_where_the_histories_part() {
  Follower f;
  f.has(2, LeaderEpoch{1});
  for (int i = 0; i < 3; ++i) f.has(1, LeaderEpoch{2});
  f.connect();
  QCOMPARE(f.asked_from(), 5);
  f.answer(diverging(LeaderEpoch{2}, 3));
  QCOMPARE(f.env.facts, std::vector<std::string>{"truncated orders-0 5->3"});
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(partition_of(*next).fetch_offset.value(), 3);
  QCOMPARE(partition_of(*next).last_fetched_epoch.value(), 2);
}

void LeaderFetcherTest::an_epoch_it_does_not_have_is_compared_again_from_an_older_one() {
  Follower f;
  f.has(2, LeaderEpoch{0});
  f.has(3, LeaderEpoch{2});
  f.connect();
  QCOMPARE(f.asked_from(), 5);
  f.answer(diverging(LeaderEpoch{1}, 4));
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(partition_of(*next).fetch_offset.value(), 2);
  QCOMPARE(partition_of(*next).last_fetched_epoch.value(), 0);
}

void LeaderFetcherTest::a_leader_that_ends_before_has_the_log_cut() {
  Follower f;
  for (int i = 0; i < 5; ++i) f.has(1, LeaderEpoch{2});
  f.connect();
  QCOMPARE(f.asked_from(), 5);
  f.answer(error(ErrorCode::offset_out_of_range));
  const auto offsets = f.asked<ListOffsetsRequest>();
  QVERIFY(offsets.has_value());
  QCOMPARE(offsets->replica_id, BrokerId{1});
  QCOMPARE(offsets->topics.at(0).name, "orders");
  QCOMPARE(offsets->topics[0].partitions.at(0).timestamp, latest);
  QCOMPARE(offsets->topics[0].partitions[0].current_leader_epoch, first_epoch);
  f.answer_offset(2);
  QCOMPARE(f.env.facts, std::vector<std::string>{"truncated orders-0 5->2"});
  QCOMPARE(f.asked_from(), 2);
}

void LeaderFetcherTest::a_leader_that_starts_after_has_the_log_begun_anew() {
  Follower f;
  f.has(5, LeaderEpoch{2});
  f.connect();
  QCOMPARE(f.asked_from(), 5);
  f.answer(error(ErrorCode::offset_out_of_range));
  QVERIFY(f.asked<ListOffsetsRequest>().has_value());
  f.answer_offset(20);
  const auto offsets = f.asked<ListOffsetsRequest>();
  QVERIFY(offsets.has_value());
  QCOMPARE(offsets->topics.at(0).partitions.at(0).timestamp, earliest);
  f.answer_offset(10);
  QCOMPARE(f.orders().log_start().value(), 10);
  QCOMPARE(f.orders().log_end().value(), 10);
  QCOMPARE(f.asked_from(), 10);
}

void LeaderFetcherTest::a_leader_that_starts_inside_a_batch_has_the_log_begun_anew() {
  Follower f;
  f.has(6, LeaderEpoch{2});
  f.connect();
  QCOMPARE(f.asked_from(), 6);
  // All that it has was deleted, up to a record within the leader's first batch.
  PartitionData data =
      records({.records = 5, .base = Offset{4}, .leader_epoch = LeaderEpoch{3}}, 9);
  data.log_start_offset = Offset{6};
  f.answer(data);
  QCOMPARE(f.orders().log_start().value(), 6);
  QCOMPARE(f.orders().log_end().value(), 9);
  QCOMPARE(f.orders().last_epoch().value(), 3);
  QCOMPARE(f.asked_from(), 9);
}

void LeaderFetcherTest::a_fenced_epoch_waits_for_newer_metadata() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(error(ErrorCode::fenced_leader_epoch));
  f.wait(Duration::seconds(60));
  QCOMPARE(f.asked_from(), -1);
  f.elect(2);
  f.fetcher.add(orders_0);
  f.step();
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(partition_of(*next).current_leader_epoch, first_epoch.next());
}

void LeaderFetcherTest::other_errors_wait_for_the_back_off() {
  for (const ErrorCode code : {ErrorCode::unknown_leader_epoch, ErrorCode::not_leader_or_follower,
                               ErrorCode::unknown_topic_id}) {
    Follower f;
    f.connect();
    QCOMPARE(f.asked_from(), 0);
    f.answer(error(code));
    QCOMPARE(f.fetcher.next_deadline(), std::optional(f.env.time + back_off));
    f.wait(back_off - Duration::millis(1));
    QCOMPARE(f.asked_from(), -1);
    f.wait(Duration::millis(1));
    QCOMPARE(f.asked_from(), 0);
  }
}

void LeaderFetcherTest::a_lost_session_is_begun_again_at_once() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(records({.leader_epoch = first_epoch}, 1));
  QCOMPARE(f.asked_from(), 1);
  FetchResponse lost;
  lost.error_code = ErrorCode::fetch_session_id_not_found;
  f.answer(lost);
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(next->session_epoch, 0);
  QCOMPARE(partition_of(*next).fetch_offset.value(), 1);
}

void LeaderFetcherTest::a_lost_connection_is_tried_again_with_a_new_session() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(records({.leader_epoch = first_epoch}, 1));
  QCOMPARE(f.asked_from(), 1);
  QVERIFY(f.fetcher.on_connection_closed(f.env.opened.back().connection));
  f.step();
  QVERIFY(!f.fetcher.on_connection_closed(f.env.opened.back().connection));
  f.wait(back_off);
  QCOMPARE(f.env.opened.size(), std::size_t{2});
  QVERIFY(f.fetcher.on_connected(f.env.opened.back().connection));
  f.step();
  auto next = f.asked<FetchRequest>();
  QVERIFY(next.has_value());
  QCOMPARE(next->session_epoch, 0);
  QCOMPARE(partition_of(*next).fetch_offset.value(), 1);
}

void LeaderFetcherTest::an_answer_after_it_was_told_to_stop_is_ignored() {
  Follower f;
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.fetcher.remove(orders_0);
  QVERIFY(f.fetcher.empty());
  f.answer(records({.leader_epoch = first_epoch}, 1));
  QCOMPARE(f.orders().log_end().value(), 0);
  QCOMPARE(f.asked_from(), -1);
}

void LeaderFetcherTest::an_answer_after_an_election_is_ignored() {
  for (const int leader : {1, 3}) {
    Follower f;
    f.connect();
    QCOMPARE(f.asked_from(), 0);
    f.elect(leader);
    f.answer(records({.leader_epoch = first_epoch}, 1));
    QCOMPARE(f.orders().log_end().value(), 0);
  }
}

void LeaderFetcherTest::a_throttled_replica_that_lags_is_not_fetched_while_the_rate_is_over() {
  Follower f;
  f.throttle();
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(records({.records = 20}, 100));  // Far more than a byte a second, and more to come.
  QCOMPARE(f.asked_from(), -1);
  f.wait(back_off);
  QCOMPARE(f.asked_from(), -1);
  QCOMPARE(f.fetcher.next_deadline(), std::optional(f.env.time + back_off));
  f.wait(Duration::seconds(11));
  QCOMPARE(f.asked_from(), 20);
}

void LeaderFetcherTest::a_throttled_replica_in_sync_is_fetched_all_the_same() {
  Follower f;
  f.throttle();
  f.connect();
  QCOMPARE(f.asked_from(), 0);
  f.answer(records({.records = 20}, 20));
  QCOMPARE(f.asked_from(), 20);
}

OTTLA_TEST(LeaderFetcherTest)
#include "leader_fetcher_test.moc"
