#include "engine/env/memory_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/assert.h"

namespace ottla {

void MemoryFile::append(const ByteChain& content) {
  for (const Bytes& bytes : content.slices()) {
    slices_.push_back({size_, bytes});
    size_ += bytes.size();
  }
}

std::size_t MemoryFile::slice_at(std::uint64_t position) const {
  const auto after =
      std::upper_bound(slices_.begin(), slices_.end(), position,
                       [](std::uint64_t at, const Slice& slice) { return at < slice.start; });
  return static_cast<std::size_t>(after - slices_.begin()) - 1;
}

ByteChain MemoryFile::read(std::uint64_t position, std::size_t length) const {
  ByteChain content;
  if (position >= size_) return content;
  length = static_cast<std::size_t>(std::min<std::uint64_t>(length, size_ - position));
  for (std::size_t i = slice_at(position); length > 0; ++i) {
    const Slice& slice = slices_[i];
    const auto skipped = static_cast<std::size_t>(position - slice.start);
    const std::size_t taken = std::min(length, slice.bytes.size() - skipped);
    content.append(slice.bytes.slice(skipped, taken));
    position += taken;
    length -= taken;
  }
  return content;
}

void MemoryFile::truncate(std::uint64_t size) {
  if (size > size_) {
    MutableBytes zeros(static_cast<std::size_t>(size - size_));
    std::memset(zeros.data(), 0, zeros.size());
    append(std::move(zeros).freeze());
    return;
  }
  while (!slices_.empty() && slices_.back().start >= size) slices_.pop_back();
  if (!slices_.empty()) {
    Slice& last = slices_.back();
    last.bytes = last.bytes.slice(0, static_cast<std::size_t>(size - last.start));
  }
  size_ = size;
  synced_size_ = std::min(synced_size_, size);
}

void MemoryFile::mark_synced(std::uint64_t size) {
  synced_size_ = std::max(synced_size_, std::min(size, size_));
}

void MemoryFile::flip_bit(std::uint64_t position, unsigned bit) {
  OTTLA_ASSERT(position < size_ && bit < 8);
  Slice& slice = slices_[slice_at(position)];
  MutableBytes copy(slice.bytes.size());
  std::memcpy(copy.data(), slice.bytes.data(), slice.bytes.size());
  std::uint8_t& byte = copy.data()[position - slice.start];
  byte = static_cast<std::uint8_t>(byte ^ (1U << bit));
  slice.bytes = std::move(copy).freeze();
}

}  // namespace ottla
