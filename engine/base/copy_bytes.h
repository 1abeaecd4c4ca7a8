// Copies memory that does not overlap.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace ottla {

// Copies `from` to `to`, where there must be room; gives where the copy ends. (GCC 12 turns the
// standard algorithms into a loop over single bytes here.)
inline std::uint8_t* copy_bytes(std::span<const std::uint8_t> from, std::uint8_t* to) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
  return to + from.size();
}

}  // namespace ottla
