// SyncGroup, Heartbeat and LeaveGroup: how members learn their assignment, stay and go.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/coordinator/group_coordinator.h"

namespace ottla::coordinator {

using protocol::ErrorCode;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

namespace {

constexpr ApiVersion names_protocol{5};
constexpr ApiVersion leaves_in_batches{3};

// What a member says the group agreed on, where it says so, must be what the group agreed on.
bool contradicts(const std::optional<std::string>& said, const std::optional<std::string>& is) {
  return said && said != is;
}

ErrorCode validate_sync(const ClassicGroup* group, const RequestContext& context,
                        const SyncGroupRequest& request) {
  if (const auto error = sync_error(context.version, request)) return *error;
  if (group == nullptr || group->is_in(GroupState::empty)) return ErrorCode::unknown_member_id;
  const ErrorCode invalid = group->validate(request.member_id, request.group_instance_id);
  if (invalid != ErrorCode::none) return invalid;
  if (request.generation_id != group->generation()) return ErrorCode::illegal_generation;
  if (contradicts(request.protocol_type, group->protocol_type()) ||
      contradicts(request.protocol_name, group->protocol_name())) {
    return ErrorCode::inconsistent_group_protocol;
  }
  if (group->is_in(GroupState::preparing_rebalance)) return ErrorCode::rebalance_in_progress;
  return ErrorCode::none;
}

}  // namespace

std::optional<ErrorCode> sync_error(ApiVersion version, const SyncGroupRequest& request) {
  if (version >= names_protocol && !(request.protocol_type && request.protocol_name))
    return ErrorCode::inconsistent_group_protocol;
  return request.group_id.empty() ? std::optional(ErrorCode::invalid_group_id) : std::nullopt;
}

CoordinatorResult GroupCoordinator::sync(const RequestContext& context,
                                         const SyncGroupRequest& request, Instant now) {
  Turn turn{now, {}, {}};
  ClassicGroup* group = find(request.group_id);
  SyncGroupResponse response;
  response.error_code = validate_sync(group, context, request);
  if (response.error_code != ErrorCode::none) {
    reply(turn, context.token, std::move(response));
    return finish(std::move(turn));
  }
  ClassicMember& member = *group->member(request.member_id);
  on_sync_received(*group, member.id);
  if (group->is_in(GroupState::stable)) {
    response.protocol_type = group->protocol_type();
    response.protocol_name = group->protocol_name();
    response.assignment = member.assignment;
    reply(turn, context.token, std::move(response));
    return finish(std::move(turn));
  }
  SyncGroupResponse superseded;
  superseded.error_code = ErrorCode::rebalance_in_progress;
  end_sync(turn, member, std::move(superseded));
  member.sync = WaitingRequest{context.token, now};
  if (group->is_leader(member.id)) {
    ClassicGroup::Assignments assignments;
    for (const auto& each : request.assignments) {
      assignments.insert_or_assign(each.member_id, each.assignment);
    }
    turn.result.records.push_back(group_record(group->id(), group->recorded(assignments)));
    turn.after.emplace_back(
        AssignmentStored{group->id(), group->generation(), member.id, std::move(assignments)});
  }
  return finish(std::move(turn));
}

CoordinatorResult GroupCoordinator::heartbeat(const RequestContext& context,
                                              const HeartbeatRequest& request, Instant now) {
  Turn turn{now, {}, {}};
  HeartbeatResponse response;
  ClassicGroup* group = find(request.group_id);
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::invalid_group_id;
  } else if (group == nullptr) {
    response.error_code = ErrorCode::unknown_member_id;
  } else {
    response.error_code = group->validate(request.member_id, request.group_instance_id);
    if (response.error_code == ErrorCode::none && request.generation_id != group->generation()) {
      response.error_code = ErrorCode::illegal_generation;
    }
  }
  if (response.error_code == ErrorCode::none) {
    arm_session(turn, *group, *group->member(request.member_id));
    // This is how members learn that they must join again.
    if (group->is_in(GroupState::preparing_rebalance)) {
      response.error_code = ErrorCode::rebalance_in_progress;
    }
  }
  reply_when_written(turn, context.token, std::move(response));
  return finish(std::move(turn));
}

CoordinatorResult GroupCoordinator::leave(const RequestContext& context,
                                          const LeaveGroupRequest& request, Instant now) {
  Turn turn{now, {}, {}};
  LeaveGroupResponse response;
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::invalid_group_id;
    reply(turn, context.token, std::move(response));
    return finish(std::move(turn));
  }
  ClassicGroup* group = find(request.group_id);
  std::vector<std::string> gone;
  auto identities = request.members;
  if (context.version < leaves_in_batches) identities.emplace_back().member_id = request.member_id;
  for (const auto& identity : identities) {
    auto& answer = response.members.emplace_back();
    answer.member_id = identity.member_id;
    answer.group_instance_id = identity.group_instance_id;
    std::string id = identity.member_id;
    if (group == nullptr) {
      answer.error_code = ErrorCode::unknown_member_id;
    } else if (id.empty()) {
      // An administrator removes a static member by its instance id alone.
      const std::string* of_instance = identity.group_instance_id
                                           ? group->static_member_id(*identity.group_instance_id)
                                           : nullptr;
      if (of_instance == nullptr) {
        answer.error_code = ErrorCode::unknown_member_id;
      } else {
        id = *of_instance;
      }
    } else if (!group->is_pending_join(id)) {
      answer.error_code = group->validate(id, identity.group_instance_id);
    }
    if (answer.error_code != ErrorCode::none) continue;
    remove_member(turn, *group, id);
    gone.push_back(id);
  }
  if (!gone.empty() && !group->is_in(GroupState::empty)) {
    rebalance_or_complete_join(
        turn, *group,
        fmt::format("explicit `LeaveGroup` request for ({}) members", fmt::join(gone, ", ")));
  }
  if (context.version < leaves_in_batches) {
    response.error_code = response.members.front().error_code;
    response.members.clear();
  }
  reply_when_written(turn, context.token, std::move(response));
  return finish(std::move(turn));
}

}  // namespace ottla::coordinator
