// The parts that generated encoders and decoders are made of. Readers mark the ByteReader as failed
// on a length, null or tag that the schema does not allow, and go on with empty values; a length is
// compared with the bytes that are left before anything is allocated for it. Writers assert what a
// decoder would refuse, but for texts that are too long, which mark the ByteWriter as failed: an
// answer may quote what a client has said.
#pragma once

#include <concepts>
#include <type_traits>

#include "engine/base/assert.h"
#include "engine/protocol/message_types.h"
#include "engine/protocol/tagged_fields.h"

namespace ottla::protocol::codec {

inline constexpr std::size_t string_length_max =
    0x7FFF;  // In every version, as Kafka's generator has it.

// Strings, byte strings and record batches, with the length prefix of flexible (compact) or older
// versions.
void write_string(ByteWriter& writer, std::string_view text, bool flexible);
void write_nullable_string(ByteWriter& writer, const std::optional<std::string>& text,
                           bool flexible);
void write_bytes(ByteWriter& writer, const Bytes& bytes, bool flexible);
void write_nullable_bytes(ByteWriter& writer, const std::optional<Bytes>& bytes, bool flexible);
void write_records(ByteWriter& writer, const ByteChain& records, bool flexible);
void write_nullable_records(ByteWriter& writer, const std::optional<ByteChain>& records,
                            bool flexible);

[[nodiscard]] std::string read_string(ByteReader& reader, bool flexible);
[[nodiscard]] std::optional<std::string> read_nullable_string(ByteReader& reader, bool flexible);
[[nodiscard]] Bytes read_bytes(ByteReader& reader, bool flexible);
[[nodiscard]] std::optional<Bytes> read_nullable_bytes(ByteReader& reader, bool flexible);
[[nodiscard]] ByteChain read_records(ByteReader& reader, bool flexible);
[[nodiscard]] std::optional<ByteChain> read_nullable_records(ByteReader& reader, bool flexible);

// The element count of an array.
void write_array_length(ByteWriter& writer, std::size_t count, bool flexible);
void write_null_array_length(ByteWriter& writer, bool flexible);
// Fails the reader when `count` elements of at least `element_size_min` bytes cannot be there.
[[nodiscard]] std::optional<std::size_t> read_array_length(ByteReader& reader,
                                                           std::size_t element_size_min,
                                                           bool flexible);

// The value that a version without null needs.
template <class T>
[[nodiscard]] const T& required(const std::optional<T>& value) {
  OTTLA_ASSERT(value.has_value());
  return *value;
}

// The value that came, where null is an error; fails the reader otherwise.
template <class T>
[[nodiscard]] T non_null(ByteReader& reader, std::optional<T> value) {
  if (!value) {
    reader.fail();
    return T{};
  }
  return *std::move(value);
}

// What generated code nests in a message.
template <class T>
concept MessageStruct = requires {
  T::encoded_size_min;
};

template <std::signed_integral Int>
void write_element(ByteWriter& writer, Int value, ApiVersion, bool) {
  if constexpr (sizeof(Int) == 1) {
    writer.write_int8(value);
  } else if constexpr (sizeof(Int) == 2) {
    writer.write_int16(value);
  } else if constexpr (sizeof(Int) == 4) {
    writer.write_int32(value);
  } else {
    writer.write_int64(value);
  }
}
inline void write_element(ByteWriter& writer, const Uuid& value, ApiVersion, bool) {
  writer.write_uuid(value);
}
inline void write_element(ByteWriter& writer, const std::string& value, ApiVersion, bool flexible) {
  write_string(writer, value, flexible);
}
inline void write_element(ByteWriter& writer, const Bytes& value, ApiVersion, bool flexible) {
  write_bytes(writer, value, flexible);
}
template <class Tag, class Rep>
void write_element(ByteWriter& writer, StrongId<Tag, Rep> value, ApiVersion version,
                   bool flexible) {
  write_element(writer, value.value(), version, flexible);
}
template <MessageStruct Struct>
void write_element(ByteWriter& writer, const Struct& value, ApiVersion version, bool) {
  value.encode(writer, version);
}

template <std::signed_integral Int>
void read_element(ByteReader& reader, Int& value, ApiVersion, bool) {
  if constexpr (sizeof(Int) == 1) {
    value = reader.read_int8();
  } else if constexpr (sizeof(Int) == 2) {
    value = reader.read_int16();
  } else if constexpr (sizeof(Int) == 4) {
    value = reader.read_int32();
  } else {
    value = reader.read_int64();
  }
}
inline void read_element(ByteReader& reader, Uuid& value, ApiVersion, bool) {
  value = reader.read_uuid();
}
inline void read_element(ByteReader& reader, std::string& value, ApiVersion, bool flexible) {
  value = read_string(reader, flexible);
}
inline void read_element(ByteReader& reader, Bytes& value, ApiVersion, bool flexible) {
  value = read_bytes(reader, flexible);
}
template <class Tag, class Rep>
void read_element(ByteReader& reader, StrongId<Tag, Rep>& value, ApiVersion version,
                  bool flexible) {
  Rep raw{};
  read_element(reader, raw, version, flexible);
  value = StrongId<Tag, Rep>(raw);
}
template <MessageStruct Struct>
void read_element(ByteReader& reader, Struct& value, ApiVersion version, bool) {
  value.decode_from(reader, version);
}

// The least bytes that one element takes, so that an array's length can be judged before it is
// believed.
template <class T>
[[nodiscard]] constexpr std::size_t element_size_min(bool flexible) {
  if constexpr (MessageStruct<T>) {
    return T::encoded_size_min;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return flexible ? 1 : 2;
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return flexible ? 1 : 4;
  } else {
    return sizeof(T);
  }
}

template <class T>
void write_array(ByteWriter& writer, const std::vector<T>& values, ApiVersion version,
                 bool flexible) {
  write_array_length(writer, values.size(), flexible);
  for (const T& value : values) write_element(writer, value, version, flexible);
}

template <class T>
void write_nullable_array(ByteWriter& writer, const std::optional<std::vector<T>>& values,
                          ApiVersion version, bool flexible) {
  if (values) return write_array(writer, *values, version, flexible);
  write_null_array_length(writer, flexible);
}

template <class T>
void read_elements(ByteReader& reader, std::size_t count, std::vector<T>& values,
                   ApiVersion version, bool flexible) {
  values.clear();
  values.reserve(count);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    read_element(reader, values.emplace_back(), version, flexible);
  }
}

