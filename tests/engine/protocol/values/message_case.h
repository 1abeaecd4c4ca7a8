// Every message, in a form that a test can go through without naming its type.
#pragma once

#include <string>
#include <vector>

#include "engine/protocol/message_types.h"
#include "tests/engine/protocol/values/value_source.h"

namespace ottla::protocol {

struct MessageCase {
  std::string_view name;
  ApiVersion min_version;
  ApiVersion max_version;
  bool (*is_flexible)(ApiVersion);
  // A message filled from the seed, encoded.
  Bytes (*encode_filled)(std::uint64_t seed, ApiVersion version);
  // Encodes a filled message, decodes it and encodes that: what is wrong, or nothing.
  std::string (*round_trip)(std::uint64_t seed, ApiVersion version);
  // Whether the bytes decode.
  bool (*decodes)(const Bytes& bytes, ApiVersion version);
};

[[nodiscard]] std::vector<MessageCase> all_message_cases();

template <class Message>
[[nodiscard]] Message filled(std::uint64_t seed, ApiVersion version) {
  ValueSource source(seed);
  Message message;
  fill(source, message, version.value());
  return message;
}

template <class Message>
[[nodiscard]] Bytes encoded(const Message& message, ApiVersion version) {
  ByteWriter writer;
  message.encode(writer, version);
  return writer.take();
}

template <class Message>
[[nodiscard]] std::string round_trip(std::uint64_t seed, ApiVersion version) {
  const auto sent = filled<Message>(seed, version);
  const Bytes bytes = encoded(sent, version);
  ByteReader reader(bytes);
  const auto received = Message::decode(reader, version);
  if (!received) return "is not decoded";
  if (reader.remaining() != 0) return "leaves bytes unread";
  if (!(*received == sent)) return "decodes to other values";
  if (!(encoded(*received, version) == bytes)) return "encodes to other bytes";
  return {};
}

template <class Message>
[[nodiscard]] MessageCase make_message_case() {
  MessageCase result{};
  result.name = Message::message_name;
  result.min_version = Message::min_version;
  result.max_version = Message::max_version;
  result.is_flexible = [](ApiVersion version) { return Message::is_flexible(version); };
  result.encode_filled = [](std::uint64_t seed, ApiVersion version) {
    return encoded(filled<Message>(seed, version), version);
  };
  result.round_trip = round_trip<Message>;
  result.decodes = [](const Bytes& bytes, ApiVersion version) {
    ByteReader reader(bytes);
    return Message::decode(reader, version).has_value();
  };
  return result;
}

}  // namespace ottla::protocol
