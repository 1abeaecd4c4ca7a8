// 128 bits that stand for a record's key: SipHash-2-4 under a fixed key. Compaction compares these
// in place of keys, as Kafka's SkimpyOffsetMap compares their MD5.
#pragma once

#include <cstdint>
#include <span>

namespace ottla::storage {

struct KeyDigest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const KeyDigest&) const = default;
};

[[nodiscard]] KeyDigest digest_of(std::span<const std::uint8_t> key);

}  // namespace ottla::storage
