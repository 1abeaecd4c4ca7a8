#include "engine/base/bytes.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/copy_bytes.h"

namespace ottla {

Bytes& Bytes::operator=(const Bytes& other) noexcept {
  Bytes copy(other);
  return *this = std::move(copy);
}

void Bytes::release() noexcept {
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~Block();
  ::operator delete(block_);
}

Bytes Bytes::copy_of(std::span<const std::uint8_t> source) {
  MutableBytes copy(source.size());
  copy_bytes(source, copy.data());
  return std::move(copy).freeze();
}

Bytes Bytes::copy_of(std::string_view source) {
  return copy_of(std::span(reinterpret_cast<const std::uint8_t*>(source.data()), source.size()));
}

Bytes Bytes::slice(std::size_t position, std::size_t length) const {
  OTTLA_ASSERT(position <= size_ && length <= size_ - position);
  Bytes part(*this);
  part.data_ += position;
  part.size_ = length;
  return part;
}

bool operator==(const Bytes& a, const Bytes& b) {
  return a.size_ == b.size_ && (a.size_ == 0 || std::memcmp(a.data_, b.data_, a.size_) == 0);
}

MutableBytes::MutableBytes(std::size_t size) {
  void* memory = ::operator new(sizeof(Bytes::Block) + size);
  owner_.block_ = new (memory) Bytes::Block{1};
  owner_.data_ = static_cast<std::uint8_t*>(memory) + sizeof(Bytes::Block);
  owner_.size_ = size;
}

Bytes MutableBytes::freeze(std::size_t length) && {
  OTTLA_ASSERT(length <= owner_.size_);
  owner_.size_ = length;
  return std::exchange(owner_, Bytes());
}

void ByteChain::append(Bytes slice) {
  if (slice.empty()) return;
  const bool first = size_ == 0;
  size_ += slice.size();
  if (first) {
    only_ = std::move(slice);
    return;
  }
  if (several_.empty()) {
    several_.reserve(4);
    several_.push_back(std::move(only_));
    only_ = Bytes();
  }
  several_.push_back(std::move(slice));
}

void ByteChain::append(const ByteChain& other) {
  if (&other == this) return append(ByteChain(other));
  for (const Bytes& slice : other.slices()) append(slice);
}

ByteChain ByteChain::slice(std::size_t position, std::size_t length) const {
  OTTLA_ASSERT(position <= size_ && length <= size_ - position);
  ByteChain part;
  for (const Bytes& piece : slices()) {
    if (length == 0) break;
    if (position >= piece.size()) {
      position -= piece.size();
      continue;
    }
    const std::size_t taken = std::min(length, piece.size() - position);
    part.append(piece.slice(position, taken));
    position = 0;
    length -= taken;
  }
  return part;
}

Bytes ByteChain::flatten() const {
  if (several_.empty()) return only_;
  MutableBytes whole(size_);
  std::uint8_t* to = whole.data();
  for (const Bytes& piece : several_) to = copy_bytes(piece.span(), to);
  return std::move(whole).freeze();
}

std::string ByteChain::to_string() const {
  std::string text;
  text.reserve(size_);
  for (const Bytes& piece : slices()) text.append(piece.text());
  return text;
}

bool operator==(const ByteChain& a, const ByteChain& b) {
  if (a.size_ != b.size_) return false;
  return a.flatten() == b.flatten();
}

}  // namespace ottla
