// What becomes of a partition when its possible leaders or its in-sync replicas change: Kafka's
// PartitionChangeBuilder. Pure: a partition and a wish in, a change record out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/metadata/image.h"

namespace ottla::metadata {

enum class Election : std::uint8_t {
  online,     // Keep the leader if it may lead; otherwise any in-sync replica.
  preferred,  // The first replica if it may lead; otherwise as online.
  unclean,    // As online; without one, any live replica, at the price of lost records.
};

struct PartitionChangeWish {
  Election election = Election::online;
  // The in-sync replicas wanted; nothing leaves them.
  std::optional<std::vector<BrokerId>> isr;
  std::optional<LeaderRecoveryState> recovery;
};

// The record that brings the partition there; nothing when it is there already. An ISR is never
// emptied: its last member stays in it while the partition has no leader.
[[nodiscard]] std::optional<protocol::PartitionChangeRecord> partition_change(
    const TopicId& topic, PartitionIndex index, const Partition& partition,
    const std::function<bool(BrokerId)>& may_lead, const PartitionChangeWish& wish);

}  // namespace ottla::metadata
