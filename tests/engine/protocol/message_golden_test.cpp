#include <QFile>

#include "engine/protocol/coordinator_record_codec.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/messages/consumer_protocol_subscription.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/find_coordinator_request.h"
#include "engine/protocol/messages/init_producer_id_request.h"
#include "engine/protocol/messages/join_group_request.h"
#include "engine/protocol/messages/metadata_request.h"
#include "engine/protocol/messages/produce_request.h"
#include "engine/protocol/request_frame.h"
#include "tests/support/test_registry.h"

using namespace ottla::protocol;
using ottla::ApiVersion;
using ottla::BrokerId;
using ottla::ByteReader;
using ottla::Bytes;
using ottla::ByteWriter;
using ottla::CorrelationId;
using ottla::Offset;
using ottla::PartitionIndex;

namespace {

Bytes golden(const char* name) {
  QFile file(QString(OTTLA_GOLDEN_DIR "/protocol/%1.bin").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  return Bytes::copy_of(file.readAll().toStdString());
}

template <class Request>
struct Captured {
  RequestHead head;
  Request body;
  bool encodes_to_the_same_bytes = false;
};

// Nothing unless the whole file is one request of the type.
template <class Request>
std::optional<Captured<Request>> read(const char* name) {
  const Bytes bytes = golden(name);
  ByteReader reader(bytes);
  const auto head = read_request_head(reader);
  if (!head || head->key != Request::api_key) return std::nullopt;
  const auto body = Request::decode(reader, head->version);
  if (!body || reader.remaining() > 0) return std::nullopt;
  ByteWriter writer;
  write_request_head(writer, *head);
  body->encode(writer, head->version);
  return Captured<Request>{*head, *body, writer.take() == bytes};
}

bool has_head(const RequestHead& head, int version, int correlation, const char* client_id) {
  return head.version.value() == version && head.correlation_id.value() == correlation &&
         head.client_id == client_id;
}

}  // namespace

class MessageGoldenTest : public QObject {
  Q_OBJECT
 private slots:
  void api_versions_of_librdkafka_kafka_python_and_java();
  void metadata_of_librdkafka();
  void metadata_of_kafka_python();
  void metadata_of_java();
  void produce_of_librdkafka();
  void fetch_of_librdkafka();
  void find_coordinator_of_librdkafka();
  void join_group_of_librdkafka();
  void join_group_of_kafka_python();
  void init_producer_id_of_librdkafka_and_java();
};

void MessageGoldenTest::api_versions_of_librdkafka_kafka_python_and_java() {
  const auto librdkafka = read<ApiVersionsRequest>("librdkafka_api_versions_v3");
  QVERIFY(librdkafka && librdkafka->encodes_to_the_same_bytes);
  QVERIFY(has_head(librdkafka->head, 3, 1, "rdkafka"));
  QCOMPARE(librdkafka->body.client_software_name, std::string("librdkafka"));
  QCOMPARE(librdkafka->body.client_software_version, std::string("2.0.2"));

  const auto python = read<ApiVersionsRequest>("kafka_python_api_versions_v0");
  QVERIFY(python && python->encodes_to_the_same_bytes);
  QVERIFY(has_head(python->head, 0, 1, "till-8"));
  QVERIFY(python->body == ApiVersionsRequest());

  const auto java = read<ApiVersionsRequest>("java_api_versions_v4");
  QVERIFY(java && java->encodes_to_the_same_bytes);
  QVERIFY(has_head(java->head, 4, 0, "till-9"));
  QCOMPARE(java->body.client_software_name, std::string("apache-kafka-java"));
  QCOMPARE(java->body.client_software_version, std::string("4.2.0"));
}

void MessageGoldenTest::metadata_of_librdkafka() {
  const auto request = read<MetadataRequest>("librdkafka_metadata_v4");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 4, 2, "rdkafka"));
  QVERIFY(request->body.topics && request->body.topics->size() == 1);
  QVERIFY(request->body.topics->front().name == "orders");
  QVERIFY(request->body.allow_auto_topic_creation);
}

void MessageGoldenTest::metadata_of_kafka_python() {
  const auto request = read<MetadataRequest>("kafka_python_metadata_v1");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 1, 4, "kafka-python-2.0.2"));
  QVERIFY(request->body.topics && request->body.topics->size() == 1);
  QVERIFY(request->body.topics->front().name == "orders");
}

void MessageGoldenTest::metadata_of_java() {
  const auto request = read<MetadataRequest>("java_metadata_v13");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 13, 1, "till-9"));
  QVERIFY(request->body.topics && request->body.topics->size() == 1);
  QVERIFY(request->body.topics->front().topic_id.is_zero());
  QVERIFY(request->body.topics->front().name == "orders");
  QVERIFY(request->body.allow_auto_topic_creation);
  QVERIFY(!request->body.include_topic_authorized_operations);
}

