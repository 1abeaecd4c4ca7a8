#include "engine/client/producer_node.h"

#include "engine/protocol/messages/init_producer_id_response.h"
#include "engine/protocol/messages/produce_request.h"
#include "engine/protocol/records/murmur2.h"
#include "engine/protocol/records/record_batch.h"
#include "tests/engine/client/client_fixture.h"
#include "tests/support/test_registry.h"

using namespace ottla;
using namespace ottla::client;
using namespace ottla::client::test;
using protocol::ApiKey;
using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::RecordBatch;

namespace {

ProducerConfig orders() {
  ProducerConfig config;
  config.client_id = "shop";
  config.bootstrap = {broker_1};
  config.topic = "orders";
  config.records_per_s = 1000;
  config.record_bytes = 20;
  config.keys = 50;
  return config;
}

std::map<std::int32_t, RecordBatch> batches_of(const Request& request) {
  std::map<std::int32_t, RecordBatch> batches;
  const auto produce = request.as<ProduceRequest>();
  for (const auto& topic : produce.topic_data) {
    for (const auto& partition : topic.partition_data) {
      const auto split = protocol::split_batches(*partition.records);
      batches.emplace(partition.index, split.value().at(0));
    }
  }
  return batches;
}

void answer_produce(World& world, const Request& request, ErrorCode error) {
  ProduceResponse response;
  auto& topic = response.responses.emplace_back();
  topic.name = "orders";
  for (const auto& [index, batch] : batches_of(request)) {
    auto& partition = topic.partition_responses.emplace_back();
    partition.index = index;
    partition.error_code = error;
    partition.base_offset = Offset{0};
  }
  world.answer(request, response);
}

void grant_identity(World& world, const Request& request) {
  protocol::InitProducerIdResponse response;
  response.producer_id = ProducerId{40};
  response.producer_epoch = ProducerEpoch{0};
  world.answer(request, response);
}

// Grants the producer's id and acknowledges everything.
void acknowledge_all(World& world, const Request& request) {
  if (request.head.key == ApiKey::init_producer_id) grant_identity(world, request);
  if (request.head.key == ApiKey::produce) answer_produce(world, request, ErrorCode::none);
}

}  // namespace

class ProducerNodeTest : public QObject {
  Q_OBJECT
 private slots:
  void records_are_batched_by_the_partition_of_their_key();
  void everything_is_acknowledged_and_measured();
  void sequences_go_on_from_batch_to_batch();
  void a_retry_keeps_order_and_sequence();
  void an_unexplained_gap_starts_sequences_again_under_the_next_epoch();
  void the_hot_key_has_its_share();
  void a_batch_is_given_up_after_the_delivery_timeout();
  void closing_sends_what_is_buffered();
};

void ProducerNodeTest::records_are_batched_by_the_partition_of_their_key() {
  World world;
  world.script = acknowledge_all;
  ProducerNode producer(world.env(), orders());
  producer.on_start();
  world.run(producer, Duration::millis(200));
  std::int64_t records = 0;
  for (const Request& request : world.of(ApiKey::produce)) {
    for (const auto& [index, batch] : batches_of(request)) {
      QVERIFY(batch.crc_matches());
      const auto decoded = batch.records();
      QVERIFY(decoded);
      for (const auto& record : *decoded) {
        ++records;
        QCOMPARE(protocol::partition_for_key(record.key->span(), world.partitions).value(), index);
        QCOMPARE(record.value->size(), std::size_t{20});
      }
    }
  }
  QVERIFY(records > 150);
  // Five milliseconds of linger at a record a millisecond: several records to a request.
  QVERIFY(static_cast<std::int64_t>(world.of(ApiKey::produce).size()) * 2 < records);
}

void ProducerNodeTest::everything_is_acknowledged_and_measured() {
  World world;
  world.script = acknowledge_all;
  ProducerNode producer(world.env(), orders());
  producer.on_start();
  world.run(producer, Duration::seconds(3));
  const ProducerStatistics statistics = producer.statistics();
  QCOMPARE(statistics.acknowledged + statistics.buffered_records, statistics.generated);
  QCOMPARE(statistics.failed, std::int64_t{0});
  QVERIFY(statistics.records_per_s > 900 && statistics.records_per_s < 1100);
  QVERIFY(statistics.latency_p50 && *statistics.latency_p50 <= Duration::millis(11));
  QVERIFY(*statistics.latency_p50 <= *statistics.latency_p99);
}

void ProducerNodeTest::sequences_go_on_from_batch_to_batch() {
  World world;
  world.script = acknowledge_all;
  ProducerNode producer(world.env(), orders());
  producer.on_start();
  world.run(producer, Duration::seconds(1));
  std::map<std::int32_t, std::int32_t> next;
  for (const Request& request : world.of(ApiKey::produce)) {
    for (const auto& [index, batch] : batches_of(request)) {
      QCOMPARE(batch.header().producer_id, ProducerId{40});
      QCOMPARE(batch.header().base_sequence, next[index]);
      next[index] += batch.header().record_count;
    }
  }
  QCOMPARE(next.size(), std::size_t{2});
}

