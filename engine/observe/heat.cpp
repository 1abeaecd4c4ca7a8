#include "engine/observe/heat.h"

#include <algorithm>

namespace ottla::observe {
namespace {

constexpr std::ptrdiff_t partitions_min = 3;

}  // namespace

bool is_hot_by_requests(const BrokerState& broker) {
  return broker.status == ProcessStatus::online && broker.load.requests.value_or(0) > hot_load &&
         broker.requests_per_s >= hot_requests_per_s;
}

bool is_hot_by_bytes(const BrokerState& broker) {
  return broker.status == ProcessStatus::online && broker.load.network.value_or(0) > hot_load &&
         broker.bytes_in_per_s + broker.bytes_out_per_s >= hot_bytes_per_s;
}

std::set<PartitionIndex> hot_partitions(const Snapshot& snapshot, const TopicState& topic) {
  std::vector<const PartitionState*> busy;
  for (const PartitionState& partition : topic.partitions) {
    const bool settled = snapshot.run.now - partition.leader_since >= hot_after_election;
    const bool stands_out =
        partition.share >= hot_share && partition.records_in_per_s >= hot_records_per_s;
    if (settled && stands_out) busy.push_back(&partition);
  }
  std::set<PartitionIndex> hot;
  if (topic.internal || busy.empty()) return hot;

  const auto serves = [&](const PartitionState& partition) {
    const BrokerState* leader = partition.leader ? snapshot.broker(*partition.leader) : nullptr;
    return leader != nullptr && leader->status == ProcessStatus::online;
  };
  const auto served = std::count_if(topic.partitions.begin(), topic.partitions.end(), serves);
  if (served < partitions_min) return hot;
  const double share_min = hot_even_parts / static_cast<double>(served);
  for (const PartitionState* partition : busy) {
    if (partition->share >= share_min && serves(*partition)) hot.insert(partition->index);
  }
  return hot;
}

}  // namespace ottla::observe
