// Kafka's fixed-size integers at a known place in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace ottla::protocol {

template <class Integer>
[[nodiscard]] inline Integer load_big_endian(const std::uint8_t* from) {
  using Unsigned = std::make_unsigned_t<Integer>;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value = (value << 8) | from[i];
  return static_cast<Integer>(static_cast<Unsigned>(value));
}

template <class Integer>
inline void store_big_endian(std::uint8_t* to, Integer value) {
  auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = sizeof(Integer); i-- > 0; bits >>= 8)
    to[i] = static_cast<std::uint8_t>(bits);
}

}  // namespace ottla::protocol
