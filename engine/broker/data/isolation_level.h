// What a reader may see of transactions: all up to the high watermark (READ_UNCOMMITTED, 0), or
// only what is decided (READ_COMMITTED, 1).
#pragma once

#include <cstdint>

namespace ottla::broker {

[[nodiscard]] constexpr bool is_isolation_level(std::int8_t level) {
  return level == 0 || level == 1;
}

}  // namespace ottla::broker
