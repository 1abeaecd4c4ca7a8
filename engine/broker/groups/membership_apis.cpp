// JoinGroup (11) v0-v9, SyncGroup (14) v0-v5, Heartbeat (12) v0-v4, LeaveGroup (13) v0-v5: routed
// to the group's coordinator, which knows what each version means. A static member's instance id
// comes with Join v5, Sync v3, Heartbeat v3; LeaveGroup names several members from v3.
//
// While a partition loads, heartbeats succeed: the member is most likely fine, and its session
// starts anew.
#include "engine/broker/groups/group_service.h"

namespace ottla::broker {

using protocol::ErrorCode;

void GroupService::handle(const GroupRequest& from, const protocol::JoinGroupRequest& request) {
  const Route to = route(request.group_id);
  if (to.shard == nullptr) {
    protocol::JoinGroupResponse response;
    response.member_id = request.member_id;
    response.error_code = coordinator::join_error(config_.groups, request).value_or(to.error);
    return host_.reply(from.token, std::move(response));
  }
  run(to.partition, *to.shard, to.shard->coordinator.join(context_of(from), request, from.now),
      from.now);
}

void GroupService::handle(const GroupRequest& from, const protocol::SyncGroupRequest& request) {
  const Route to = route(request.group_id);
  if (to.shard == nullptr) {
    protocol::SyncGroupResponse response;
    response.error_code = coordinator::sync_error(from.version, request).value_or(to.error);
    return host_.reply(from.token, std::move(response));
  }
  run(to.partition, *to.shard, to.shard->coordinator.sync(context_of(from), request, from.now),
      from.now);
}

void GroupService::handle(const GroupRequest& from, const protocol::HeartbeatRequest& request) {
  const Route to = route(request.group_id);
  if (to.shard == nullptr) {
    protocol::HeartbeatResponse response;
    response.error_code = to.error;
    if (to.error == ErrorCode::coordinator_load_in_progress) response.error_code = ErrorCode::none;
    if (request.group_id.empty()) response.error_code = ErrorCode::invalid_group_id;
    return host_.reply(from.token, std::move(response));
  }
  run(to.partition, *to.shard, to.shard->coordinator.heartbeat(context_of(from), request, from.now),
      from.now);
}

void GroupService::handle(const GroupRequest& from, const protocol::LeaveGroupRequest& request) {
  const Route to = route(request.group_id);
  if (to.shard == nullptr) {
    protocol::LeaveGroupResponse response;
    response.error_code = request.group_id.empty() ? ErrorCode::invalid_group_id : to.error;
    return host_.reply(from.token, std::move(response));
  }
  run(to.partition, *to.shard, to.shard->coordinator.leave(context_of(from), request, from.now),
      from.now);
}

}  // namespace ottla::broker
