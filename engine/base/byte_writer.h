// Writes Kafka's primitive types into a growing buffer, and takes large slices in without copying
// them, so that a response that carries record batches leaves as a gather write.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "engine/base/big_endian.h"
#include "engine/base/bytes.h"
#include "engine/base/uuid.h"
#include "engine/base/varint.h"

namespace ottla {

class ByteWriter {
 public:
  ByteWriter() = default;

  void write_int8(std::int8_t value) { write_fixed(static_cast<std::uint8_t>(value)); }
  void write_int16(std::int16_t value) { write_fixed(static_cast<std::uint16_t>(value)); }
  void write_uint16(std::uint16_t value) { write_fixed(value); }
  void write_int32(std::int32_t value) { write_fixed(static_cast<std::uint32_t>(value)); }
  void write_uint32(std::uint32_t value) { write_fixed(value); }
  void write_int64(std::int64_t value) { write_fixed(static_cast<std::uint64_t>(value)); }
  void write_float64(double value);
  void write_bool(bool value) { write_int8(value ? 1 : 0); }
  void write_uuid(const Uuid& value) {
    write_fixed(value.high());
    write_fixed(value.low());
  }

  void write_unsigned_varint(std::uint32_t value) { write_unsigned_varlong(value); }
  void write_unsigned_varlong(std::uint64_t value) {
    store_unsigned_varlong(reserve(unsigned_varint_size(value)), value);
  }
  void write_varint(std::int32_t value) { write_unsigned_varlong(zigzag(value)); }
  void write_varlong(std::int64_t value) { write_unsigned_varlong(zigzag(value)); }

  void write_text(std::string_view text);                 // The characters alone, no length.
  void write_raw(std::span<const std::uint8_t> content);  // Copied.
  void write_chain(const ByteChain& chain);               // Shared when large, copied when small.
  // Room for `length` bytes that count as written; the caller fills it before anything else.
  [[nodiscard]] std::span<std::uint8_t> write_room(std::size_t length) {
    return {reserve(length), length};
  }

  // What is written between the two calls has its size in front, as an unsigned varint. `begin` is
  // what the first one returned; they may nest.
  [[nodiscard]] std::size_t begin_sized() {
    (void)reserve(1);
    return size();
  }
  void end_sized(std::size_t begin);

  // Something cannot be written as the format wants it, such as a text that is too long. This
  // sticks; writers of what others have said ask ok() before they take anything.
  void fail() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }

  // How many bytes have been written.
  [[nodiscard]] std::size_t size() const { return sealed_.size() + used_; }
  // All that was written, as slices or as one slice, of a writer that has not failed. It is empty
  // afterwards.
  [[nodiscard]] ByteChain take_chain();
  [[nodiscard]] Bytes take() { return take_chain().flatten(); }

 private:
  template <class Unsigned>
  void write_fixed(Unsigned value) {
    store_big_endian(reserve(sizeof(Unsigned)), value);
  }

  // Room for `length` more bytes, counted as used.
  std::uint8_t* reserve(std::size_t length) {
    if (open_.size() - used_ < length) grow(length);
    return open_.data() + std::exchange(used_, used_ + length);
  }
  void grow(std::size_t length);
  void seal();
  void end_sized_across(std::size_t begin);
  ByteChain take_all();

  ByteChain sealed_;
  MutableBytes open_;
  std::size_t used_ = 0;  // Of open_.
  bool ok_ = true;
};

}  // namespace ottla
