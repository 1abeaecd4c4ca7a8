// What a reader may see of transactions: all up to the high watermark, or only what is decided.
#pragma once

#include <cstdint>

namespace ottla::broker {

inline constexpr std::int8_t read_uncommitted = 0;
inline constexpr std::int8_t read_committed = 1;

[[nodiscard]] constexpr bool is_isolation_level(std::int8_t level) {
  return level == read_uncommitted || level == read_committed;
}

}  // namespace ottla::broker
