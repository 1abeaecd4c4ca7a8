// The front of a chain of record batches, which one walks from batch to batch: each slice is looked
// at once, and what is passed over is not touched.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/records/batch_header.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

// Takes parts off a chain, which outlives it, from its front.
class ChainFront {
 public:
  explicit ChainFront(const ByteChain& chain) : slices_(chain.slices()), left_(chain.size()) {}

  [[nodiscard]] std::size_t left() const { return left_; }
  // The next bytes, at most `length`; in place where one slice holds them, else in `gathered`.
  [[nodiscard]] std::span<const std::uint8_t> peek(std::size_t length, Bytes& gathered) const {
    if (slices_.empty()) return {};
    const auto here = slices_.front().span().subspan(at_);
    if (here.size() >= length || slices_.size() == 1)
      return here.first(std::min(length, here.size()));
    gathered = ChainFront(*this).take(std::min(length, left_)).flatten();
    return gathered.span();
  }
  // The next `length` bytes, which must be there, sharing memory.
  [[nodiscard]] ByteChain take(std::size_t length) {
    ByteChain part;
    pass(length, [&part](const Bytes& slice, std::size_t at, std::size_t taken) {
      part.append(slice.slice(at, taken));
    });
    return part;
  }
  // Passes over the next `length` bytes, which must be there.
  void skip(std::size_t length) {
    pass(length, [](const Bytes&, std::size_t, std::size_t) {});
  }

 private:
  template <class See>
  void pass(std::size_t length, See see) {
    left_ -= length;
    while (length > 0) {
      const Bytes& slice = slices_.front();
      const std::size_t taken = std::min(length, slice.size() - at_);
      see(slice, at_, taken);
      length -= taken;
      at_ += taken;
      if (at_ < slice.size()) break;
      slices_ = slices_.subspan(1);
      at_ = 0;
    }
  }

  std::span<const Bytes> slices_;
  std::size_t at_ = 0;  // Within the first slice.
  std::size_t left_ = 0;
};

// Steps through the whole batches at the front of `bytes`, where the end may cut one. `see` gets
// each header and the front, which stands at the batch's first byte, and takes or skips the whole
// batch.
template <class See>
[[nodiscard]] Result<void, RecordError> walk_batches(const ByteChain& bytes, See see) {
  ChainFront front(bytes);
  while (front.left() > 0) {
    Bytes gathered;
    const auto header = BatchHeader::read(front.peek(BatchHeader::encoded_size, gathered));
    if (!header && header.error() == RecordError::truncated) break;
    if (!header) return failure(header.error());
    if (header->size_in_bytes() > front.left()) break;
    see(*header, front);
  }
  return {};
}

}  // namespace ottla::protocol
