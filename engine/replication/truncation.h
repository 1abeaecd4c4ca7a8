// Where a follower cuts its log when the leader says their histories part (KIP-101, KIP-595).
#pragma once

#include "engine/base/ids.h"

namespace ottla::replication {

// The last offset plus one of an epoch in some log; epoch no_leader_epoch when the log knows none
// so old.
struct EpochEnd {
  LeaderEpoch epoch = no_leader_epoch;
  Offset end_offset = no_offset;
};

struct TruncationPoint {
  Offset offset;
  bool final;  // False: the histories may part earlier still; ask again from there.
};

// `leader` is the leader's end of the largest epoch not above the one the follower fetched with;
// `own` is the follower's end for leader.epoch; `log_end` is where the follower's log ends.
[[nodiscard]] TruncationPoint truncation_point(EpochEnd leader, EpochEnd own, Offset log_end);

}  // namespace ottla::replication
