// JoinGroup: how members come into a group. A new dynamic member is given an id and told to come
// back with it (KIP-394); a static member takes the place of its earlier self (KIP-345) without a
// rebalance where the group's protocol stays the same (KIP-814).
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/coordinator/group_coordinator.h"
#include "engine/coordinator/joined_response.h"
#include "engine/protocol/message_codec.h"

namespace ottla::coordinator {

using protocol::ErrorCode;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;

namespace {

constexpr ApiVersion requires_known_member_id{4};
constexpr ApiVersion skips_assignment{9};

JoinGroupResponse refusal(std::string member_id, ErrorCode error) {
  JoinGroupResponse response;
  response.member_id = std::move(member_id);
  response.error_code = error;
  return response;
}

std::vector<MemberProtocol> protocols_of(const JoinGroupRequest& request) {
  std::vector<MemberProtocol> protocols;
  for (const auto& each : request.protocols) {
    // A collection keyed by name: the first of a name counts.
    const bool repeated = std::any_of(protocols.begin(), protocols.end(),
                                      [&](const auto& seen) { return seen.name == each.name; });
    if (!repeated) protocols.push_back({each.name, each.metadata});
  }
  return protocols;
}

Duration rebalance_timeout_of(const RequestContext& context, const JoinGroupRequest& request) {
  // Version 0 had no rebalance timeout of its own.
  return Duration::millis(context.version == ApiVersion(0) ? request.session_timeout_ms
                                                           : request.rebalance_timeout_ms);
}

std::string client_reason(const JoinGroupRequest& request) {
  return request.reason && !request.reason->empty() ? *request.reason : "not provided";
}

// java.util.UUID.toString of a random id.
std::string uuid_text(const Uuid& id) {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", id.high() >> 32,
                     (id.high() >> 16) & 0xFFFF, id.high() & 0xFFFF, id.low() >> 48,
                     id.low() & 0xFFFF'FFFF'FFFF);
}

std::vector<JoinGroupResponse::JoinGroupResponseMember> members_for_leader(
    const ClassicGroup& group) {
  std::vector<JoinGroupResponse::JoinGroupResponseMember> members;
  for (const auto& [id, member] : group.members()) {
    auto& out = members.emplace_back();
    out.member_id = id;
    out.group_instance_id = member.instance_id;
    if (const MemberProtocol* each = member.protocol(group.protocol_name().value_or(""))) {
      out.metadata = each->metadata;
    }
  }
  return members;
}

}  // namespace

JoinGroupResponse joined_response(const ClassicGroup& group, const std::string& member_id) {
  JoinGroupResponse response;
  response.member_id = member_id;
  response.generation_id = group.generation();
  response.protocol_type = group.protocol_type();
  response.protocol_name = group.protocol_name();
  response.leader = group.leader().value_or("");
  if (group.is_leader(member_id)) response.members = members_for_leader(group);
  return response;
}

std::optional<ErrorCode> join_error(const GroupConfig& config, const JoinGroupRequest& request) {
  if (request.group_id.empty()) return ErrorCode::invalid_group_id;
  const Duration session = Duration::millis(request.session_timeout_ms);
  const bool allowed =
      session >= config.session_timeout_min && session <= config.session_timeout_max;
  return allowed ? std::nullopt : std::optional(ErrorCode::invalid_session_timeout);
}

CoordinatorResult GroupCoordinator::join(const RequestContext& context,
                                         const JoinGroupRequest& request, Instant now) {
  Turn turn{now, {}, {}};
  const auto refuse = [&](const std::string& member_id, ErrorCode error) {
    reply(turn, context.token, refusal(member_id, error));
    return finish(std::move(turn));
  };
  if (const auto error = join_error(config_, request)) return refuse(request.member_id, *error);
  const bool is_unknown = request.member_id.empty();
  const bool is_new_group = !groups_.contains(request.group_id);
  if (is_new_group && !is_unknown) return refuse(request.member_id, ErrorCode::unknown_member_id);
  ClassicGroup& group = groups_.try_emplace(request.group_id, request.group_id, now).first->second;

  if (!accepts(group, request.member_id)) {
    group.remove(request.member_id);
    deadlines_.cancel({group.id(), DeadlineName::Kind::session, request.member_id});
    reply(turn, context.token, refusal("", ErrorCode::group_max_size_reached));
  } else if (!group.supports(request.protocol_type, protocols_of(request))) {
    reply(turn, context.token, refusal(request.member_id, ErrorCode::inconsistent_group_protocol));
  } else if (is_unknown) {
    join_new_member(turn, context, request, group);
  } else {
    join_known_member(turn, context, request, group);
  }
  if (is_new_group && turn.result.records.empty()) {
    // The first record of a group makes it known to a coordinator that takes over.
    protocol::GroupMetadataValue value;
    value.protocol.reset();
    value.leader.reset();
    value.current_state_timestamp =
        group.state_since() ? group.state_since()->millis_since_epoch() : -1;
    turn.result.records.push_back(group_record(group.id(), value));
    turn.after.emplace_back(NewGroupStored{group.id(), context.token});
  }
  return finish(std::move(turn));
}

