// The bytes that consumers put into a group's member metadata and assignments: a two-byte version,
// then a ConsumerProtocolSubscription or ConsumerProtocolAssignment of that version. The
// coordinator passes them on; it reads subscriptions only to know which topics a group is
// subscribed to.
#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/protocol/messages/consumer_protocol_assignment.h"
#include "engine/protocol/messages/consumer_protocol_subscription.h"

namespace ottla::coordinator {

// The protocol type of consumers, as they name it in JoinGroup.
inline constexpr const char* consumer_protocol_type = "consumer";

[[nodiscard]] Bytes encode_subscription(
    const protocol::ConsumerProtocolSubscription& subscription,
    ApiVersion version = protocol::ConsumerProtocolSubscription::max_version);
[[nodiscard]] Bytes encode_assignment(
    const protocol::ConsumerProtocolAssignment& assignment,
    ApiVersion version = protocol::ConsumerProtocolAssignment::max_version);

// Nothing when the bytes are malformed. A version above the newest known is read as the newest, as
// the Java client does: what is added later stands at the end.
[[nodiscard]] std::optional<protocol::ConsumerProtocolSubscription> decode_subscription(
    const Bytes& bytes);
// Empty bytes are an empty assignment: what a member gets that the leader left out.
[[nodiscard]] std::optional<protocol::ConsumerProtocolAssignment> decode_assignment(
    const Bytes& bytes);

}  // namespace ottla::coordinator
