#include "engine/client/consumer_node.h"

#include "engine/coordinator/consumer_protocol.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/find_coordinator_response.h"
#include "engine/protocol/messages/heartbeat_response.h"
#include "engine/protocol/messages/join_group_request.h"
#include "engine/protocol/messages/leave_group_response.h"
#include "engine/protocol/messages/list_offsets_request.h"
#include "engine/protocol/messages/list_offsets_response.h"
#include "engine/protocol/messages/offset_commit_request.h"
#include "engine/protocol/messages/offset_commit_response.h"
#include "engine/protocol/messages/offset_fetch_request.h"
#include "engine/protocol/messages/offset_fetch_response.h"
#include "engine/protocol/messages/sync_group_request.h"
#include "engine/protocol/messages/sync_group_response.h"
#include "engine/protocol/records/record_batch_builder.h"
#include "tests/engine/client/client_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::client;
using namespace ottla::client::test;
using protocol::ApiKey;
using protocol::ErrorCode;

namespace {

ConsumerConfig billing() {
  ConsumerConfig config;
  config.client_id = "billing-1";
  config.group_id = "billing";
  config.bootstrap = {broker_1};
  config.topics = {"orders"};
  return config;
}

// What a fetch gets for partition 0.
protocol::FetchResponse fetch_answer(const protocol::FetchResponse::PartitionData& data) {
  protocol::FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic_id = topic_id;
  topic.partitions.push_back(data);
  return response;
}

// A broker that coordinates a group of one, and holds `records` records in partition 0.
struct Broker {
  std::int64_t records = 0;
  Offset committed{-1};
  ErrorCode heartbeat = ErrorCode::none;
  std::int32_t generation = 0;
  // Where broker 1 sends who reads in rack "b".
  std::optional<BrokerId> preferred;

  void operator()(World& world, const Request& request) {
    switch (request.head.key) {
      case ApiKey::find_coordinator: return find(world, request);
      case ApiKey::join_group: return join(world, request);
      case ApiKey::sync_group: return sync(world, request);
      case ApiKey::heartbeat: {
        protocol::HeartbeatResponse response;
        response.error_code = std::exchange(heartbeat, ErrorCode::none);
        return world.answer(request, response);
      }
      case ApiKey::leave_group: return world.answer(request, protocol::LeaveGroupResponse());
      case ApiKey::offset_fetch: return committed_offsets(world, request);
      case ApiKey::offset_commit: return commit(world, request);
      case ApiKey::list_offsets: return list_offsets(world, request);
      case ApiKey::fetch: return fetch(world, request);
      default: return;
    }
  }

  static void find(World& world, const Request& request) {
    protocol::FindCoordinatorResponse response;
    auto& coordinator = response.coordinators.emplace_back();
    coordinator.key = "billing";
    coordinator.host = broker_1.host;
    coordinator.port = broker_1.port;
    world.answer(request, response);
  }
  void join(World& world, const Request& request) {
    const auto asked = request.as<protocol::JoinGroupRequest>();
    protocol::JoinGroupResponse response;
    response.member_id = "billing-1-x";
    response.protocol_name = "range";
    if (asked.member_id.empty()) {
      response.error_code = ErrorCode::member_id_required;
      return world.answer(request, response);
    }
    response.generation_id = GenerationId{++generation};
    response.leader = "billing-1-x";
    response.members.push_back({"billing-1-x", std::nullopt, asked.protocols.at(0).metadata});
    world.answer(request, response);
  }
  static void sync(World& world, const Request& request) {
    const auto asked = request.as<protocol::SyncGroupRequest>();
    protocol::SyncGroupResponse response;
    response.assignment = asked.assignments.at(0).assignment;
    world.answer(request, response);
  }
  void committed_offsets(World& world, const Request& request) const {
    const auto asked = request.as<protocol::OffsetFetchRequest>();
    protocol::OffsetFetchResponse response;
    auto& group = response.groups.emplace_back();
    group.group_id = "billing";
    auto& topic = group.topics.emplace_back();
    topic.name = "orders";
    for (const PartitionIndex index : asked.groups.at(0).topics->at(0).partition_indexes) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = index;
      partition.committed_offset = committed;
    }
    world.answer(request, response);
  }
  void commit(World& world, const Request& request) {
    const auto asked = request.as<protocol::OffsetCommitRequest>();
    committed = asked.topics.at(0).partitions.at(0).committed_offset;
    world.answer(request, protocol::OffsetCommitResponse());
  }
  static void list_offsets(World& world, const Request& request) {
    const auto asked = request.as<protocol::ListOffsetsRequest>();
    protocol::ListOffsetsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    for (const auto& partition : asked.topics.at(0).partitions) {
      auto& answer = topic.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.offset = Offset{0};
    }
    world.answer(request, response);
  }
  // Answers when there is something to read; an empty fetch is left to wait.
  void fetch(World& world, const Request& request) const {
    const auto asked = request.as<protocol::FetchRequest>();
    if (preferred && request.to == broker_1 && asked.rack_id == "b")
      return world.answer(request, fetch_answer({.preferred_read_replica = *preferred}));
    for (const auto& partition : asked.topics.at(0).partitions) {
      const Offset from = partition.fetch_offset;
      if (partition.partition != PartitionIndex{0} || from.value() >= records) continue;
      protocol::RecordBatchOptions options;
      options.base_offset = from;
      protocol::RecordBatchBuilder builder(options);
      for (std::int64_t i = from.value(); i < records; ++i) builder.append(0, {}, {});
      return world.answer(request, fetch_answer({.records = builder.build().bytes()}));
    }
  }
};

