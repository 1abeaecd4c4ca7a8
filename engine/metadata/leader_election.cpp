#include "engine/metadata/leader_election.h"

#include <algorithm>

namespace ottla::metadata {

namespace {

struct Elected {
  BrokerId leader = no_broker;
  bool unclean = false;
};

Elected elect(const Partition& partition, const std::vector<BrokerId>& isr, Election election,
              const std::function<bool(BrokerId)>& may_lead) {
  const auto valid = [&](BrokerId id) { return contains(isr, id) && may_lead(id); };
  if (election == Election::preferred && !partition.replicas.empty() &&
      valid(partition.replicas[0])) {
    return {partition.replicas[0], false};
  }
  if (valid(partition.leader)) return {partition.leader, false};
  const auto& replicas = partition.replicas;
  if (const auto found = std::find_if(replicas.begin(), replicas.end(), valid);
      found != replicas.end()) {
    return {*found, false};
  }
  if (election == Election::unclean) {
    const auto alive = std::find_if(replicas.begin(), replicas.end(), may_lead);
    if (alive != replicas.end()) return {*alive, true};
  }
  return {};
}

bool is_change(const protocol::PartitionChangeRecord& record) {
  protocol::PartitionChangeRecord nothing;
  nothing.partition_id = record.partition_id;
  nothing.topic_id = record.topic_id;
  return record != nothing;
}

}  // namespace

std::optional<protocol::PartitionChangeRecord> partition_change(
    const TopicId& topic, PartitionIndex index, const Partition& partition,
    const std::function<bool(BrokerId)>& may_lead, const PartitionChangeWish& wish) {
  const std::vector<BrokerId>& isr = wish.isr ? *wish.isr : partition.isr;
  protocol::PartitionChangeRecord record;
  record.topic_id = topic;
  record.partition_id = index;

  const Elected elected = elect(partition, isr, wish.election, may_lead);
  if (elected.leader != partition.leader) {
    record.leader = elected.leader;
    if (elected.unclean) {
      // The others' logs say nothing of what this one lacks: only it is in sync, and it must
      // recover.
      record.isr = std::vector{elected.leader};
      if (partition.leader_recovery_state != LeaderRecoveryState::recovering) {
        record.leader_recovery_state = static_cast<std::int8_t>(LeaderRecoveryState::recovering);
      }
    }
  }
  if (!record.isr && !isr.empty() && isr != partition.isr) record.isr = isr;
  if (record.leader_recovery_state < 0 && wish.recovery &&
      *wish.recovery != partition.leader_recovery_state) {
    record.leader_recovery_state = static_cast<std::int8_t>(*wish.recovery);
  }
  return is_change(record) ? std::optional(std::move(record)) : std::nullopt;
}

}  // namespace ottla::metadata
