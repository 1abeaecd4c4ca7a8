#include "engine/base/byte_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ottla {

ByteReader::ByteReader(ByteChain source) : source_(std::move(source)), remaining_(source_.size()) {
  if (source_.empty()) return;
  cursor_ = source_.slices().front().data();
  slice_end_ = cursor_ + source_.slices().front().size();
}

void ByteReader::fail() {
  ok_ = false;
  remaining_ = 0;
  slice_end_ = cursor_;
}

bool ByteReader::claim(std::size_t length) {
  if (length <= remaining_) return true;
  fail();
  return false;
}

void ByteReader::next_slice() {
  if (++slice_index_ >= source_.slices().size()) return;
  const Bytes& slice = source_.slices()[slice_index_];
  cursor_ = slice.data();
  slice_end_ = cursor_ + slice.size();
}

const std::uint8_t* ByteReader::take(std::size_t length, std::uint8_t* spill) {
  if (!claim(length)) return nullptr;
  if (cursor_ == slice_end_) next_slice();
  if (static_cast<std::size_t>(slice_end_ - cursor_) < length) {
    copy_out(length, spill);
    return spill;
  }
  const std::uint8_t* from = cursor_;
  cursor_ += length;
  remaining_ -= length;
  return from;
}

void ByteReader::copy_out(std::size_t length, std::uint8_t* to) {
  remaining_ -= length;
  while (length > 0) {
    if (cursor_ == slice_end_) next_slice();
    const std::size_t part = std::min(length, static_cast<std::size_t>(slice_end_ - cursor_));
    if (to != nullptr) {
      std::memcpy(to, cursor_, part);
      to += part;
    }
    cursor_ += part;
    length -= part;
  }
}

double ByteReader::read_float64() {
  return std::bit_cast<double>(read_fixed<std::uint64_t>());
}

std::uint64_t ByteReader::read_long_varlong() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    const auto byte = read_fixed<std::uint8_t>();
    if (!ok_) return 0;
    if (shift == 63 && byte > 1) break;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail();
  return 0;
}

std::int32_t ByteReader::read_varint() {
  const std::uint32_t raw = read_unsigned_varint();
  return static_cast<std::int32_t>(raw >> 1) ^ -static_cast<std::int32_t>(raw & 1);
}

std::int64_t ByteReader::read_varlong() {
  const std::uint64_t raw = read_unsigned_varlong();
  return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
}

ByteChain ByteReader::read_chain(std::size_t length) {
  if (!claim(length)) return {};
  ByteChain chain;
  while (length > 0) {
    if (cursor_ == slice_end_) next_slice();
    const Bytes& slice = source_.slices()[slice_index_];
    const std::size_t part = std::min(length, static_cast<std::size_t>(slice_end_ - cursor_));
    chain.append(slice.slice(static_cast<std::size_t>(cursor_ - slice.data()), part));
    cursor_ += part;
    remaining_ -= part;
    length -= part;
  }
  return chain;
}

Bytes ByteReader::read_bytes(std::size_t length) {
  return read_chain(length).flatten();
}

std::string ByteReader::read_text(std::size_t length) {
  if (!claim(length)) return {};
  std::string text(length, '\0');
  copy_out(length, reinterpret_cast<std::uint8_t*>(text.data()));
  return text;
}

void ByteReader::skip(std::size_t length) {
  if (claim(length)) copy_out(length, nullptr);
}

}  // namespace ottla