struct Fixture {
  World world;
  Broker broker;
  ConsumerNode consumer;

  explicit Fixture(ConsumerConfig config = billing()) : consumer(world.env(), std::move(config)) {
    world.script = [this](World& in, const Request& request) { broker(in, request); };
  }
  void run(Duration duration) { world.run(consumer, duration); }
};

using Lines = std::vector<std::string>;

}  // namespace

class ConsumerNodeTest : public QObject {
  Q_OBJECT
 private slots:
  void a_member_joins_with_the_id_it_is_given_and_assigns_as_leader();
  void it_reads_from_the_earliest_offset_where_nothing_is_committed();
  void it_goes_on_from_what_is_committed();
  void it_commits_by_itself();
  void a_rebalance_waits_for_the_poll_that_follows_processing();
  void closing_commits_and_leaves();

  void it_reads_from_the_replica_that_the_leader_prefers();
  void after_metadata_max_age_it_asks_the_leader_again();
  void a_replica_that_lacks_its_offset_sends_it_back_to_the_leader();
  void a_replica_that_does_not_answer_is_left();
  void a_new_leader_is_asked_itself();
};

void ConsumerNodeTest::a_member_joins_with_the_id_it_is_given_and_assigns_as_leader() {
  Fixture fixture;
  fixture.consumer.on_start();
  fixture.run(Duration::seconds(1));
  const auto joins = fixture.world.of(ApiKey::join_group);
  QCOMPARE(joins.size(), std::size_t{2});
  QCOMPARE(joins[0].as<protocol::JoinGroupRequest>().member_id, std::string());
  QCOMPARE(joins[1].as<protocol::JoinGroupRequest>().member_id, std::string("billing-1-x"));
  const ConsumerStatistics statistics = fixture.consumer.statistics();
  QCOMPARE(statistics.state, std::string("consuming"));
  QCOMPARE(statistics.generation, GenerationId{1});
  QCOMPARE(statistics.rebalances, std::int64_t{1});
  const std::vector<TopicPartition> both = {{"orders", PartitionIndex{0}},
                                            {"orders", PartitionIndex{1}}};
  QVERIFY(statistics.assignment == both);
}

void ConsumerNodeTest::it_reads_from_the_earliest_offset_where_nothing_is_committed() {
  Fixture fixture;
  fixture.broker.records = 700;
  fixture.consumer.on_start();
  fixture.run(Duration::seconds(1));
  QVERIFY(!fixture.world.of(ApiKey::list_offsets).empty());
  // In two polls of at most 500 records.
  QVERIFY((fixture.world.consumed == Lines{"orders-0 0..499", "orders-0 500..699"}));
  QCOMPARE(fixture.consumer.statistics().consumed, std::int64_t{700});
}

void ConsumerNodeTest::it_goes_on_from_what_is_committed() {
  Fixture fixture;
  fixture.broker.records = 700;
  fixture.broker.committed = Offset{690};
  fixture.consumer.on_start();
  fixture.run(Duration::seconds(1));
  QVERIFY((fixture.world.consumed == Lines{"orders-0 690..699"}));
  QVERIFY(fixture.world.of(ApiKey::list_offsets).empty());
}

void ConsumerNodeTest::it_commits_by_itself() {
  Fixture fixture;
  fixture.broker.records = 10;
  fixture.consumer.on_start();
  fixture.run(Duration::seconds(4));
  QVERIFY(fixture.world.of(ApiKey::offset_commit).empty());
  fixture.run(Duration::seconds(2));
  QCOMPARE(fixture.broker.committed, Offset{10});
}

void ConsumerNodeTest::a_rebalance_waits_for_the_poll_that_follows_processing() {
  ConsumerConfig config = billing();
  config.process_time = Duration::seconds(1);
  Fixture fixture(config);
  fixture.broker.records = 8;
  fixture.broker.heartbeat = ErrorCode::rebalance_in_progress;
  fixture.consumer.on_start();
  fixture.run(Duration::seconds(5));
  QCOMPARE(fixture.consumer.statistics().state, std::string("in_poll"));
  QCOMPARE(fixture.broker.generation, 1);
  fixture.run(Duration::seconds(4));
  QCOMPARE(fixture.broker.generation, 2);
  QCOMPARE(fixture.consumer.statistics().state, std::string("consuming"));
  QCOMPARE(fixture.broker.committed, Offset{8});  // Before it gave its partitions back.
  QVERIFY((fixture.world.consumed == Lines{"orders-0 0..7"}));
}

