// What java.lang.String says of a text, where Kafka's behaviour rests on it: a group's partition is
// chosen by String.hashCode, and the limit on commit metadata counts String.length. Both are over
// UTF-16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/ids.h"

namespace ottla::coordinator {

// String.hashCode of UTF-8 text; what is malformed counts as U+FFFD, as Java decodes it.
[[nodiscard]] std::int32_t java_hash(std::string_view utf8);
// String.length: UTF-16 code units.
[[nodiscard]] std::size_t java_length(std::string_view utf8);

// The partition of __consumer_offsets (or, by transactional id, of __transaction_state) that
// coordinates `key`: Utils.abs(key.hashCode()) % partition_count. `partition_count` is positive.
[[nodiscard]] PartitionIndex partition_for(std::string_view key, std::int32_t partition_count);

}  // namespace ottla::coordinator
