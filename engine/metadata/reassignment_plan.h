// The replicas of a partition on their way from one set to another: Kafka's
// PartitionReassignmentReplicas and PartitionReassignmentRevert. While it lasts, a partition has
// both sets, the target first; those to come are its adding replicas, those to go its removing
// ones.
#pragma once

#include <optional>
#include <vector>

#include "engine/metadata/image.h"

namespace ottla::metadata {

struct ReassignmentPlan {
  std::vector<BrokerId> replicas;  // The target, then the removing ones.
  std::vector<BrokerId> adding;    // Sorted, as is removing.
  std::vector<BrokerId> removing;
};
[[nodiscard]] ReassignmentPlan plan_reassignment(const std::vector<BrokerId>& present,
                                                 const std::vector<BrokerId>& target);

[[nodiscard]] bool is_being_reassigned(const Partition& partition);

struct ReplicasAndIsr {
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
};
// What remains when the reassignment is done: nothing unless all target replicas are in sync
// (KAFKA-15665).
[[nodiscard]] std::optional<ReplicasAndIsr> completed_reassignment(const Partition& partition);

// What was before the reassignment. Where all in-sync replicas are adding ones, the first that
// remains is taken for in sync, which may lose records.
struct RevertedReassignment {
  ReplicasAndIsr to;
  bool unclean = false;
};
// Nothing when every replica is an adding one.
[[nodiscard]] std::optional<RevertedReassignment> revert_reassignment(const Partition& partition);

// How many replicas the partition will have when its reassignment, if there is one, is done.
[[nodiscard]] std::size_t target_replication_factor(const Partition& partition);

}  // namespace ottla::metadata
