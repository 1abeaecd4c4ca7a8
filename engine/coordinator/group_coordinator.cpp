#include "engine/coordinator/group_coordinator.h"

#include <algorithm>
#include <type_traits>

#include "engine/base/assert.h"

namespace ottla::coordinator {

using protocol::ErrorCode;

GroupCoordinator::GroupCoordinator(GroupConfig config) : config_(config) {}

ClassicGroup* GroupCoordinator::find(const std::string& group) {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

const ClassicGroup* GroupCoordinator::find(const std::string& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

bool GroupCoordinator::replay(Offset offset, const CoordinatorRecord& record, Instant now) {
  const DecodedRecord decoded = decode_record(record);
  last_written_ = std::max(last_written_, offset.next());
  if (std::holds_alternative<MalformedRecord>(decoded)) return false;
  apply_record(record, offset.next(), true, now);
  return true;
}

void GroupCoordinator::apply_record(const CoordinatorRecord& record, Offset position, bool loading,
                                    Instant now) {
  const DecodedRecord decoded = decode_record(record);
  if (const auto* offset = std::get_if<OffsetRecord>(&decoded)) {
    // Who commits without ever joining has a group of its own kind: empty, without a protocol type.
    if (offset->value) groups_.try_emplace(offset->key.group, offset->key.group, now);
    offsets_.stage(offset->key, offset->value, position);
  } else if (const auto* group = std::get_if<GroupRecord>(&decoded)) {
    // A live group is never behind the records it wrote; only its end is left to do.
    if (!group->value) {
      groups_.erase(group->group);
      deadlines_.cancel_group(group->group);
    } else if (loading) {
      groups_.insert_or_assign(group->group, ClassicGroup(group->group, *group->value, now));
    }
  }
}

CoordinatorResult GroupCoordinator::loaded(Instant now, Offset high_watermark) {
  Turn turn{now, {}, {}};
  high_watermark_ = high_watermark;
  offsets_.commit_up_to(high_watermark);
  deadlines_.arm({"", DeadlineName::Kind::offsets_expiry, ""},
                 now + config_.offsets_retention_check_interval);
  for (auto& [id, group] : groups_) {
    for (const auto& [member_id, member] : group.members()) arm_session(turn, group, member);
    if (group.size() > config_.max_size && group.can_rebalance()) {
      prepare_rebalance(turn, group, "Freshly-loaded group is over capacity");
    }
  }
  return finish(std::move(turn));
}

CoordinatorResult GroupCoordinator::unload(Instant now) {
  Turn turn{now, {}, {}};
  if (unplaced_) {
    for (AfterWrite& after : unplaced_->after) {
      if (auto* held = std::get_if<Reply>(&after)) {
        reply(turn, held->token, with_error(held->response, ErrorCode::not_coordinator));
      }
    }
  }
  for (ParkedWrite& write : parked_) {
    for (AfterWrite& after : write.after) {
      if (auto* held = std::get_if<Reply>(&after)) {
        reply(turn, held->token, with_error(held->response, ErrorCode::not_coordinator));
      }
    }
  }
  for (auto& [id, group] : groups_) {
    for (const auto& [member_id, unused] : group.members()) {
      ClassicMember& member = *group.member(member_id);
      protocol::JoinGroupResponse join;
      join.member_id = member_id;
      join.error_code = ErrorCode::not_coordinator;
      end_join(turn, member, std::move(join));
      protocol::SyncGroupResponse sync;
      sync.error_code = ErrorCode::not_coordinator;
      end_sync(turn, member, std::move(sync));
    }
  }
  unplaced_.reset();
  parked_.clear();
  groups_.clear();
  offsets_ = OffsetStore();
  deadlines_ = Deadlines();
  return std::move(turn.result);
}

CoordinatorResult GroupCoordinator::finish(Turn turn) {
  OTTLA_ASSERT(!unplaced_);
  if (!turn.result.records.empty()) {
    unplaced_ = Unplaced{turn.now, turn.result.records, std::move(turn.after)};
  } else if (last_written_ > high_watermark_ && !turn.after.empty()) {
    // What was read may rest on records that are not committed yet, so the answer waits for them.
    parked_.push_back(
        {last_written_, turn.now, turn.now + config_.commit_timeout, std::move(turn.after)});
  } else {
    for (AfterWrite& after : turn.after) run_after_write(turn, after);
  }
  return std::move(turn.result);
}

void GroupCoordinator::appended(Offset end) {
  OTTLA_ASSERT(unplaced_ && end >= last_written_);
  last_written_ = end;
  Unplaced placed = std::move(*unplaced_);
  unplaced_.reset();
  for (const CoordinatorRecord& record : placed.records) {
    apply_record(record, end, false, placed.since);
  }
  if (placed.after.empty()) return;
  parked_.push_back(
      {end, placed.since, placed.since + config_.commit_timeout, std::move(placed.after)});
}

CoordinatorResult GroupCoordinator::append_failed(ErrorCode error, Instant now) {
  OTTLA_ASSERT(unplaced_);
  Unplaced failed = std::move(*unplaced_);
  unplaced_.reset();
  Turn turn{now, {}, {}};
  for (AfterWrite& after : failed.after) {
    fail_after_write(turn, after, error);
    // Without its first record there is no group.
    if (const auto* created = std::get_if<NewGroupStored>(&after)) {
      deadlines_.cancel_group(created->group);
      groups_.erase(created->group);
    }
  }
  return finish(std::move(turn));
}

CoordinatorResult GroupCoordinator::committed(Offset high_watermark, Instant now) {
  OTTLA_ASSERT(!unplaced_);
  Turn turn{now, {}, {}};
  if (high_watermark <= high_watermark_) return std::move(turn.result);
  high_watermark_ = high_watermark;
  offsets_.commit_up_to(high_watermark);
  while (!parked_.empty() && parked_.front().position <= high_watermark) {
    ParkedWrite write = std::move(parked_.front());
    parked_.pop_front();
    for (AfterWrite& after : write.after) run_after_write(turn, after);
  }
  return finish(std::move(turn));
}

void GroupCoordinator::run_after_write(Turn& turn, AfterWrite& after) {
  if (auto* held = std::get_if<Reply>(&after)) {
    reply(turn, held->token, std::move(held->response));
  } else if (auto* stored = std::get_if<AssignmentStored>(&after)) {
    ClassicGroup* group = find(stored->group);
    // Another member may have joined while the write was under way.
    if (group == nullptr || !group->is_in(GroupState::completing_rebalance) ||
        group->generation() != stored->generation) {
      return;
    }
    group->set_assignments(stored->assignments);
    propagate_assignment(turn, *group, ErrorCode::none);
    change_state(turn, *group, GroupState::stable,
                 "Assignment received from leader " + stored->leader);
  } else if (auto* renamed = std::get_if<StaticMemberStored>(&after)) {
    answer_stored_static_member(turn, *renamed);
  }
}

void GroupCoordinator::fail_after_write(Turn& turn, AfterWrite& after, ErrorCode error) {
  const ErrorCode told = error_of_failed_append(error);
  if (auto* held = std::get_if<Reply>(&after)) {
    const bool too_large = told == ErrorCode::unknown_server_error &&
                           std::holds_alternative<protocol::OffsetCommitResponse>(held->response);
    reply(turn, held->token,
          with_error(held->response, too_large ? ErrorCode::invalid_commit_offset_size : told));
  } else if (auto* stored = std::get_if<AssignmentStored>(&after)) {
    ClassicGroup* group = find(stored->group);
    if (group == nullptr || !group->is_in(GroupState::completing_rebalance) ||
        group->generation() != stored->generation) {
      return;
    }
    group->set_assignments({});
    propagate_assignment(turn, *group, told);
    rebalance_or_complete_join(turn, *group,
                               "Error " + std::string(protocol::name(told)) +
                                   " when storing group assignment during SyncGroup");
  } else if (auto* renamed = std::get_if<StaticMemberStored>(&after)) {
    revert_static_member(turn, *renamed, told);
  } else if (auto* created = std::get_if<NewGroupStored>(&after)) {
    ClassicGroup* group = find(created->group);
    if (group == nullptr) return;
    for (const auto& [member_id, unused] : group->members()) {
      ClassicMember& member = *group->member(member_id);
      if (!member.join || member.join->token != created->token) continue;
      protocol::JoinGroupResponse response;
      response.error_code = told;
      end_join(turn, member, std::move(response));
    }
  }
}

std::optional<Instant> GroupCoordinator::next_deadline() const {
  std::optional<Instant> next = deadlines_.next();
  if (!parked_.empty() && (!next || parked_.front().deadline < *next))
    next = parked_.front().deadline;
  return next;
}

CoordinatorResult GroupCoordinator::on_time(Instant now) {
  OTTLA_ASSERT(!unplaced_);
  Turn turn{now, {}, {}};
  if (!parked_.empty() && parked_.front().deadline <= now) {
    ParkedWrite write = std::move(parked_.front());
    parked_.pop_front();
    for (AfterWrite& after : write.after)
      fail_after_write(turn, after, ErrorCode::request_timed_out);
    return finish(std::move(turn));
  }
  const std::optional<DeadlineName> due = deadlines_.take_due(now);
  if (!due) return std::move(turn.result);
  if (due->kind == DeadlineName::Kind::offsets_expiry) {
    expire_offsets(turn);
    deadlines_.arm(*due, now + config_.offsets_retention_check_interval);
    return finish(std::move(turn));
  }
  ClassicGroup* group = find(due->group);
  if (group == nullptr) return std::move(turn.result);
  switch (due->kind) {
    case DeadlineName::Kind::session: on_session_deadline(turn, *group, due->member); break;
    case DeadlineName::Kind::join_phase: on_join_deadline(turn, *group); break;
    case DeadlineName::Kind::sync_phase: on_sync_deadline(turn, *group); break;
    case DeadlineName::Kind::offsets_expiry: break;
  }
  return finish(std::move(turn));
}

void GroupCoordinator::reply(Turn& turn, RequestToken token, GroupResponse response) {
  turn.result.replies.push_back({token, std::move(response)});
}

void GroupCoordinator::reply_when_written(Turn& turn, RequestToken token, GroupResponse response) {
  turn.after.emplace_back(Reply{token, std::move(response)});
}

void GroupCoordinator::change_state(Turn& turn, ClassicGroup& group, GroupState state,
                                    std::string_view reason) {
  if (!group.is_in(state)) group.transition_to(state, turn.now);
  turn.result.changes.push_back(
      {group.id(), state, group.generation(), group.size(), std::string(reason)});
}

ErrorCode error_of_failed_append(ErrorCode error) {
  switch (error) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::not_enough_replicas_after_append:
    case ErrorCode::request_timed_out: return ErrorCode::coordinator_not_available;
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::kafka_storage_error: return ErrorCode::not_coordinator;
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::invalid_fetch_size: return ErrorCode::unknown_server_error;
    default: return error;
  }
}

GroupResponse with_error(const GroupResponse& response, ErrorCode error) {
  return std::visit(
      [&](const auto& from) -> GroupResponse {
        using Response = std::decay_t<decltype(from)>;
        Response to;
        if constexpr (std::is_same_v<Response, protocol::OffsetCommitResponse>) {
          to = from;
          for (auto& topic : to.topics) {
            for (auto& partition : topic.partitions) partition.error_code = error;
          }
        } else if constexpr (std::is_same_v<Response, protocol::DeleteGroupsResponse>) {
          to = from;
          for (auto& each : to.results) each.error_code = error;
        } else {
          to.error_code = error;
        }
        return to;
      },
      response);
}

}  // namespace ottla::coordinator
