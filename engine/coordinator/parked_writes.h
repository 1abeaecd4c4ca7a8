// What waits for records to be committed: the replies that rest on them and the steps of a group
// that follow. Each ends exactly once: committed, expired by its deadline, or failed when the
// partition is lost.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/coordinator/coordinator_result.h"

namespace ottla::coordinator {

// A leader's assignment was stored: hand it to the members, unless the group has moved on
// meanwhile.
struct AssignmentStored {
  std::string group;
  GenerationId generation;
  std::string leader;
  ClassicGroup::Assignments assignments;
};

// A static member's new id was stored, and its join is answered without a rebalance (KIP-814).
struct StaticMemberStored {
  std::string group;
  std::string instance_id;
  std::string old_member_id;
  std::string new_member_id;
  std::optional<std::string> leader_before;
  bool skips_assignment;  // JoinGroup v9.
  // What the member had before, to go back to should the write fail.
  std::vector<MemberProtocol> old_protocols;
  Duration old_rebalance_timeout;
  Duration old_session_timeout;
};

// A group's first record. Should it not be appended, there is no such group; should it not be
// committed in time, only the join that made the group is told so.
struct NewGroupStored {
  std::string group;
  RequestToken token;
};

using AfterWrite = std::variant<Reply, AssignmentStored, StaticMemberStored, NewGroupStored>;

struct ParkedWrite {
  Offset position;  // The high watermark that satisfies it.
  Instant since;
  Instant deadline;
  std::vector<AfterWrite> after;
};

// In the order of position, and so of deadline.
using ParkedWrites = std::deque<ParkedWrite>;

}  // namespace ottla::coordinator
