// The hash by which Kafka's producers choose a keyed record's partition
// (org.apache.kafka.common.utils.Utils.murmur2).
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/ids.h"

namespace ottla::protocol {

[[nodiscard]] std::int32_t murmur2(std::span<const std::uint8_t> content);

// The partition of `key` in a topic of `partition_count` partitions, which must be positive
// (BuiltInPartitioner.partitionForKey).
[[nodiscard]] PartitionIndex partition_for_key(std::span<const std::uint8_t> key,
                                               std::int32_t partition_count);

}  // namespace ottla::protocol
