// Reads Kafka's primitive types from bytes that cannot be trusted. Failure sticks: after the first
// read past the end, or of an impossible value, every further read gives zero or empty, and `ok()`
// is false. So a decoder reads straight on and asks once. Nothing is allocated before its length is
// known to be there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/big_endian.h"
#include "engine/base/bytes.h"
#include "engine/base/uuid.h"

namespace ottla {

class ByteReader {
 public:
  explicit ByteReader(ByteChain source);
  explicit ByteReader(Bytes source) : ByteReader(ByteChain(std::move(source))) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return remaining_; }
  [[nodiscard]] std::size_t position() const { return source_.size() - remaining_; }
  // Marks the input as malformed.
  void fail();

  // Big-endian, two's complement, as everywhere in Kafka.
  std::int8_t read_int8() { return static_cast<std::int8_t>(read_fixed<std::uint8_t>()); }
  std::int16_t read_int16() { return static_cast<std::int16_t>(read_fixed<std::uint16_t>()); }
  std::uint16_t read_uint16() { return read_fixed<std::uint16_t>(); }
  std::int32_t read_int32() { return static_cast<std::int32_t>(read_fixed<std::uint32_t>()); }
  std::uint32_t read_uint32() { return read_fixed<std::uint32_t>(); }
  std::int64_t read_int64() { return static_cast<std::int64_t>(read_fixed<std::uint64_t>()); }
  double read_float64();
  bool read_bool() { return read_int8() != 0; }
  Uuid read_uuid() {
    const auto high = read_fixed<std::uint64_t>();
    return Uuid(high, read_fixed<std::uint64_t>());
  }

  // Unsigned and zigzag variable-length integers; at most 5 and 10 bytes, or the input is
  // malformed.
  std::uint32_t read_unsigned_varint() {
    const std::uint64_t value = read_unsigned_varlong();
    if (value > 0xFFFF'FFFF) fail();
    return ok_ ? static_cast<std::uint32_t>(value) : 0;
  }
  std::uint64_t read_unsigned_varlong() {
    const bool is_short = cursor_ != slice_end_ && *cursor_ < 0x80;
    return is_short ? *advance(1) : read_long_varlong();
  }
  std::int32_t read_varint();
  std::int64_t read_varlong();

  // The next `length` bytes: shared, copied, or as text.
  ByteChain read_chain(std::size_t length);
  Bytes read_bytes(std::size_t length);
  std::string read_text(std::size_t length);
  void skip(std::size_t length);

 private:
  // Nearly every value lies in one slice, and is read without a call.
  [[nodiscard]] bool in_slice(std::size_t length) const {
    return static_cast<std::size_t>(slice_end_ - cursor_) >= length;
  }
  const std::uint8_t* advance(std::size_t length) {
    remaining_ -= length;
    return std::exchange(cursor_, cursor_ + length);
  }
  template <class Unsigned>
  Unsigned read_fixed() {
    if (in_slice(sizeof(Unsigned))) return load_big_endian<Unsigned>(advance(sizeof(Unsigned)));
    std::uint8_t spill[sizeof(Unsigned)];
    const std::uint8_t* from = take(sizeof(Unsigned), spill);
    return from == nullptr ? Unsigned{0} : load_big_endian<Unsigned>(from);
  }
  std::uint64_t read_long_varlong();

  // A pointer to the next `length` bytes, which lie in the source or were gathered into `spill`;
  // null and failed when there are fewer.
  const std::uint8_t* take(std::size_t length, std::uint8_t* spill);
  void copy_out(std::size_t length, std::uint8_t* to);
  bool claim(std::size_t length);
  void next_slice();

  ByteChain source_;
  std::size_t slice_index_ = 0;
  const std::uint8_t* cursor_ = nullptr;  // In the slice at slice_index_.
  const std::uint8_t* slice_end_ = nullptr;
  std::size_t remaining_ = 0;
  bool ok_ = true;
};

}  // namespace ottla
