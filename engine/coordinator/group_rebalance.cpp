// The rebalance of a classic group, from the first reason to change anything until every member
// knows its generation: PreparingRebalance collects joins, CompletingRebalance waits for the
// leader's assignment.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/coordinator/group_coordinator.h"
#include "engine/coordinator/joined_response.h"

namespace ottla::coordinator {

using protocol::ErrorCode;
using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;
using Kind = DeadlineName::Kind;

void GroupCoordinator::rebalance_or_complete_join(Turn& turn, ClassicGroup& group,
                                                  std::string_view reason) {
  if (group.can_rebalance()) {
    prepare_rebalance(turn, group, reason);
  } else {
    complete_join_if_all_joined(turn, group);
  }
}

void GroupCoordinator::prepare_rebalance(Turn& turn, ClassicGroup& group, std::string_view reason) {
  // Members that wait for an assignment are told to join again.
  if (group.is_in(GroupState::completing_rebalance)) {
    group.set_assignments({});
    propagate_assignment(turn, group, ErrorCode::rebalance_in_progress);
  }
  group.pending_syncs().clear();
  deadlines_.cancel({group.id(), Kind::sync_phase, ""});

  const bool is_initial = group.is_in(GroupState::empty);
  if (is_initial) {
    // A new group is given time, so that members which start together share one rebalance.
    const Duration delay = config_.initial_rebalance_delay;
    group.initial_delay = ClassicGroup::InitialDelay{
        delay, std::max(group.rebalance_timeout() - delay, Duration()), false};
    deadlines_.arm({group.id(), Kind::join_phase, ""}, turn.now + delay);
  }
  change_state(turn, group, GroupState::preparing_rebalance, reason);
  if (is_initial) return;
  if (group.has_all_members_joined()) {
    complete_join(turn, group);
  } else {
    deadlines_.arm({group.id(), Kind::join_phase, ""}, turn.now + group.rebalance_timeout());
  }
}

void GroupCoordinator::complete_join_if_all_joined(Turn& turn, ClassicGroup& group) {
  if (!group.is_in(GroupState::preparing_rebalance)) return;
  if (group.previous_state() == GroupState::empty) return;  // The initial delay runs its course.
  if (group.has_all_members_joined()) complete_join(turn, group);
}

void GroupCoordinator::on_join_deadline(Turn& turn, ClassicGroup& group) {
  if (!group.is_in(GroupState::preparing_rebalance)) return;
  auto& initial = group.initial_delay;
  if (initial && initial->member_added && initial->remaining > Duration()) {
    // Somebody came meanwhile: more may be coming, as long as the rebalance timeout allows.
    const Duration delay = std::min(config_.initial_rebalance_delay, initial->remaining);
    initial = ClassicGroup::InitialDelay{
        delay, std::max(initial->remaining - initial->delay, Duration()), false};
    deadlines_.arm({group.id(), Kind::join_phase, ""}, turn.now + delay);
    return;
  }
  complete_join(turn, group);
}

void GroupCoordinator::complete_join(Turn& turn, ClassicGroup& group) {
  deadlines_.cancel({group.id(), Kind::join_phase, ""});
  group.initial_delay.reset();
  std::vector<std::string> absent;
  for (const auto& [id, member] : group.members()) {
    if (!member.join && !member.is_static()) absent.push_back(id);
  }
  for (const std::string& id : absent) remove_member(turn, group, id);

  if (!group.elect_joined_leader() && !group.members().empty()) {
    // Only static members are left and none has rejoined: wait until one does or its session ends.
    deadlines_.arm({group.id(), Kind::join_phase, ""}, turn.now + group.rebalance_timeout());
    return;
  }
  group.start_next_generation(turn.now);
  if (group.is_in(GroupState::empty)) {
    change_state(turn, group, GroupState::empty, "All members have left");
    turn.result.records.push_back(group_record(group.id(), group.recorded({})));
    return;
  }
  change_state(turn, group, GroupState::completing_rebalance,
               absent.empty() ? std::string("All members have joined")
                              : fmt::format("Removed members that have not rejoined: {}",
                                            fmt::join(absent, ", ")));
  for (const auto& [id, unused] : group.members()) {
    ClassicMember& member = *group.member(id);
    end_join(turn, member, joined_response(group, id));
    arm_session(turn, group, member);
    member.is_new = false;
    group.pending_syncs().insert(id);
  }
  deadlines_.arm({group.id(), Kind::sync_phase, ""}, turn.now + group.rebalance_timeout());
}

void GroupCoordinator::on_sync_deadline(Turn& turn, ClassicGroup& group) {
  const bool expects_syncs =
      group.is_in(GroupState::completing_rebalance) || group.is_in(GroupState::stable);
  if (!expects_syncs || group.pending_syncs().empty()) return;
  const std::set<std::string> silent = group.pending_syncs();
  for (const std::string& id : silent) remove_member(turn, group, id);
  prepare_rebalance(
      turn, group,
      fmt::format("Removing [{}] on pending sync request expiration", fmt::join(silent, ", ")));
}

void GroupCoordinator::on_session_deadline(Turn& turn, ClassicGroup& group,
                                           const std::string& member_id) {
  if (group.is_pending_join(member_id)) {
    group.remove(member_id);
    if (group.is_in(GroupState::preparing_rebalance) && group.has_all_members_joined()) {
      complete_join(turn, group);
    }
    return;
  }
  const ClassicMember* member = group.member(member_id);
  if (member == nullptr || member->satisfies_heartbeat()) return;
  remove_member(turn, group, member_id);
  if (group.is_in(GroupState::stable) || group.is_in(GroupState::completing_rebalance)) {
    rebalance_or_complete_join(
        turn, group, fmt::format("removing member {} on heartbeat expiration", member_id));
  } else if (group.is_in(GroupState::preparing_rebalance) && group.has_all_members_joined()) {
    complete_join(turn, group);
  }
}

void GroupCoordinator::remove_member(Turn& turn, ClassicGroup& group,
                                     const std::string& member_id) {
  if (ClassicMember* member = group.member(member_id)) {
    // With UNKNOWN_MEMBER_ID a consumer that is still there joins anew.
    JoinGroupResponse join;
    join.error_code = ErrorCode::unknown_member_id;
    end_join(turn, *member, std::move(join));
    SyncGroupResponse sync;
    sync.error_code = ErrorCode::unknown_member_id;
    end_sync(turn, *member, std::move(sync));
  }
  deadlines_.cancel({group.id(), Kind::session, member_id});
  group.remove(member_id);
}

void GroupCoordinator::arm_session(Turn& turn, const ClassicGroup& group,
                                   const ClassicMember& member) {
  deadlines_.arm({group.id(), Kind::session, member.id}, turn.now + member.session_timeout);
}

void GroupCoordinator::end_join(Turn& turn, ClassicMember& member, JoinGroupResponse response) {
  if (!member.join) return;
  reply(turn, member.join->token, std::move(response));
  member.join.reset();
}

void GroupCoordinator::end_sync(Turn& turn, ClassicMember& member, SyncGroupResponse response) {
  if (!member.sync) return;
  reply(turn, member.sync->token, std::move(response));
  member.sync.reset();
}

void GroupCoordinator::propagate_assignment(Turn& turn, ClassicGroup& group, ErrorCode error) {
  for (const auto& [id, unused] : group.members()) {
    ClassicMember& member = *group.member(id);
    if (!member.sync) continue;
    SyncGroupResponse response;
    response.error_code = error;
    response.assignment = member.assignment;
    if (error == ErrorCode::none) {
      response.protocol_type = group.protocol_type();
      response.protocol_name = group.protocol_name();
    }
    end_sync(turn, member, std::move(response));
    // Its session may have run out while it waited, which was let pass; from here on it counts
    // again.
    arm_session(turn, group, member);
  }
}

void GroupCoordinator::on_sync_received(ClassicGroup& group, const std::string& member_id) {
  group.pending_syncs().erase(member_id);
  if (group.pending_syncs().empty()) deadlines_.cancel({group.id(), Kind::sync_phase, ""});
}

}  // namespace ottla::coordinator