void MessageGoldenTest::produce_of_librdkafka() {
  const auto request = read<ProduceRequest>("librdkafka_produce_v7");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 7, 3, "rdkafka"));
  QVERIFY(!request->body.transactional_id);
  QCOMPARE(request->body.acks, std::int16_t{-1});
  QCOMPARE(request->body.timeout_ms, 30'000);
  QCOMPARE(request->body.topic_data.size(), std::size_t{1});
  const auto& topic = request->body.topic_data.front();
  QCOMPARE(topic.name, std::string("orders"));
  QCOMPARE(topic.partition_data.size(), std::size_t{1});
  QCOMPARE(topic.partition_data.front().index, 0);
  QVERIFY(topic.partition_data.front().records);
  QCOMPARE(topic.partition_data.front().records->size(), std::size_t{80});
}

void MessageGoldenTest::fetch_of_librdkafka() {
  const auto request = read<FetchRequest>("librdkafka_fetch_v11");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 11, 4, "rdkafka"));
  QVERIFY(request->body.replica_id == BrokerId(-1));
  QCOMPARE(request->body.max_wait_ms, 500);
  QCOMPARE(request->body.min_bytes, 1);
  QCOMPARE(request->body.max_bytes, 52'428'800);
  QCOMPARE(request->body.isolation_level, std::int8_t{1});
  QCOMPARE(request->body.session_id, 0);
  QCOMPARE(request->body.session_epoch, -1);
  QVERIFY(request->body.forgotten_topics_data.empty() && request->body.rack_id.empty());
  QCOMPARE(request->body.topics.size(), std::size_t{1});
  QCOMPARE(request->body.topics.front().topic, std::string("orders"));
  const auto& partition = request->body.topics.front().partitions.front();
  QVERIFY(partition.partition == PartitionIndex(0));
  QVERIFY(partition.current_leader_epoch == ottla::no_leader_epoch);
  QVERIFY(partition.fetch_offset == Offset(5));
  QVERIFY(partition.log_start_offset == ottla::no_offset);
  QCOMPARE(partition.partition_max_bytes, 1'048'576);
}

void MessageGoldenTest::find_coordinator_of_librdkafka() {
  const auto request = read<FindCoordinatorRequest>("librdkafka_find_coordinator_v2");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 2, 3, "rdkafka"));
  QCOMPARE(request->body.key, std::string("audit"));
  QCOMPARE(request->body.key_type, std::int8_t{0});
}

void MessageGoldenTest::join_group_of_librdkafka() {
  const auto request = read<JoinGroupRequest>("librdkafka_join_group_v5");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 5, 3, "rdkafka"));
  QCOMPARE(request->body.group_id, std::string("audit"));
  QCOMPARE(request->body.session_timeout_ms, 45'000);
  QCOMPARE(request->body.rebalance_timeout_ms, 300'000);
  QVERIFY(request->body.member_id.empty() && !request->body.group_instance_id);
  QCOMPARE(request->body.protocol_type, std::string("consumer"));
  QCOMPARE(request->body.protocols.size(), std::size_t{2});
  QCOMPARE(request->body.protocols[0].name, std::string("range"));
  QCOMPARE(request->body.protocols[1].name, std::string("roundrobin"));
  const auto subscription =
      decode_versioned<ConsumerProtocolSubscription>(request->body.protocols[0].metadata);
  QVERIFY(subscription && subscription->topics == std::vector<std::string>{"orders"});
  QVERIFY(subscription->user_data && subscription->user_data->empty());
  QVERIFY(encode_versioned(*subscription, ApiVersion(1)) == request->body.protocols[0].metadata);
}

void MessageGoldenTest::join_group_of_kafka_python() {
  const auto request = read<JoinGroupRequest>("kafka_python_join_group_v2");
  QVERIFY(request && request->encodes_to_the_same_bytes);
  QVERIFY(has_head(request->head, 2, 1, "kafka-python-2.0.2"));
  QCOMPARE(request->body.session_timeout_ms, 10'000);
  QCOMPARE(request->body.rebalance_timeout_ms, 300'000);
  QCOMPARE(peek_prefix(request->body.protocols.at(0).metadata), std::optional<std::int16_t>(0));
}

void MessageGoldenTest::init_producer_id_of_librdkafka_and_java() {
  const auto librdkafka = read<InitProducerIdRequest>("librdkafka_init_producer_id_v4");
  QVERIFY(librdkafka && librdkafka->encodes_to_the_same_bytes);
  QVERIFY(!librdkafka->body.transactional_id);
  QCOMPARE(librdkafka->body.transaction_timeout_ms, -1);
  QVERIFY(librdkafka->body.producer_id == ottla::no_producer_id);
  QVERIFY(librdkafka->body.producer_epoch == ottla::no_producer_epoch);

  const auto java = read<InitProducerIdRequest>("java_init_producer_id_v5");
  QVERIFY(java && java->encodes_to_the_same_bytes);
  QVERIFY(!java->body.transactional_id);
  QCOMPARE(java->body.transaction_timeout_ms, std::numeric_limits<std::int32_t>::max());
}

OTTLA_TEST(MessageGoldenTest)
#include "message_golden_test.moc"
