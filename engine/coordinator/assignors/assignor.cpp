#include "engine/coordinator/assignors/assignor.h"

#include <algorithm>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/coordinator/assignors/range.h"
#include "engine/coordinator/assignors/round_robin.h"
#include "engine/coordinator/assignors/sticky.h"
#include "engine/coordinator/consumer_protocol.h"

namespace ottla::coordinator {

namespace {

// Static members come first, by instance id, so that their shares stay when they come back under
// new member ids; then dynamic members by member id (MemberInfo.compareTo).
bool comes_before(const SubscribedMember& a, const SubscribedMember& b) {
  if (a.instance_id && b.instance_id) return *a.instance_id < *b.instance_id;
  if (a.instance_id || b.instance_id) return a.instance_id.has_value();
  return a.id < b.id;
}

// StickyAssignor's user data: the previous assignment by topic, then the generation (version 1).
Bytes sticky_user_data(const TopicShare& owned, GenerationId generation) {
  ByteWriter writer;
  writer.write_int32(static_cast<std::int32_t>(owned.size()));
  for (const auto& [topic, partitions] : owned) {
    writer.write_int16(static_cast<std::int16_t>(topic.size()));
    writer.write_text(topic);
    writer.write_int32(static_cast<std::int32_t>(partitions.size()));
    for (const PartitionIndex each : partitions) writer.write_int32(each.value());
  }
  writer.write_int32(generation.value());
  return writer.take();
}

// Leaves `member` without an owned share where the user data cannot be read.
void read_sticky_user_data(const Bytes& user_data, SubscribedMember& member) {
  ByteReader reader(user_data);
  TopicShare owned;
  for (std::int32_t topics = reader.read_int32(); topics > 0 && reader.ok(); --topics) {
    const std::int16_t length = reader.read_int16();
    if (length < 0) reader.fail();
    if (!reader.ok()) return;
    auto& partitions = owned[reader.read_text(static_cast<std::size_t>(length))];
    for (std::int32_t left = reader.read_int32(); left > 0 && reader.ok(); --left) {
      partitions.emplace_back(reader.read_int32());
    }
  }
  if (!reader.ok()) return;
  member.owned = std::move(owned);
  // Version 0 of the user data had no generation.
  member.generation = reader.remaining() >= 4 ? reader.read_int32() : -1;
}

}  // namespace

std::string_view protocol_name(Assignor assignor) {
  switch (assignor) {
    case Assignor::range: return "range";
    case Assignor::round_robin: return "roundrobin";
    case Assignor::sticky: return "sticky";
    case Assignor::cooperative_sticky: return "cooperative-sticky";
  }
  return "";
}

std::optional<Assignor> assignor_named(std::string_view name) {
  for (const Assignor each :
       {Assignor::range, Assignor::round_robin, Assignor::sticky, Assignor::cooperative_sticky}) {
    if (protocol_name(each) == name) return each;
  }
  return std::nullopt;
}

std::optional<SubscribedMember> subscribed_member(Assignor assignor, std::string id,
                                                  std::optional<std::string> instance_id,
                                                  const Bytes& metadata) {
  auto subscription = decode_subscription(metadata);
  if (!subscription) return std::nullopt;
  SubscribedMember member;
  member.id = std::move(id);
  member.instance_id = std::move(instance_id);
  member.topics = std::move(subscription->topics);
  member.generation = subscription->generation_id.value();
  for (auto& topic : subscription->owned_partitions) member.owned[topic.topic] = topic.partitions;
  if (assignor == Assignor::sticky) {
    member.owned.clear();
    member.generation = -1;
    if (subscription->user_data) read_sticky_user_data(*subscription->user_data, member);
  } else if (assignor == Assignor::cooperative_sticky && subscription->user_data &&
             member.generation < 0) {
    // Before version 2 of the subscription the generation stood in the user data.
    ByteReader reader(*subscription->user_data);
    const std::int32_t generation = reader.read_int32();
    if (reader.ok()) member.generation = generation;
  }
  return member;
}

GroupShares assign(Assignor assignor, std::vector<SubscribedMember> members,
                   const std::map<std::string, std::int32_t>& partition_counts) {
  std::sort(members.begin(), members.end(), comes_before);
  switch (assignor) {
    case Assignor::range: return assign_range(members, partition_counts);
    case Assignor::round_robin: return assign_round_robin(members, partition_counts);
    case Assignor::sticky: return assign_sticky(members, partition_counts);
    case Assignor::cooperative_sticky: {
      GroupShares shares = assign_sticky(members, partition_counts);
      withhold_moving_partitions(members, shares);
      return shares;
    }
  }
  return {};
}

protocol::ConsumerProtocolAssignment to_assignment(const TopicShare& share) {
  protocol::ConsumerProtocolAssignment assignment;
  for (const auto& [topic, partitions] : share) {
    auto& out = assignment.assigned_partitions.emplace_back();
    out.topic = topic;
    out.partitions = partitions;
  }
  return assignment;
}

TopicShare to_share(const protocol::ConsumerProtocolAssignment& assignment) {
  TopicShare share;
  for (const auto& topic : assignment.assigned_partitions) {
    auto& partitions = share[topic.topic];
    partitions.insert(partitions.end(), topic.partitions.begin(), topic.partitions.end());
  }
  return share;
}

protocol::ConsumerProtocolSubscription to_subscription(Assignor assignor,
                                                       std::vector<std::string> topics,
                                                       const TopicShare& owned,
                                                       GenerationId generation) {
  protocol::ConsumerProtocolSubscription subscription;
  std::sort(topics.begin(), topics.end());
  subscription.topics = std::move(topics);
  for (const auto& [topic, partitions] : owned) {
    auto& out = subscription.owned_partitions.emplace_back();
    out.topic = topic;
    out.partitions = partitions;
  }
  subscription.generation_id = generation;
  if (assignor == Assignor::sticky && !owned.empty()) {
    subscription.user_data = sticky_user_data(owned, generation);
  } else if (assignor == Assignor::cooperative_sticky) {
    ByteWriter writer;
    writer.write_int32(generation.value());
    subscription.user_data = writer.take();
  }
  return subscription;
}

}  // namespace ottla::coordinator
