// The LeaderChangeMessage with which a leader opens its epoch (KIP-595). It
// makes the epoch's start a fact in the log, so that the watermark can pass it.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/protocol/records/control_record.h"

namespace ottla::raft {

struct LeaderChange {
  BrokerId leader;
  std::vector<BrokerId> voters;
  std::vector<BrokerId> granting_voters;
};
[[nodiscard]] protocol::ControlRecord leader_change_record(const LeaderChange& change);

}  // namespace ottla::raft
