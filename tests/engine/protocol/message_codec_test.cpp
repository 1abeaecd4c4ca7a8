#include "engine/protocol/message_codec.h"

#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/describe_topic_partitions_request.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/heartbeat_request.h"
#include "engine/protocol/messages/metadata_request.h"
#include "engine/protocol/messages/produce_request.h"
#include "tests/support/test_registry.h"

using namespace ottla::protocol;
using ottla::ApiVersion;
using ottla::ByteChain;
using ottla::ByteReader;
using ottla::Bytes;
using ottla::ByteWriter;
using ottla::Uuid;

namespace {

template <class Message>
bool decodes(ByteWriter& written, int version) {
  ByteReader reader(written.take_chain());
  return Message::decode(reader, ApiVersion(static_cast<std::int16_t>(version))).has_value();
}

Bytes text(std::string_view content) {
  return Bytes::copy_of(content);
}

}  // namespace

class MessageCodecTest : public QObject {
  Q_OBJECT
 private slots:
  void an_array_longer_than_what_is_left_is_refused_before_it_is_allocated();
  void a_compact_array_longer_than_what_is_left_is_refused();
  void null_is_refused_where_the_version_has_none();
  void null_and_empty_are_two_things();
  void a_string_beyond_32767_bytes_is_refused_in_every_version();
  void a_string_that_is_no_text_is_repaired();
  void a_string_whose_repair_is_too_long_is_refused();
  void a_string_that_is_too_long_to_be_written_fails_the_writer();
  void unknown_tagged_fields_survive_in_the_order_of_their_tags();
  void unknown_tags_that_came_in_disorder_leave_in_order();
  void a_tagged_field_of_another_length_than_it_says_is_refused();
  void a_tag_that_the_version_lacks_is_refused();
  void a_count_of_tags_beyond_what_is_left_is_refused();
  void tagged_fields_at_their_defaults_are_not_written();
  void record_batches_are_shared_and_not_copied();
  void ignorable_fields_are_left_out_of_versions_that_lack_them();
  void nullable_structs_come_behind_a_byte();
};

void MessageCodecTest::an_array_longer_than_what_is_left_is_refused_before_it_is_allocated() {
  ByteReader reader(text("0123456789"));
  const auto count = codec::read_array_length(reader, 4, false);  // "0123" reads as 808 million.
  QVERIFY(count && *count == 0);
  QVERIFY(!reader.ok());

  ByteWriter writer;
  writer.write_int32(0x7FFFFFFF);
  writer.write_int32(0);
  QVERIFY(decodes<MetadataRequest>(writer, 1) == false);
}

