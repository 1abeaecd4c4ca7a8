// Topics, partitions and replicas, as a Snapshot shows them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/uuid.h"
#include "engine/observe/known.h"

namespace ottla::observe {

enum class ReplicaRole : std::uint8_t { leader, in_sync, out_of_sync, offline };

struct ReplicaState {
  BrokerId broker;
  ReplicaRole role = ReplicaRole::offline;
  bool adding = false;
  bool removing = false;
  Known<Offset> log_start_offset;
  Known<Offset> log_end_offset;
  Known<Offset> high_watermark;
  std::optional<Instant> last_caught_up;  // As the leader knows it.
  bool operator==(const ReplicaState&) const = default;
};

struct PartitionState {
  PartitionIndex index;
  std::optional<BrokerId> leader;
  LeaderEpoch leader_epoch = no_leader_epoch;
  PartitionEpoch partition_epoch;
  Instant leader_since;
  std::vector<ReplicaState> replicas;  // In assignment order: the first is the preferred leader.
  std::vector<BrokerId> isr;
  std::vector<BrokerId> elr;
  Known<Offset> log_start_offset;
  Known<Offset> log_end_offset;  // The leader's.
  Known<Offset> high_watermark;
  Known<Offset> last_stable_offset;
  std::int64_t size_bytes = 0;
  double records_in_per_s = 0;
  double bytes_in_per_s = 0;
  double share = 0;  // Of its topic's records per second, 0 to 1.
  std::optional<Instant> under_replicated_since;
  bool under_min_isr = false;

  [[nodiscard]] bool offline() const { return !leader.has_value(); }
  [[nodiscard]] bool under_replicated() const { return isr.size() < replicas.size(); }
  bool operator==(const PartitionState&) const = default;
};

struct TopicState {
  std::string name;
  TopicId id;
  bool internal = false;
  std::int32_t replication_factor = 0;
  std::int32_t min_insync_replicas = 1;
  std::vector<PartitionState> partitions;  // By index.
  double records_in_per_s = 0;
  double bytes_in_per_s = 0;
  double bytes_out_per_s = 0;
  bool operator==(const TopicState&) const = default;
};

}  // namespace ottla::observe
