// What becomes of a partition when its replicas, its in-sync replicas or its possible leaders
// change: Kafka's PartitionChangeBuilder. Pure: a partition, the rules of its topic and what is
// wanted in, a change record out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/metadata/image.h"

namespace ottla::metadata {

enum class Election : std::uint8_t {
  online,     // Keep the leader if it may lead; otherwise any in-sync replica.
  preferred,  // The first replica if it may lead; otherwise as online.
  unclean,    // As online; without one, any live replica, at the price of lost records.
};

// What holds for every partition of a topic.
struct PartitionRules {
  Election election = Election::online;
  std::function<bool(BrokerId)> may_lead;
  std::function<Uuid(BrokerId)> directory_for;  // Where a replica that is new will lie.
  // A replica in a directory that is offline may not lead. Absent: none is offline.
  std::function<bool(BrokerId, const Uuid&)> is_online_directory;
  // Eligible leader replicas (KIP-966): with fewer in-sync replicas than min_insync, those that
  // left stay eligible to lead, and the in-sync set may become empty.
  bool eligible_leader_replicas = false;
  std::size_t min_insync = 1;
};

// What is wanted; what is absent stays as it is.
struct PartitionTarget {
  std::optional<std::vector<BrokerId>> isr;
  std::optional<std::vector<BrokerId>> replicas;
  std::optional<std::vector<BrokerId>> adding;
  std::optional<std::vector<BrokerId>> removing;
  std::optional<LeaderRecoveryState> recovery;
  // This replica lies there now.
  std::optional<std::pair<BrokerId, Uuid>> directory;
  // This broker stopped without a clean shutdown: it is not eligible to lead any more.
  BrokerId lost = no_broker;
};

// The record that brings the partition there; nothing when it is there already. A reassignment
// whose target replicas are all in sync is completed on the way. Without eligible leader replicas
// an ISR is never emptied: its last member stays in it while the partition has no leader.
[[nodiscard]] std::optional<protocol::PartitionChangeRecord> partition_change(
    const TopicId& topic, PartitionIndex index, const Partition& partition,
    const PartitionRules& rules, const PartitionTarget& target);

}  // namespace ottla::metadata
