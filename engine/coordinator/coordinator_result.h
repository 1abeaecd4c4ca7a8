// What a coordinator asks its shell to do after one call: append records, release replies, tell of
// changes.
//
// Order matters. The replies are released at once. The records are appended as one batch, and the
// outcome is told by GroupCoordinator::appended or append_failed before anything else is asked of
// that coordinator.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/coordinator/classic_group.h"
#include "engine/coordinator/coordinator_record.h"
#include "engine/protocol/messages/delete_groups_response.h"
#include "engine/protocol/messages/heartbeat_response.h"
#include "engine/protocol/messages/join_group_response.h"
#include "engine/protocol/messages/leave_group_response.h"
#include "engine/protocol/messages/offset_commit_response.h"
#include "engine/protocol/messages/offset_delete_response.h"
#include "engine/protocol/messages/sync_group_response.h"

namespace ottla::coordinator {

using GroupResponse = std::variant<protocol::JoinGroupResponse, protocol::SyncGroupResponse,
                                   protocol::HeartbeatResponse, protocol::LeaveGroupResponse,
                                   protocol::OffsetCommitResponse, protocol::OffsetDeleteResponse,
                                   protocol::DeleteGroupsResponse>;

struct Reply {
  RequestToken token;
  GroupResponse response;
};

// A group went from one state to another, and why; for observers.
struct GroupChange {
  std::string group;
  GroupState state;
  GenerationId generation;
  std::int32_t members;
  std::string reason;
};

struct CoordinatorResult {
  std::vector<CoordinatorRecord> records;
  std::vector<Reply> replies;
  std::vector<GroupChange> changes;
};

}  // namespace ottla::coordinator
