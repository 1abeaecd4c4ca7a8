#include "engine/coordinator/coordinator_record.h"

#include "engine/protocol/coordinator_record_codec.h"
#include "engine/protocol/messages/group_metadata_key.h"
#include "engine/protocol/messages/offset_commit_key.h"
#include "engine/protocol/messages/offset_commit_value.h"

namespace ottla::coordinator {

using protocol::GroupMetadataKey;
using protocol::GroupMetadataValue;
using protocol::OffsetCommitKey;
using protocol::OffsetCommitValue;

namespace {

constexpr ApiVersion offset_value_version{3};
constexpr ApiVersion offset_value_version_with_expiry{1};
constexpr ApiVersion group_value_version{3};
// Keys of brokers before 0.8.2 had version 0 and the same fields.
constexpr std::int16_t legacy_offset_key = 0;

Bytes offset_key_bytes(const OffsetKey& key) {
  OffsetCommitKey out;
  out.group = key.group;
  out.topic = key.topic;
  out.partition = key.partition;
  return protocol::encode_coordinator_key(out);
}

Bytes group_key_bytes(const std::string& group) {
  GroupMetadataKey out;
  out.group = group;
  return protocol::encode_coordinator_key(out);
}

DecodedRecord decode_offset_record(const CoordinatorRecord& record) {
  ByteReader reader(record.key);
  (void)reader.read_int16();
  auto key = OffsetCommitKey::decode(reader, OffsetCommitKey::max_version);
  if (!key) return MalformedRecord{};
  OffsetRecord decoded{{key->group, key->topic, key->partition}, std::nullopt};
  if (!record.value) return decoded;
  auto value = protocol::decode_versioned<OffsetCommitValue>(*record.value);
  if (!value) return MalformedRecord{};
  decoded.value = CommittedOffset{value->offset, value->leader_epoch, value->metadata,
                                  value->commit_timestamp, std::nullopt};
  if (value->expire_timestamp != -1) decoded.value->expire_timestamp = value->expire_timestamp;
  return decoded;
}

DecodedRecord decode_group_record(const CoordinatorRecord& record) {
  auto key = protocol::decode_coordinator_key<GroupMetadataKey>(record.key);
  if (!key) return MalformedRecord{};
  if (!record.value) return GroupRecord{key->group, std::nullopt};
  auto value = protocol::decode_versioned<GroupMetadataValue>(*record.value);
  if (!value) return MalformedRecord{};
  return GroupRecord{key->group, std::move(*value)};
}

}  // namespace

CoordinatorRecord offset_record(const OffsetKey& key, const CommittedOffset& value) {
  OffsetCommitValue out;
  out.offset = value.offset;
  out.leader_epoch = value.leader_epoch;
  out.metadata = value.metadata;
  out.commit_timestamp = value.commit_timestamp;
  out.expire_timestamp = value.expire_timestamp.value_or(-1);
  const ApiVersion version =
      value.expire_timestamp ? offset_value_version_with_expiry : offset_value_version;
  return {offset_key_bytes(key), protocol::encode_versioned(out, version)};
}

CoordinatorRecord offset_tombstone(const OffsetKey& key) {
  return {offset_key_bytes(key), std::nullopt};
}

CoordinatorRecord group_record(const std::string& group, const GroupMetadataValue& value) {
  return {group_key_bytes(group), protocol::encode_versioned(value, group_value_version)};
}

CoordinatorRecord group_tombstone(const std::string& group) {
  return {group_key_bytes(group), std::nullopt};
}

DecodedRecord decode_record(const CoordinatorRecord& record) {
  const std::optional<std::int16_t> kind = protocol::peek_prefix(record.key);
  if (!kind) return MalformedRecord{};
  if (*kind == legacy_offset_key || *kind == OffsetCommitKey::api_key) {
    return decode_offset_record(record);
  }
  if (*kind == GroupMetadataKey::api_key) return decode_group_record(record);
  return UnknownRecord{*kind};
}

}  // namespace ottla::coordinator