template <class T>
void read_array(ByteReader& reader, std::vector<T>& values, ApiVersion version, bool flexible) {
  const auto count = read_array_length(reader, element_size_min<T>(flexible), flexible);
  if (!count) return reader.fail();
  read_elements(reader, *count, values, version, flexible);
}

template <class T>
void read_array(ByteReader& reader, std::optional<std::vector<T>>& values, ApiVersion version,
                bool flexible) {
  read_array(reader, values.emplace(), version, flexible);
}

template <class T>
void read_nullable_array(ByteReader& reader, std::optional<std::vector<T>>& values,
                         ApiVersion version, bool flexible) {
  const auto count = read_array_length(reader, element_size_min<T>(flexible), flexible);
  if (!count) return values.reset();
  read_elements(reader, *count, values.emplace(), version, flexible);
}

// A struct that may be null goes behind one byte: -1 for null, 1 otherwise.
template <class Struct>
void write_nullable_struct(ByteWriter& writer, const std::optional<Struct>& value,
                           ApiVersion version) {
  writer.write_int8(value ? 1 : -1);
  if (value) value->encode(writer, version);
}

template <class Struct>
void read_nullable_struct(ByteReader& reader, std::optional<Struct>& value, ApiVersion version) {
  if (reader.read_int8() < 0) return value.reset();
  value.emplace().decode_from(reader, version);
}

[[nodiscard]] constexpr bool is_within(ApiVersion version, ApiVersion min, ApiVersion max) {
  return min <= version && version <= max;
}

// The body of every generated `decode`. `key` is for the error alone.
template <class Message>
[[nodiscard]] Result<Message, DecodeError> decode_message(ByteReader& reader, ApiVersion version,
                                                          std::int16_t key) {
  DecodeError error{.api_key = key, .version = version};
  if (!is_within(version, Message::min_version, Message::max_version)) {
    error.reason = DecodeError::Reason::unsupported_version;
    return failure(error);
  }
  Result<Message, DecodeError> message;
  message->decode_from(reader, version);
  if (!reader.ok()) return failure(error);
  return message;
}

}  // namespace ottla::protocol::codec