bool GroupCoordinator::accepts(const ClassicGroup& group, const std::string& member_id) const {
  const ClassicMember* member = group.member(member_id);
  switch (group.state()) {
    case GroupState::empty:
    case GroupState::dead: return true;
    // The members that wait are counted, so that the last to rejoin are the ones put out where the
    // limit was lowered.
    case GroupState::preparing_rebalance:
      return (member != nullptr && member->join) || group.awaiting_join() < config_.max_size;
    case GroupState::completing_rebalance:
    case GroupState::stable: return member != nullptr || group.size() < config_.max_size;
  }
  return false;
}

void GroupCoordinator::join_new_member(Turn& turn, const RequestContext& context,
                                       const JoinGroupRequest& request, ClassicGroup& group) {
  const std::string new_id =
      request.group_instance_id.value_or(context.client_id) + "-" + uuid_text(context.fresh_id);
  if (new_id.size() > protocol::codec::string_length_max) {
    // Kafka fails to write its answer.
    return reply(turn, context.token, refusal(request.member_id, ErrorCode::unknown_server_error));
  }
  if (request.group_instance_id) {
    const std::string* existing = group.static_member_id(*request.group_instance_id);
    if (existing != nullptr) {
      const std::string old_id = *existing;
      replace_static_member(turn, context, request, group, old_id, new_id);
    } else {
      add_member(turn, context, request, group, new_id);
    }
  } else if (context.version >= requires_known_member_id) {
    group.add_pending_join(new_id);
    deadlines_.arm({group.id(), DeadlineName::Kind::session, new_id},
                   turn.now + Duration::millis(request.session_timeout_ms));
    reply(turn, context.token, refusal(new_id, ErrorCode::member_id_required));
  } else {
    add_member(turn, context, request, group, new_id);
  }
}

void GroupCoordinator::join_known_member(Turn& turn, const RequestContext& context,
                                         const JoinGroupRequest& request, ClassicGroup& group) {
  const std::string& id = request.member_id;
  // An id that was handed out is a dynamic member's; with an instance id it is unknown, as to any
  // group that never saw it.
  if (group.is_pending_join(id) && !request.group_instance_id) {
    return add_member(turn, context, request, group, id);
  }
  if (const ErrorCode error = group.validate(id, request.group_instance_id);
      error != ErrorCode::none) {
    return reply(turn, context.token, refusal(id, error));
  }
  ClassicMember& member = *group.member(id);
  const bool unchanged = member.protocols == protocols_of(request);
  const std::string during =
      fmt::format(" during {}; client reason: {}", name(group.state()), client_reason(request));
  switch (group.state()) {
    case GroupState::preparing_rebalance:
      return rejoin(turn, context, request, group, member,
                    fmt::format("Member {} is joining group{}", id, during));
    case GroupState::completing_rebalance:
      // With the same metadata it may have missed the first answer, which it gets again.
      if (unchanged) return reply(turn, context.token, joined_response(group, id));
      return rejoin(turn, context, request, group, member,
                    fmt::format("Updating metadata for member {}{}", id, during));
    case GroupState::stable:
      // A leader that rejoins asks for a new assignment: topics may have changed, which no metadata
      // shows.
      if (group.is_leader(id)) {
        return rejoin(turn, context, request, group, member,
                      fmt::format("Leader {} re-joining group{}", id, during));
      }
      if (unchanged) return reply(turn, context.token, joined_response(group, id));
      return rejoin(turn, context, request, group, member,
                    fmt::format("Updating metadata for member {}{}", id, during));
    case GroupState::empty:
    case GroupState::dead:
      return reply(turn, context.token, refusal(id, ErrorCode::unknown_member_id));
  }
}

void GroupCoordinator::add_member(Turn& turn, const RequestContext& context,
                                  const JoinGroupRequest& request, ClassicGroup& group,
                                  const std::string& member_id) {
  ClassicMember member;
  member.id = member_id;
  member.instance_id = request.group_instance_id;
  member.client_id = context.client_id;
  member.client_host = context.client_host;
  member.rebalance_timeout = rebalance_timeout_of(context, request);
  member.session_timeout = Duration::millis(request.session_timeout_ms);
  member.protocols = protocols_of(request);
  member.join = WaitingRequest{context.token, turn.now};
  member.is_new = true;
  if (group.is_in(GroupState::preparing_rebalance) && group.initial_delay) {
    group.initial_delay->member_added = true;
  }
  group.add(std::move(member), request.protocol_type);
  // A new member cannot send heartbeats, and its client may be gone without our knowing while its
  // join is parked; so the join itself ends after a while, and who is still there tries again.
  deadlines_.arm({group.id(), DeadlineName::Kind::session, member_id},
                 turn.now + config_.new_member_join_timeout);
  rebalance_or_complete_join(
      turn, group,
      fmt::format("Adding new member {} with group instance id {}; client reason: {}", member_id,
                  request.group_instance_id.value_or("null"), client_reason(request)));
}

