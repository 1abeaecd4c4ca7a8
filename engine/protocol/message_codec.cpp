#include "engine/protocol/message_codec.h"

#include <algorithm>

#include "engine/base/utf8.h"

namespace ottla::protocol::codec {
namespace {

constexpr std::size_t length_max = 0x7FFF'FFFF;

// Compact lengths are one more than the length, with 0 for null (KIP-482).
void write_compact_length(ByteWriter& writer, std::size_t length) {
  writer.write_unsigned_varint(static_cast<std::uint32_t>(length + 1));
}

std::optional<std::size_t> read_compact_length(ByteReader& reader) {
  const std::uint32_t raw = reader.read_unsigned_varint();
  if (raw == 0) return std::nullopt;
  return raw - 1;
}

// Null is any negative length in the older encoding, as Kafka reads it.
std::optional<std::size_t> from_signed(std::int32_t raw) {
  if (raw < 0) return std::nullopt;
  return static_cast<std::size_t>(raw);
}

void write_length16(ByteWriter& writer, std::size_t length, bool flexible) {
  if (flexible) return write_compact_length(writer, length);
  writer.write_int16(static_cast<std::int16_t>(length));
}

void write_null16(ByteWriter& writer, bool flexible) {
  if (flexible) return writer.write_unsigned_varint(0);
  writer.write_int16(-1);
}

void write_length32(ByteWriter& writer, std::size_t length, bool flexible) {
  OTTLA_ASSERT(length < length_max);
  if (flexible) return write_compact_length(writer, length);
  writer.write_int32(static_cast<std::int32_t>(length));
}

void write_null32(ByteWriter& writer, bool flexible) {
  if (flexible) return writer.write_unsigned_varint(0);
  writer.write_int32(-1);
}

// A failed reader gives zeros, which read as a compact null: a value of length 0 keeps such a
// failure from being taken for a null that came.
std::optional<std::size_t> checked(ByteReader& reader, std::optional<std::size_t> length,
                                   std::size_t limit) {
  if (!reader.ok()) return 0;
  if (length && *length > std::min(limit, reader.remaining())) {
    reader.fail();
    return 0;
  }
  return length;
}

std::optional<std::size_t> read_string_length(ByteReader& reader, bool flexible) {
  const auto length = flexible ? read_compact_length(reader) : from_signed(reader.read_int16());
  return checked(reader, length, string_length_max);
}

// A text of that many bytes. One that could not be written again, because its repair is longer than
// a string may be, is refused.
std::string read_text(ByteReader& reader, std::size_t length) {
  std::string text = reader.read_text(length);
  repair_utf8(text);
  if (text.size() > string_length_max) {
    reader.fail();
    text.clear();
  }
  return text;
}

std::optional<std::size_t> read_bytes_length(ByteReader& reader, bool flexible) {
  const auto length = flexible ? read_compact_length(reader) : from_signed(reader.read_int32());
  return checked(reader, length, length_max);
}

}  // namespace

void write_string(ByteWriter& writer, std::string_view text, bool flexible) {
  if (text.size() > string_length_max) {
    writer.fail();
    text = {};
  }
  write_length16(writer, text.size(), flexible);
  writer.write_text(text);
}

void write_nullable_string(ByteWriter& writer, const std::optional<std::string>& text,
                           bool flexible) {
  if (text) return write_string(writer, *text, flexible);
  write_null16(writer, flexible);
}

void write_bytes(ByteWriter& writer, const Bytes& bytes, bool flexible) {
  write_records(writer, ByteChain(bytes), flexible);
}

void write_nullable_bytes(ByteWriter& writer, const std::optional<Bytes>& bytes, bool flexible) {
  if (bytes) return write_bytes(writer, *bytes, flexible);
  write_null32(writer, flexible);
}

void write_records(ByteWriter& writer, const ByteChain& records, bool flexible) {
  write_length32(writer, records.size(), flexible);
  writer.write_chain(records);
}

void write_nullable_records(ByteWriter& writer, const std::optional<ByteChain>& records,
                            bool flexible) {
  if (records) return write_records(writer, *records, flexible);
  write_null32(writer, flexible);
}

std::string read_string(ByteReader& reader, bool flexible) {
  const auto length = read_string_length(reader, flexible);
  if (!length) reader.fail();
  return read_text(reader, length.value_or(0));
}

std::optional<std::string> read_nullable_string(ByteReader& reader, bool flexible) {
  const auto length = read_string_length(reader, flexible);
  if (!length) return std::nullopt;
  return read_text(reader, *length);
}

Bytes read_bytes(ByteReader& reader, bool flexible) {
  return non_null(reader, read_nullable_bytes(reader, flexible));
}

std::optional<Bytes> read_nullable_bytes(ByteReader& reader, bool flexible) {
  const auto length = read_bytes_length(reader, flexible);
  if (!length) return std::nullopt;
  return reader.read_bytes(*length);
}

ByteChain read_records(ByteReader& reader, bool flexible) {
  return non_null(reader, read_nullable_records(reader, flexible));
}

std::optional<ByteChain> read_nullable_records(ByteReader& reader, bool flexible) {
  const auto length = read_bytes_length(reader, flexible);
  if (!length) return std::nullopt;
  return reader.read_chain(*length);
}

void write_array_length(ByteWriter& writer, std::size_t count, bool flexible) {
  write_length32(writer, count, flexible);
}

void write_null_array_length(ByteWriter& writer, bool flexible) {
  write_null32(writer, flexible);
}

std::optional<std::size_t> read_array_length(ByteReader& reader, std::size_t element_size_min,
                                             bool flexible) {
  const auto count = flexible ? read_compact_length(reader) : from_signed(reader.read_int32());
  return checked(reader, count, reader.remaining() / element_size_min);
}

}  // namespace ottla::protocol::codec
