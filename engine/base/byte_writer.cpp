#include "engine/base/byte_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "engine/base/assert.h"
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

void ByteWriter::end_sized(std::size_t begin) {
  if (sealed_.size() >= begin) return end_sized_across(begin);
  const std::size_t length = size() - begin;
  const std::size_t more = unsigned_varint_size(length) - 1;
  if (more > 0) (void)reserve(more);
  std::uint8_t* content = open_.data() + (begin - sealed_.size());
  if (more > 0) std::memmove(content + more, content, length);
  store_unsigned_varlong(content - 1, length);
}

// Where a slice was taken in meanwhile, the byte that was kept for the size is sealed.
void ByteWriter::end_sized_across(std::size_t begin) {
  const ByteChain all = take_all();
  const std::size_t length = all.size() - begin;
  sealed_ = all.slice(0, begin - 1);
  write_unsigned_varlong(length);
  seal();
  sealed_.append(all.slice(begin, length));
}

ByteChain ByteWriter::take_chain() {
  OTTLA_ASSERT(ok_);
  return take_all();
}

ByteChain ByteWriter::take_all() {
  seal();
  return std::exchange(sealed_, ByteChain());
}

}  // namespace ottla
