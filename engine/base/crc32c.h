// CRC-32C (Castagnoli), the checksum of record batch v2. SSE4.2 where the processor has it, chosen
// once at run time; a table otherwise. Both give the same result, and a test compares them on long
// buffers.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/bytes.h"

namespace ottla {

// The checksum of what `crc` covers followed by `content`; start with 0.
[[nodiscard]] std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::uint8_t> content);
[[nodiscard]] inline std::uint32_t crc32c(std::span<const std::uint8_t> content) {
  return crc32c_extend(0, content);
}
[[nodiscard]] std::uint32_t crc32c(const ByteChain& chain);

// The portable implementation by itself, for the test that compares.
[[nodiscard]] std::uint32_t crc32c_extend_portable(std::uint32_t crc,
                                                   std::span<const std::uint8_t> content);

}  // namespace ottla