void ConsumerNodeTest::closing_commits_and_leaves() {
  Fixture fixture;
  fixture.broker.records = 10;
  fixture.consumer.on_start();
  fixture.run(Duration::seconds(1));
  fixture.consumer.on_shutdown();
  QVERIFY(!fixture.consumer.stopped());
  fixture.run(Duration::millis(1));
  QVERIFY(fixture.consumer.stopped());
  QCOMPARE(fixture.broker.committed, Offset{10});
  QCOMPARE(fixture.world.of(ApiKey::leave_group).size(), std::size_t{1});
}

namespace {

// A consumer in rack "b", whom broker 1 has sent to broker 2. It has read all of the one partition
// and waits there for more.
struct SentAway : Fixture {
  explicit SentAway(ConsumerConfig config = billing()) : Fixture(in_rack(std::move(config))) {
    world.brokers = {broker_1, broker_2};
    world.partitions = 1;
    broker.records = 700;
    broker.preferred = BrokerId{2};
    consumer.on_start();
    run(Duration::seconds(1));
  }
  static ConsumerConfig in_rack(ConsumerConfig config) {
    config.rack = "b";
    return config;
  }
  // Answers the fetch that waits, and has the consumer go on.
  void answer(const protocol::FetchResponse& response) {
    world.answer(world.of(ApiKey::fetch).back(), response);
    run(Duration::millis(1));
  }
  // Where it has fetched, and from which offset.
  Lines fetches() const {
    Lines lines;
    for (const Request& request : world.of(ApiKey::fetch)) {
      const auto asked = request.as<protocol::FetchRequest>();
      const Offset from = asked.topics.at(0).partitions.at(0).fetch_offset;
      lines.push_back(request.to.host + " " + std::to_string(from.value()));
    }
    return lines;
  }
};

}  // namespace

void ConsumerNodeTest::it_reads_from_the_replica_that_the_leader_prefers() {
  const SentAway fixture;
  QVERIFY((fixture.fetches() == Lines{"broker-1 0", "broker-2 0", "broker-2 700"}));
  QVERIFY((fixture.world.consumed == Lines{"orders-0 0..499", "orders-0 500..699"}));
}

void ConsumerNodeTest::after_metadata_max_age_it_asks_the_leader_again() {
  ConsumerConfig config = billing();
  config.metadata_max_age = Duration::seconds(2);
  SentAway fixture(config);
  fixture.answer(fetch_answer({}));
  fixture.run(Duration::millis(1900));
  const Lines within = {"broker-1 0", "broker-2 0", "broker-2 700", "broker-2 700"};
  QVERIFY(fixture.fetches() == within);
  fixture.run(Duration::millis(200));
  // Beside the one that still waits, as KafkaConsumer does, which counts by node.
  Lines after = within;
  after.emplace_back("broker-1 700");
  QVERIFY(fixture.fetches() == after);
}

// The leader may have it: there is no reset before it has been asked.
void ConsumerNodeTest::a_replica_that_lacks_its_offset_sends_it_back_to_the_leader() {
  SentAway fixture;
  const std::size_t resets = fixture.world.of(ApiKey::list_offsets).size();
  fixture.broker.preferred.reset();
  fixture.answer(fetch_answer({.error_code = ErrorCode::offset_out_of_range}));
  QCOMPARE(fixture.fetches().back(), std::string("broker-1 700"));
  QCOMPARE(fixture.world.of(ApiKey::list_offsets).size(), resets);
  fixture.answer(fetch_answer({.error_code = ErrorCode::offset_out_of_range}));
  QCOMPARE(fixture.world.of(ApiKey::list_offsets).size(), resets + 1);
}

void ConsumerNodeTest::a_replica_that_does_not_answer_is_left() {
  ConsumerConfig config = billing();
  config.request_timeout = Duration::seconds(3);
  SentAway fixture(config);
  fixture.broker.preferred.reset();
  fixture.run(Duration::seconds(4));
  QCOMPARE(fixture.fetches().back(), std::string("broker-1 700"));
}

void ConsumerNodeTest::a_new_leader_is_asked_itself() {
  SentAway fixture;
  fixture.broker.preferred.reset();
  protocol::FetchResponse::PartitionData data;
  data.current_leader = {.leader_id = BrokerId{1}, .leader_epoch = LeaderEpoch{1}};
  fixture.answer(fetch_answer(data));
  QCOMPARE(fixture.fetches().back(), std::string("broker-1 700"));
}

OTTLA_TEST(ConsumerNodeTest)
#include "consumer_node_test.moc"
