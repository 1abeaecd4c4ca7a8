#include "engine/base/byte_writer.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/copy_bytes.h"

namespace ottla {
namespace {

constexpr std::size_t first_block_size = 256;
constexpr std::size_t share_threshold = 512;  // Below this a copy is cheaper than one more slice.

}  // namespace

void ByteWriter::grow(std::size_t length) {
  MutableBytes larger(std::max({first_block_size, open_.size() * 2, used_ + length}));
  copy_bytes(open_.span().first(used_), larger.data());
  open_ = std::move(larger);
}

void ByteWriter::seal() {
  if (used_ > 0) sealed_.append(std::move(open_).freeze(used_));
  open_ = MutableBytes();
  used_ = 0;
}

void ByteWriter::write_float64(double value) {
  write_fixed(std::bit_cast<std::uint64_t>(value));
}

void ByteWriter::write_text(std::string_view text) {
  write_raw({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void ByteWriter::write_raw(std::span<const std::uint8_t> content) {
  if (!content.empty()) copy_bytes(content, reserve(content.size()));
}

void ByteWriter::write_chain(const ByteChain& chain) {
  for (const Bytes& slice : chain.slices()) {
    if (slice.size() < share_threshold) {
      write_raw(slice.span());
      continue;
    }
    seal();
    sealed_.append(slice);
  }
}

ByteChain ByteWriter::take_chain() {
  seal();
  return std::exchange(sealed_, ByteChain());
}

}  // namespace ottla
