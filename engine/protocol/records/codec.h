// What the codecs share: a way to read a chain as blocks, and an output that grows with what
// arrives and stops at its limit. Private to this folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

// Inflated bytes, at most `limit` of them. It doubles as it fills, so that memory follows what was
// really inflated and not what a header declares.
class InflatedBytes {
 public:
  InflatedBytes(std::size_t expected, std::size_t limit)
      : limit_(limit), memory_(std::min(std::max(expected, size_min), limit)) {}

  // Room to write into, of at least one byte; empty when the limit is reached.
  [[nodiscard]] std::span<std::uint8_t> room() {
    if (used_ == memory_.size() && used_ < limit_) grow(used_ + 1);
    return memory_.span().subspan(used_);
  }
  // Room for `length` bytes, or empty when the limit does not allow them.
  [[nodiscard]] std::span<std::uint8_t> room(std::size_t length) {
    if (length > limit_ - used_) return {};
    if (memory_.size() - used_ < length) grow(used_ + length);
    return memory_.span().subspan(used_, length);
  }
  void use(std::size_t length) { used_ += length; }

  [[nodiscard]] Bytes take() && { return std::move(memory_).freeze(used_); }

 private:
  static constexpr std::size_t size_min = 1024;

  void grow(std::size_t needed) {
    MutableBytes larger(std::min(std::max(needed, memory_.size() * 2), limit_));
    if (used_ > 0) std::memcpy(larger.data(), memory_.data(), used_);
    memory_ = std::move(larger);
  }

  std::size_t limit_;
  MutableBytes memory_;
  std::size_t used_ = 0;
};

[[nodiscard]] Bytes gzip_compress(std::span<const std::uint8_t> content, int level);
[[nodiscard]] Result<Bytes, RecordError> gzip_decompress(const ByteChain& content,
                                                         std::size_t inflated_bytes_max);

[[nodiscard]] Bytes snappy_compress(std::span<const std::uint8_t> content);
[[nodiscard]] Result<Bytes, RecordError> snappy_decompress(const ByteChain& content,
                                                           std::size_t inflated_bytes_max);

[[nodiscard]] Bytes lz4_compress(std::span<const std::uint8_t> content, int level);
[[nodiscard]] Result<Bytes, RecordError> lz4_decompress(const ByteChain& content,
                                                        std::size_t inflated_bytes_max);

[[nodiscard]] Bytes zstd_compress(std::span<const std::uint8_t> content, int level);
[[nodiscard]] Result<Bytes, RecordError> zstd_decompress(const ByteChain& content,
                                                         std::size_t inflated_bytes_max);

}  // namespace ottla::protocol
