#include "engine/protocol/coordinator_record_codec.h"
#include "engine/protocol/messages/group_metadata_key.h"
#include "engine/protocol/messages/offset_commit_key.h"
#include "engine/protocol/messages/offset_commit_value.h"
#include "engine/protocol/metadata_record_codec.h"
#include "tests/engine/protocol/values/message_case.h"
#include "tests/support/test_registry.h"

using namespace ottla::protocol;
using ottla::ApiVersion;
using ottla::BrokerId;
using ottla::ByteReader;
using ottla::Bytes;
using ottla::ByteWriter;
using ottla::Uuid;

namespace {

Bytes bytes_of(std::initializer_list<int> values) {
  ByteWriter writer;
  for (const int value : values) writer.write_int8(static_cast<std::int8_t>(value));
  return writer.take();
}

template <std::size_t Index = 0, class Check>
void for_each_record_type(Check check) {
  if constexpr (Index < std::variant_size_v<MetadataRecord>) {
    check(std::type_identity<std::variant_alternative_t<Index, MetadataRecord>>());
    for_each_record_type<Index + 1>(check);
  }
}

}  // namespace

class MessageRecordTest : public QObject {
  Q_OBJECT
 private slots:
  void a_metadata_record_is_framed_as_kafka_frames_it();
  void every_type_and_version_of_metadata_record_comes_back();
  void metadata_frames_that_kafka_refuses_are_refused();
  void coordinator_keys_begin_with_their_type_and_values_with_their_version();
  void a_key_of_another_type_is_told_apart();
};

void MessageRecordTest::a_metadata_record_is_framed_as_kafka_frames_it() {
  // Frame 1, TopicRecord (key 2) v0, compact name, topic id, no tags.
  const TopicRecord topic{.name = "orders", .topic_id = Uuid(1, 2)};
  const Bytes expected = bytes_of({1, 2, 0, 7, 'o', 'r', 'd', 'e', 'r', 's', 0, 0, 0, 0,
                                   0, 0, 0, 1, 0,   0,   0,   0,   0,   0,   0, 2, 0});
  QVERIFY(encode_metadata_record(topic) == expected);
  const auto decoded = decode_metadata_record(expected);
  QVERIFY(decoded && std::get<TopicRecord>(*decoded) == topic);
  QCOMPARE(record_name(*decoded), std::string_view("TopicRecord"));
}

void MessageRecordTest::every_type_and_version_of_metadata_record_comes_back() {
  for_each_record_type([](auto type) {
    using Record = typename decltype(type)::type;
    for (ApiVersion version = Record::min_version; version <= Record::max_version;
         version = version.next()) {
      const MetadataRecord sent = filled<Record>(5, version);
      const Bytes bytes = encode_metadata_record(sent, version);
      const auto received = decode_metadata_record(bytes);
      QVERIFY2(received && *received == sent, Record::message_name.data());
      for (std::size_t length = 0; length < bytes.size(); ++length) {
        QVERIFY(!decode_metadata_record(Bytes::copy_of(bytes.span().first(length))));
      }
    }
  });
}

void MessageRecordTest::metadata_frames_that_kafka_refuses_are_refused() {
  using Reason = DecodeError::Reason;
  const auto reason = [](std::initializer_list<int> values) {
    const auto record = decode_metadata_record(bytes_of(values));
    return record ? std::optional<Reason>() : record.error().reason;
  };
  QVERIFY(!reason({1, 20, 0, 0}));                                 // NoOpRecord v0.
  QVERIFY(reason({2, 20, 0, 0}) == Reason::unsupported_version);   // Frame version 2.
  QVERIFY(reason({1, 20, 9, 0}) == Reason::unsupported_version);   // Version 9.
  QVERIFY(reason({1, 99, 0, 0}) == Reason::unknown_api);           // No record with key 99.
  QVERIFY(reason({1, 20, 0, 0, 0}) == Reason::malformed);          // A byte too many.
  QVERIFY(reason({1, 0xFF, 0xFF, 0x7F, 0}) == Reason::malformed);  // A key beyond int16.
}

void MessageRecordTest::coordinator_keys_begin_with_their_type_and_values_with_their_version() {
  const OffsetCommitKey key{.group = "g", .topic = "t", .partition = ottla::PartitionIndex(3)};
  const Bytes key_bytes = encode_coordinator_key(key);
  QVERIFY(key_bytes == bytes_of({0, 1, 0, 1, 'g', 0, 1, 't', 0, 0, 0, 3}));
  QVERIFY(decode_coordinator_key<OffsetCommitKey>(key_bytes) == key);

  OffsetCommitValue value{.offset = ottla::Offset(42), .metadata = "m", .commit_timestamp = 7};
  const Bytes value_bytes = encode_versioned(value, ApiVersion(3));
  QCOMPARE(peek_prefix(value_bytes), std::optional<std::int16_t>(3));
  QVERIFY(decode_versioned<OffsetCommitValue>(value_bytes) == value);
}

void MessageRecordTest::a_key_of_another_type_is_told_apart() {
  const Bytes bytes = encode_coordinator_key(GroupMetadataKey{.group = "g"});
  const auto decoded = decode_coordinator_key<OffsetCommitKey>(bytes);
  QVERIFY(!decoded && decoded.error().reason == DecodeError::Reason::unknown_api);
  QCOMPARE(decoded.error().api_key, GroupMetadataKey::api_key);
  QVERIFY(!peek_prefix(bytes_of({0})));
  QVERIFY(!decode_versioned<OffsetCommitValue>(bytes_of({0, 99, 1, 2})));
}

OTTLA_TEST(MessageRecordTest)
#include "message_record_test.moc"