void GroupCoordinator::update_member(Turn& turn, const RequestContext& context,
                                     const JoinGroupRequest& request, ClassicMember& member) {
  // A second join by the same member stands for the first, whose connection has most likely gone.
  end_join(turn, member, refusal(member.id, ErrorCode::rebalance_in_progress));
  member.protocols = protocols_of(request);
  member.rebalance_timeout = rebalance_timeout_of(context, request);
  member.session_timeout = Duration::millis(request.session_timeout_ms);
  member.join = WaitingRequest{context.token, turn.now};
}

void GroupCoordinator::rejoin(Turn& turn, const RequestContext& context,
                              const JoinGroupRequest& request, ClassicGroup& group,
                              ClassicMember& member, std::string_view reason) {
  update_member(turn, context, request, member);
  rebalance_or_complete_join(turn, group, reason);
}

void GroupCoordinator::replace_static_member(Turn& turn, const RequestContext& context,
                                             const JoinGroupRequest& request, ClassicGroup& group,
                                             const std::string& old_id, const std::string& new_id) {
  const std::optional<std::string> leader_before = group.leader();
  ClassicMember& old_member = *group.member(old_id);
  // Whoever still acts under the old id is fenced at once.
  end_join(turn, old_member, refusal(old_id, ErrorCode::fenced_instance_id));
  protocol::SyncGroupResponse fenced;
  fenced.error_code = ErrorCode::fenced_instance_id;
  end_sync(turn, old_member, std::move(fenced));
  deadlines_.cancel({group.id(), DeadlineName::Kind::session, old_id});

  ClassicMember& member = group.replace_static_member(old_id, new_id);
  arm_session(turn, group, member);
  StaticMemberStored stored{group.id(),
                            *request.group_instance_id,
                            old_id,
                            new_id,
                            leader_before,
                            context.version >= skips_assignment,
                            member.protocols,
                            member.rebalance_timeout,
                            member.session_timeout};
  update_member(turn, context, request, member);
  const std::string reason =
      fmt::format("static member {} with instance id {}; client reason: {}", new_id,
                  *request.group_instance_id, client_reason(request));
  if (group.is_in(GroupState::stable)) {
    if (group.protocol_name() == group.select_protocol()) {
      turn.result.records.push_back(group_record(group.id(), group.recorded(group.assignments())));
      turn.after.emplace_back(std::move(stored));
    } else {
      rebalance_or_complete_join(turn, group,
                                 "Group's selectedProtocol will change because " + reason);
    }
  } else if (group.is_in(GroupState::completing_rebalance)) {
    // The leader may already be assigning to the old id, so everyone joins again.
    prepare_rebalance(turn, group, "Updating metadata for " + reason);
  } else {
    complete_join_if_all_joined(turn, group);
  }
}

void GroupCoordinator::answer_stored_static_member(Turn& turn, const StaticMemberStored& stored) {
  ClassicGroup* group = find(stored.group);
  ClassicMember* member = group == nullptr ? nullptr : group->member(stored.new_member_id);
  if (member == nullptr) return;
  JoinGroupResponse response = joined_response(*group, stored.new_member_id);
  if (stored.skips_assignment) {
    // A leader that knows the member list may watch for changes, but must not assign again.
    response.skip_assignment = group->is_leader(stored.new_member_id);
  } else {
    // Naming the old leader keeps a client that cannot skip from assigning in a stable group.
    response.members.clear();
    response.leader = stored.leader_before.value_or("");
  }
  end_join(turn, *member, std::move(response));
}

void GroupCoordinator::revert_static_member(Turn& turn, const StaticMemberStored& stored,
                                            ErrorCode error) {
  ClassicGroup* group = find(stored.group);
  ClassicMember* member = group == nullptr ? nullptr : group->member(stored.new_member_id);
  if (member == nullptr) return;
  JoinGroupResponse response = joined_response(*group, "");
  response.leader = stored.leader_before.value_or("");
  response.error_code = error;
  end_join(turn, *member, std::move(response));
  protocol::SyncGroupResponse sync;
  sync.error_code = error;
  end_sync(turn, *member, std::move(sync));
  member->protocols = stored.old_protocols;
  member->rebalance_timeout = stored.old_rebalance_timeout;
  member->session_timeout = stored.old_session_timeout;
  deadlines_.cancel({group->id(), DeadlineName::Kind::session, stored.new_member_id});
  arm_session(turn, *group,
              group->replace_static_member(stored.new_member_id, stored.old_member_id));
}

}  // namespace ottla::coordinator