void MessageCodecTest::a_compact_array_longer_than_what_is_left_is_refused() {
  for (const std::uint32_t length : {4U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    ByteWriter writer;
    writer.write_unsigned_varint(length);
    writer.write_int16(0);
    QVERIFY(!decodes<CreateTopicsRequest>(writer, 7));
  }
}

void MessageCodecTest::null_is_refused_where_the_version_has_none() {
  ByteWriter old_null;
  old_null.write_int32(-1);
  QVERIFY(!decodes<MetadataRequest>(old_null, 0));
  ByteWriter new_null;
  new_null.write_int32(-1);
  QVERIFY(decodes<MetadataRequest>(new_null, 1));
  ByteWriter compact_null;  // The group id of Heartbeat v4.
  compact_null.write_unsigned_varint(0);
  compact_null.write_text("01234567");
  QVERIFY(!decodes<HeartbeatRequest>(compact_null, 4));
}

void MessageCodecTest::null_and_empty_are_two_things() {
  for (const ApiVersion version : {ApiVersion(1), ApiVersion(12)}) {
    for (const bool null : {false, true}) {
      MetadataRequest request;
      QVERIFY(request.topics && request.topics->empty());
      if (null) request.topics.reset();
      ByteWriter writer;
      request.encode(writer, version);
      ByteReader reader(writer.take());
      const auto decoded = MetadataRequest::decode(reader, version);
      QVERIFY(decoded && decoded->topics.has_value() != null);
    }
  }
}

void MessageCodecTest::a_string_beyond_32767_bytes_is_refused_in_every_version() {
  for (const std::size_t length : {32'767U, 32'768U}) {
    ByteWriter writer;
    writer.write_unsigned_varint(static_cast<std::uint32_t>(length + 1));
    writer.write_text(std::string(length, 'x'));
    ByteReader reader(writer.take());
    QCOMPARE(codec::read_string(reader, true).size() == length, length == 32'767);
    QCOMPARE(reader.ok(), length == 32'767);
  }
  ByteReader reader(text("\x80\x01" + std::string(40'000, 'x')));
  QVERIFY(!codec::read_nullable_string(reader,
                                       false));  // A negative length is null, as Kafka reads it.
}

void MessageCodecTest::unknown_tagged_fields_survive_in_the_order_of_their_tags() {
  // Tags 0, 1, 2 and 3 are known: 7 comes behind them.
  ApiVersionsResponse response;
  response.finalized_features_epoch = 12;
  response.unknown_tagged_fields = {{7, text("seven")}, {300, text("")}};
  ByteWriter writer;
  response.encode(writer, ApiVersion(3));
  const Bytes bytes = writer.take();
  ByteReader reader(bytes);
  const auto decoded = ApiVersionsResponse::decode(reader, ApiVersion(3));
  QVERIFY(decoded && *decoded == response);
  QCOMPARE(bytes.text().substr(bytes.size() - 10), std::string_view("\x07\x05seven\xAC\x02\0", 10));
}

void MessageCodecTest::unknown_tags_that_came_in_disorder_leave_in_order() {
  ByteWriter writer;
  writer.write_unsigned_varint(3);
  for (const std::uint32_t tag : {9U, 2U, 5U}) {
    writer.write_unsigned_varint(tag);
    writer.write_unsigned_varint(1);
    writer.write_int8(static_cast<std::int8_t>(tag));
  }
  ByteReader reader(writer.take());
  UnknownTaggedFields fields;
  codec::read_tagged_fields(reader, fields);
  QVERIFY(reader.ok());
  QVERIFY((fields == UnknownTaggedFields{{2, text("\x02")}, {5, text("\x05")}, {9, text("\x09")}}));

  codec::TaggedFieldWriter tags(writer, fields, 1);
  tags.begin(4);
  writer.write_int8(4);
  tags.end();
  tags.finish();
  QCOMPARE(writer.take().text(),
           std::string_view("\x04\x02\x01\x02\x04\x01\x04\x05\x01\x05\x09\x01\x09", 13));
}

void MessageCodecTest::a_tagged_field_of_another_length_than_it_says_is_refused() {
  for (const std::uint32_t size : {7U, 8U, 9U}) {
    ByteWriter writer;
    writer.write_int16(0);            // Error code.
    writer.write_unsigned_varint(1);  // No APIs.
    writer.write_int32(0);            // Throttle time.
    writer.write_unsigned_varint(1);  // One tagged field: the epoch of the finalized features.
    writer.write_unsigned_varint(1);
    writer.write_unsigned_varint(size);
    for (std::uint32_t i = 0; i < size; ++i) writer.write_int8(0);
    QCOMPARE(decodes<ApiVersionsResponse>(writer, 3), size == 8);
  }
}

void MessageCodecTest::a_tag_that_the_version_lacks_is_refused() {
  // FetchRequest's tag 1 (ReplicaState) comes with version 15.
  FetchRequest request;
  request.replica_state.replica_id = ottla::BrokerId(3);
  ByteWriter writer;
  request.encode(writer, ApiVersion(15));
  const Bytes bytes = writer.take();
  ByteReader reader(bytes);
  QVERIFY(FetchRequest::decode(reader, ApiVersion(15)));

  UnknownTaggedFields as_unknown{{1, Bytes::copy_of(std::string(13, '\0'))}};
  FetchRequest older;
  older.unknown_tagged_fields = as_unknown;
  older.encode(writer, ApiVersion(14));
  QVERIFY(!decodes<FetchRequest>(writer, 14));
}

void MessageCodecTest::a_count_of_tags_beyond_what_is_left_is_refused() {
  for (const std::uint32_t count : {2U, 0xFFFFFFFFU}) {
    ByteWriter writer;
    writer.write_unsigned_varint(count);
    writer.write_int16(0x0900);
    ByteReader reader(writer.take());
    UnknownTaggedFields fields;
    codec::read_tagged_fields(reader, fields);
    QVERIFY(!reader.ok());
  }
}

void MessageCodecTest::tagged_fields_at_their_defaults_are_not_written() {
  ByteWriter writer;
  ApiVersionsResponse().encode(writer, ApiVersion(3));
  QCOMPARE(writer.size(), std::size_t{8});
}

void MessageCodecTest::record_batches_are_shared_and_not_copied() {
  const Bytes batch = text(std::string(4096, 'r'));
  ProduceRequest request;
  auto& partition = request.topic_data.emplace_back().partition_data.emplace_back();
  partition.records = ByteChain(batch);
  ByteWriter writer;
  request.encode(writer, ApiVersion(9));
  ByteReader reader(writer.take_chain());
  const auto decoded = ProduceRequest::decode(reader, ApiVersion(9));
  QVERIFY(decoded);
  const auto& records = decoded->topic_data.front().partition_data.front().records;
  QVERIFY(records && records->slices().size() == 1);
  QVERIFY(records->slices().front().data() == batch.data());
}

void MessageCodecTest::ignorable_fields_are_left_out_of_versions_that_lack_them() {
  FetchRequest request;
  request.cluster_id = "cluster";
  request.rack_id = "rack";
  ByteWriter writer;
  request.encode(writer, ApiVersion(10));
  ByteReader reader(writer.take());
  const auto decoded = FetchRequest::decode(reader, ApiVersion(10));
  QVERIFY(decoded && decoded->rack_id.empty() && !decoded->cluster_id);
}

void MessageCodecTest::nullable_structs_come_behind_a_byte() {
  DescribeTopicPartitionsRequest request;
  ByteWriter writer;
  request.encode(writer, ApiVersion(0));
  const Bytes without = writer.take();
  QCOMPARE(without.data()[without.size() - 2], std::uint8_t{0xFF});
  request.cursor.emplace().topic_name = "orders";
  request.encode(writer, ApiVersion(0));
  ByteReader reader(writer.take());
  const auto decoded = DescribeTopicPartitionsRequest::decode(reader, ApiVersion(0));
  QVERIFY(decoded && *decoded == request);
}

void MessageCodecTest::a_string_that_is_no_text_is_repaired() {
  ByteWriter writer;
  codec::write_string(writer, "a\xFF", true);
  codec::write_nullable_string(writer, std::string("\x80"), false);
  ByteReader reader(writer.take_chain());
  QCOMPARE(codec::read_string(reader, true), std::string("a\xEF\xBF\xBD"));
  QCOMPARE(codec::read_nullable_string(reader, false), std::optional<std::string>("\xEF\xBF\xBD"));
  QVERIFY(reader.ok());
}

void MessageCodecTest::a_string_whose_repair_is_too_long_is_refused() {
  for (const std::size_t length : {std::size_t{10'922}, std::size_t{10'923}}) {
    ByteWriter writer;
    codec::write_string(writer, std::string(length, '\xFF'), true);
    ByteReader reader(writer.take_chain());
    const std::string text = codec::read_string(reader, true);
    QCOMPARE(reader.ok(), length * 3 <= codec::string_length_max);
    QCOMPARE(text.size(), reader.ok() ? length * 3 : std::size_t{0});
  }
}

void MessageCodecTest::a_string_that_is_too_long_to_be_written_fails_the_writer() {
  for (const bool flexible : {false, true}) {
    ByteWriter writer;
    codec::write_string(writer, std::string(codec::string_length_max, 'x'), flexible);
    QVERIFY(writer.ok());
    codec::write_string(writer, std::string(codec::string_length_max + 1, 'x'), flexible);
    QVERIFY(!writer.ok());
    codec::write_string(writer, "short", flexible);
    QVERIFY(!writer.ok());
  }
}

OTTLA_TEST(MessageCodecTest)
#include "message_codec_test.moc"
