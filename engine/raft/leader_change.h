// The control batch with which a leader opens its epoch: one LeaderChangeMessage (KIP-595). It
// makes the epoch's start a fact in the log, so that the watermark can pass it.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::raft {

struct LeaderChange {
  BrokerId leader;
  std::vector<BrokerId> voters;
  std::vector<BrokerId> granting_voters;
  LeaderEpoch epoch;
  Offset base_offset;
  Instant now;
};

// The whole batch, placed at `base_offset` in `epoch`.
[[nodiscard]] ByteChain leader_change_batch(const LeaderChange& change);

}  // namespace ottla::raft