void ProducerNodeTest::a_retry_keeps_order_and_sequence() {
  World world;
  world.partitions = 1;
  int produced = 0;
  // The second request fails; the third, in flight behind it, is out of order then.
  std::vector<Request> held;
  world.script = [&](World& in, const Request& request) {
    if (request.head.key == ApiKey::init_producer_id) return grant_identity(in, request);
    ++produced;
    if (produced == 2) {
      held.push_back(request);
    } else if (produced == 3) {
      answer_produce(in, held.front(), ErrorCode::not_enough_replicas);
      answer_produce(in, request, ErrorCode::out_of_order_sequence_number);
    } else {
      answer_produce(in, request, ErrorCode::none);
    }
  };
  ProducerNode producer(world.env(), orders());
  producer.on_start();
  world.run(producer, Duration::seconds(1));
  const auto requests = world.of(ApiKey::produce);
  QVERIFY(requests.size() > 6);
  const auto sequence = [&](std::size_t i) {
    return batches_of(requests.at(i)).at(0).header().base_sequence;
  };
  QCOMPARE(sequence(3), sequence(1));
  QCOMPARE(sequence(4), sequence(2));
  QVERIFY(batches_of(requests.at(3)).at(0) == batches_of(requests.at(1)).at(0));
  QVERIFY(sequence(5) > sequence(4));
  QCOMPARE(batches_of(requests.at(5)).at(0).header().producer_epoch, ProducerEpoch{0});
  QCOMPARE(producer.statistics().retries, std::int64_t{2});
  QCOMPARE(producer.statistics().failed, std::int64_t{0});
}

void ProducerNodeTest::an_unexplained_gap_starts_sequences_again_under_the_next_epoch() {
  World world;
  world.partitions = 1;
  int produced = 0;
  world.script = [&](World& in, const Request& request) {
    if (request.head.key == ApiKey::init_producer_id) return grant_identity(in, request);
    answer_produce(in, request,
                   ++produced == 2 ? ErrorCode::out_of_order_sequence_number : ErrorCode::none);
  };
  ProducerNode producer(world.env(), orders());
  producer.on_start();
  world.run(producer, Duration::seconds(1));
  const auto requests = world.of(ApiKey::produce);
  QVERIFY(batches_of(requests.at(1)).at(0).header().base_sequence > 0);
  const RecordBatch again = batches_of(requests.at(2)).at(0);
  QCOMPARE(again.header().base_sequence, 0);
  QCOMPARE(again.header().producer_epoch, ProducerEpoch{1});
  QVERIFY(again.crc_matches());
  QCOMPARE(producer.statistics().failed, std::int64_t{0});
}

void ProducerNodeTest::the_hot_key_has_its_share() {
  RecordSource source(3, {.producer = "shop",
                          .records_per_s = 1000,
                          .record_bytes = 10,
                          .keys = 100,
                          .hot_key_share = 0.5});
  source.start(scenario_epoch);
  std::map<std::string, int> counts;
  int made = 0;
  while (source.advance(scenario_epoch + Duration::seconds(10))) {
    ++made;
    ++counts[std::string(source.key().text())];
  }
  QVERIFY(made > 9800 && made < 10200);
  QVERIFY(counts["key-0"] > made * 48 / 100 && counts["key-0"] < made * 53 / 100);
  QVERIFY(counts["key-7"] < made * 2 / 100);
}

void ProducerNodeTest::a_batch_is_given_up_after_the_delivery_timeout() {
  World world;
  world.script = [](World& in, const Request& request) {
    if (request.head.key == ApiKey::init_producer_id) return grant_identity(in, request);
    answer_produce(in, request, ErrorCode::not_enough_replicas);
  };
  ProducerConfig config = orders();
  config.delivery_timeout = Duration::seconds(3);
  ProducerNode producer(world.env(), config);
  producer.on_start();
  world.run(producer, Duration::seconds(2));
  QCOMPARE(producer.statistics().failed, std::int64_t{0});
  QCOMPARE(producer.statistics().last_error, std::string("NOT_ENOUGH_REPLICAS"));
  world.run(producer, Duration::seconds(4));
  const ProducerStatistics statistics = producer.statistics();
  QVERIFY(statistics.failed > 1000);
  QCOMPARE(statistics.failed + statistics.buffered_records, statistics.generated);
}

void ProducerNodeTest::closing_sends_what_is_buffered() {
  World world;
  world.script = acknowledge_all;
  ProducerConfig config = orders();
  config.linger = Duration::seconds(10);
  ProducerNode producer(world.env(), config);
  producer.on_start();
  world.run(producer, Duration::millis(100));
  QVERIFY(producer.statistics().buffered_records > 0);
  QVERIFY(!producer.stopped());
  producer.on_shutdown();
  world.run(producer, Duration::millis(1));
  QVERIFY(producer.stopped());
  QCOMPARE(producer.statistics().acknowledged, producer.statistics().generated);
}

OTTLA_TEST(ProducerNodeTest)
#include "producer_node_test.moc"
