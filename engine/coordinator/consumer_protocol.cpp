#include "engine/coordinator/consumer_protocol.h"

#include <algorithm>

#include "engine/base/byte_reader.h"
#include "engine/protocol/coordinator_record_codec.h"

namespace ottla::coordinator {

namespace {

template <class Message>
std::optional<Message> decode(const Bytes& bytes) {
  ByteReader reader(bytes);
  const ApiVersion written(reader.read_int16());
  if (!reader.ok() || written < Message::min_version) return std::nullopt;
  auto message = Message::decode(reader, std::min(written, Message::max_version));
  if (!message) return std::nullopt;
  return std::move(*message);
}

}  // namespace

Bytes encode_subscription(const protocol::ConsumerProtocolSubscription& subscription,
                          ApiVersion version) {
  return protocol::encode_versioned(subscription, version);
}

Bytes encode_assignment(const protocol::ConsumerProtocolAssignment& assignment,
                        ApiVersion version) {
  return protocol::encode_versioned(assignment, version);
}

std::optional<protocol::ConsumerProtocolSubscription> decode_subscription(const Bytes& bytes) {
  return decode<protocol::ConsumerProtocolSubscription>(bytes);
}

std::optional<protocol::ConsumerProtocolAssignment> decode_assignment(const Bytes& bytes) {
  if (bytes.empty()) return protocol::ConsumerProtocolAssignment{};
  return decode<protocol::ConsumerProtocolAssignment>(bytes);
}

}  // namespace ottla::coordinator
