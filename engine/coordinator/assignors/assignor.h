// How the leader of a consumer group shares partitions out, as the Java consumer's assignors
// compute it. The broker never runs these; the consumers of a simulation do.
//
//   auto shares = assign(Assignor::range, members, partition_counts);
//   sync.assignments.push_back({id, encode_assignment(to_assignment(shares.at(id)))});
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/protocol/messages/consumer_protocol_assignment.h"
#include "engine/protocol/messages/consumer_protocol_subscription.h"

namespace ottla::coordinator {

enum class Assignor : std::uint8_t {
  range,               // Each topic by itself in runs of partitions: RangeAssignor, the default.
  round_robin,         // All partitions dealt out in turn: RoundRobinAssignor.
  sticky,              // Balanced, and as much as possible stays where it is: StickyAssignor.
  cooperative_sticky,  // The same, with what moves given up first (KIP-429):
                       // CooperativeStickyAssignor.
};

// The protocol name in JoinGroup: "range", "roundrobin", "sticky", "cooperative-sticky".
[[nodiscard]] std::string_view protocol_name(Assignor assignor);
[[nodiscard]] std::optional<Assignor> assignor_named(std::string_view protocol_name);

// A member as the leader sees it in the JoinGroup response.
struct SubscribedMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::vector<std::string> topics;
  // What it held in `generation`, from its subscription (or, for sticky, from its user data).
  std::map<std::string, std::vector<PartitionIndex>> owned;
  std::int32_t generation = -1;
};

// A member from the bytes that it sent; nothing when they are malformed.
[[nodiscard]] std::optional<SubscribedMember> subscribed_member(
    Assignor assignor, std::string id, std::optional<std::string> instance_id,
    const Bytes& metadata);

// One member's partitions by topic, each list in ascending order for range and round robin.
using TopicShare = std::map<std::string, std::vector<PartitionIndex>>;
// By member id; every member has an entry.
using GroupShares = std::map<std::string, TopicShare>;

// Topics that are not in `partition_counts` are left out: they do not exist, or are not known yet.
[[nodiscard]] GroupShares assign(Assignor assignor, std::vector<SubscribedMember> members,
                                 const std::map<std::string, std::int32_t>& partition_counts);

[[nodiscard]] protocol::ConsumerProtocolAssignment to_assignment(const TopicShare& share);
[[nodiscard]] TopicShare to_share(const protocol::ConsumerProtocolAssignment& assignment);

// The subscription to send with JoinGroup: with what is owned where the assignor looks at it.
// Sticky carries it in its user data, cooperative-sticky and range in the subscription itself
// (version 1 and later).
[[nodiscard]] protocol::ConsumerProtocolSubscription to_subscription(
    Assignor assignor, std::vector<std::string> topics, const TopicShare& owned,
    GenerationId generation);

}  // namespace ottla::coordinator
