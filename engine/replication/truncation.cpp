#include "engine/replication/truncation.h"

#include <algorithm>

namespace ottla::replication {

TruncationPoint truncation_point(EpochEnd leader, EpochEnd own, Offset log_end) {
  if (own.end_offset == no_offset || own.epoch == no_leader_epoch) {
    // The follower has no such epoch: only the leader's word counts.
    return {std::min(leader.end_offset, log_end), true};
  }
  if (own.epoch != leader.epoch) {
    // The follower has an older one: cut there and compare again.
    return {std::min(own.end_offset, log_end), false};
  }
  return {std::min({leader.end_offset, own.end_offset, log_end}), true};
}

}  // namespace ottla::replication
