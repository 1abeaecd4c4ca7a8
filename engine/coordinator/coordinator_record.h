// The records of __consumer_offsets, byte for byte as Kafka writes them: a key and a value, each
// begun with the two-byte version of its schema. The key's version tells the kind of record: 1 is a
// committed offset, 2 a classic group's metadata. No value is a tombstone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/protocol/messages/group_metadata_value.h"

namespace ottla::coordinator {

struct CoordinatorRecord {
  Bytes key;
  std::optional<Bytes> value;
  bool operator==(const CoordinatorRecord&) const = default;
};

struct OffsetKey {
  std::string group;
  std::string topic;
  PartitionIndex partition;
  auto operator<=>(const OffsetKey&) const = default;
};

// What a consumer committed for one partition.
struct CommittedOffset {
  Offset offset;
  LeaderEpoch leader_epoch = no_leader_epoch;
  std::string metadata;
  std::int64_t commit_timestamp = -1;  // Milliseconds since the epoch.
  std::optional<std::int64_t>
      expire_timestamp;  // Only where the request gave a retention (v2 to v4).
  bool operator==(const CommittedOffset&) const = default;
};

// Value version 3, or 1 where there is an expire timestamp, as no later version holds one.
[[nodiscard]] CoordinatorRecord offset_record(const OffsetKey& key, const CommittedOffset& value);
[[nodiscard]] CoordinatorRecord offset_tombstone(const OffsetKey& key);
// Value version 3: the highest that is not flexible, so that older coordinators read it too.
[[nodiscard]] CoordinatorRecord group_record(const std::string& group,
                                             const protocol::GroupMetadataValue& value);
[[nodiscard]] CoordinatorRecord group_tombstone(const std::string& group);

// What a record says, decoded.
struct OffsetRecord {
  OffsetKey key;
  std::optional<CommittedOffset> value;
};
struct GroupRecord {
  std::string group;
  std::optional<protocol::GroupMetadataValue> value;
};
struct UnknownRecord {
  std::int16_t key_version;  // A kind from a newer coordinator: skipped, as Kafka does.
};
struct MalformedRecord {};
using DecodedRecord = std::variant<OffsetRecord, GroupRecord, UnknownRecord, MalformedRecord>;

[[nodiscard]] DecodedRecord decode_record(const CoordinatorRecord& record);

}  // namespace ottla::coordinator
