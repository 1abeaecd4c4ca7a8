#include "engine/protocol/records/murmur2.h"

#include "engine/base/assert.h"

namespace ottla::protocol {

std::int32_t murmur2(std::span<const std::uint8_t> content) {
  constexpr std::uint32_t seed = 0x9747'B28C;
  constexpr std::uint32_t multiplier = 0x5BD1'E995;
  constexpr unsigned rotation = 24;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(content[i]); };

  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(content.size());
  std::size_t at = 0;
  for (; content.size() - at >= 4; at += 4) {
    // Little-endian, unlike everything else in Kafka.
    std::uint32_t word =
        byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
    word *= multiplier;
    word ^= word >> rotation;
    word *= multiplier;
    hash = (hash * multiplier) ^ word;
  }
  const std::size_t tail = content.size() - at;
  if (tail == 3) hash ^= byte(at + 2) << 16;
  if (tail >= 2) hash ^= byte(at + 1) << 8;
  if (tail >= 1) hash = (hash ^ byte(at)) * multiplier;
  hash ^= hash >> 13;
  hash *= multiplier;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

PartitionIndex partition_for_key(std::span<const std::uint8_t> key, std::int32_t partition_count) {
  OTTLA_ASSERT(partition_count > 0);
  return PartitionIndex{(murmur2(key) & 0x7FFF'FFFF) % partition_count};
}

}  // namespace ottla::protocol
