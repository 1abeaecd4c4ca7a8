#include "engine/metadata/reassignment_plan.h"

#include <algorithm>
#include <set>

namespace ottla::metadata {

namespace {

// In order.
std::vector<BrokerId> difference(const std::vector<BrokerId>& ids,
                                 const std::vector<BrokerId>& taken) {
  std::vector<BrokerId> rest;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(rest),
               [&taken](BrokerId id) { return !contains(taken, id); });
  return rest;
}

std::vector<BrokerId> sorted(std::vector<BrokerId> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

ReassignmentPlan plan_reassignment(const std::vector<BrokerId>& present,
                                   const std::vector<BrokerId>& target) {
  ReassignmentPlan plan{.replicas = target,
                        .adding = sorted(difference(target, present)),
                        .removing = sorted(difference(present, target))};
  plan.replicas.insert(plan.replicas.end(), plan.removing.begin(), plan.removing.end());
  return plan;
}

bool is_being_reassigned(const Partition& partition) {
  return !partition.adding_replicas.empty() || !partition.removing_replicas.empty();
}

std::optional<ReplicasAndIsr> completed_reassignment(const Partition& partition) {
  if (!is_being_reassigned(partition)) return std::nullopt;
  ReplicasAndIsr rest{.replicas = difference(partition.replicas, partition.removing_replicas),
                      .isr = difference(partition.isr, partition.removing_replicas)};
  const bool all_in_sync = std::all_of(rest.replicas.begin(), rest.replicas.end(),
                                       [&rest](BrokerId id) { return contains(rest.isr, id); });
  if (rest.replicas.empty() || !all_in_sync) return std::nullopt;
  return rest;
}

std::optional<RevertedReassignment> revert_reassignment(const Partition& partition) {
  RevertedReassignment reverted;
  reverted.to = {.replicas = difference(partition.replicas, partition.adding_replicas),
                 .isr = difference(partition.isr, partition.adding_replicas)};
  if (reverted.to.replicas.empty()) return std::nullopt;
  if (reverted.to.isr.empty()) {
    reverted.to.isr = {reverted.to.replicas.front()};
    reverted.unclean = true;
  }
  return reverted;
}

std::size_t target_replication_factor(const Partition& partition) {
  return difference(partition.replicas, partition.removing_replicas).size();
}

}  // namespace ottla::metadata
