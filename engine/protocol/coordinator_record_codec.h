// The framing of keys and values in __consumer_offsets, __transaction_state and
// __share_group_state: an int16 in front of the message. Before a key it names the record's type,
// before a value the version that it is written in (Kafka's CoordinatorRecordSerde). The same
// framing carries the consumer protocol's subscriptions and assignments.
#pragma once

#include "engine/protocol/message_types.h"

namespace ottla::protocol {

// Values (`OffsetCommitValue`), and messages of the consumer protocol
// (`ConsumerProtocolSubscription`).
template <class Message>
[[nodiscard]] Bytes encode_versioned(const Message& message, ApiVersion version) {
  ByteWriter writer;
  writer.write_int16(version.value());
  message.encode(writer, version);
  return writer.take();
}

// The version or type that the bytes begin with; nothing when there are fewer than two.
[[nodiscard]] inline std::optional<std::int16_t> peek_prefix(const Bytes& bytes) {
  ByteReader reader(bytes);
  const std::int16_t prefix = reader.read_int16();
  if (!reader.ok()) return std::nullopt;
  return prefix;
}

// Bytes behind the message are left alone, as Kafka leaves them: a newer writer may have added
// fields.
template <class Message>
[[nodiscard]] Result<Message, DecodeError> decode_versioned(const Bytes& bytes) {
  ByteReader reader(bytes);
  const ApiVersion version(reader.read_int16());
  if (!reader.ok()) return failure(DecodeError{});
  return Message::decode(reader, version);
}

// Keys (`OffsetCommitKey`, ...): the prefix is the type; the key itself has one version, 0.
template <class Key>
[[nodiscard]] Bytes encode_coordinator_key(const Key& key) {
  ByteWriter writer;
  writer.write_int16(Key::api_key);
  key.encode(writer, Key::max_version);
  return writer.take();
}

// A key of another type is an `unknown_api`.
template <class Key>
[[nodiscard]] Result<Key, DecodeError> decode_coordinator_key(const Bytes& bytes) {
  ByteReader reader(bytes);
  const std::int16_t type = reader.read_int16();
  if (!reader.ok()) return failure(DecodeError{});
  if (type != Key::api_key) {
    return failure(DecodeError{.reason = DecodeError::Reason::unknown_api, .api_key = type});
  }
  return Key::decode(reader, Key::max_version);
}

}  // namespace ottla::protocol
