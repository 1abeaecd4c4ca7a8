// Variable-length integers, as Kafka's ByteUtils has them: seven bits a byte, the lowest first, and
// the top bit set on all but the last. Signed ones are folded first (zigzag), so that small ones of
// either sign are short.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ottla {

[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t folded) {
  return static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
}

// The bytes that an unsigned varint or varlong takes.
[[nodiscard]] constexpr std::size_t unsigned_varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// The bytes that a zigzag varint or varlong takes.
[[nodiscard]] constexpr std::size_t varint_size(std::int64_t value) {
  return unsigned_varint_size(zigzag(value));
}

// Writes an unsigned varlong from `to` on, where there must be room; gives where it ends.
constexpr std::uint8_t* store_unsigned_varlong(std::uint8_t* to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::uint8_t>(value | 0x80);
  *to++ = static_cast<std::uint8_t>(value);
  return to;
}

}  // namespace ottla
