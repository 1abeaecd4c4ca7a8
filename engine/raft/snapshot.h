// The fetch of a snapshot of the metadata log and its answer (KIP-630), free of wire versions. A
// snapshot stands for the log before its offset, all of it committed; its id is that offset and the
// epoch of the last record before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/raft/vote.h"

namespace ottla::raft {

// No snapshot of this id is ever made: the log itself holds what it could stand for.
inline constexpr OffsetAndEpoch empty_snapshot{Offset{0}, LeaderEpoch{0}};

struct SnapshotFetch {
  std::optional<std::string> cluster_id;
  ReplicaKey replica;
  LeaderEpoch current_leader_epoch{};
  OffsetAndEpoch snapshot;
  std::int64_t position = 0;  // In the snapshot's bytes.
  std::int32_t bytes_max = 0;
};

struct SnapshotChunk : QuorumAnswer {
  OffsetAndEpoch snapshot{no_offset, no_leader_epoch};
  std::int64_t size = 0;  // Of the whole.
  std::int64_t position = 0;
  ByteChain bytes;  // Empty in an effect: the shell reads them.
};

}  // namespace ottla::raft
