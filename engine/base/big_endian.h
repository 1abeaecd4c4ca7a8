// Kafka's fixed-size integers at a known place in memory.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ottla {

// Bytes in the other order; compilers make one instruction of it.
template <class Unsigned>
[[nodiscard]] constexpr Unsigned byte_swapped(Unsigned value) {
  static_assert(std::is_unsigned_v<Unsigned>);
  if constexpr (sizeof(Unsigned) == 1) {
    return value;
  } else if constexpr (sizeof(Unsigned) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(Unsigned) == 4) {
    return __builtin_bswap32(value);
  } else {
    return __builtin_bswap64(value);
  }
}

template <class Unsigned>
[[nodiscard]] constexpr Unsigned between_native_and_big_endian(Unsigned value) {
  return std::endian::native == std::endian::big ? value : byte_swapped(value);
}

template <class Integer>
[[nodiscard]] inline Integer load_big_endian(const std::uint8_t* from) {
  std::make_unsigned_t<Integer> bits = 0;
  std::memcpy(&bits, from, sizeof bits);
  return static_cast<Integer>(between_native_and_big_endian(bits));
}

template <class Integer>
inline void store_big_endian(std::uint8_t* to, Integer value) {
  const auto bits =
      between_native_and_big_endian(static_cast<std::make_unsigned_t<Integer>>(value));
  std::memcpy(to, &bits, sizeof bits);
}

}  // namespace ottla
