// ListGroups, DescribeGroups and DeleteGroups, and the picture of all groups for observers.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/coordinator/group_coordinator.h"

namespace ottla::coordinator {

using protocol::DeleteGroupsResponse;
using protocol::DescribeGroupsResponse;
using protocol::ErrorCode;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;

namespace {

constexpr ApiVersion tells_missing_group{6};
constexpr std::string_view classic_type = "classic";

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

bool passes(const std::vector<std::string>& filter, std::string_view value) {
  return filter.empty() || std::any_of(filter.begin(), filter.end(), [&](const std::string& each) {
           return same_ignoring_case(each, value);
         });
}

}  // namespace

std::vector<ListGroupsResponse::ListedGroup> GroupCoordinator::list_groups(
    const ListGroupsRequest& request) const {
  std::vector<ListGroupsResponse::ListedGroup> listed;
  if (!passes(request.types_filter, classic_type)) return listed;
  for (const auto& [id, group] : groups_) {
    if (!passes(request.states_filter, name(group.state()))) continue;
    auto& out = listed.emplace_back();
    out.group_id = id;
    out.protocol_type = group.protocol_type().value_or("");
    out.group_state = name(group.state());
    out.group_type = classic_type;
  }
  return listed;
}

DescribeGroupsResponse::DescribedGroup GroupCoordinator::describe_group(const std::string& id,
                                                                        ApiVersion version) const {
  DescribeGroupsResponse::DescribedGroup out;
  out.group_id = id;
  const ClassicGroup* group = find(id);
  if (group == nullptr) {
    out.group_state = name(GroupState::dead);
    if (version >= tells_missing_group) {
      out.error_code = ErrorCode::group_id_not_found;
      out.error_message = "Group " + id + " not found.";
    }
    return out;
  }
  out.group_state = name(group->state());
  out.protocol_type = group->protocol_type().value_or("");
  // Between generations there is no protocol, and what was assigned no longer holds.
  const bool is_stable = group->is_in(GroupState::stable);
  if (is_stable) out.protocol_data = group->protocol_name().value_or("");
  for (const auto& [member_id, member] : group->members()) {
    auto& described = out.members.emplace_back();
    described.member_id = member_id;
    described.group_instance_id = member.instance_id;
    described.client_id = member.client_id;
    described.client_host = member.client_host;
    if (!is_stable) continue;
    if (const MemberProtocol* each = member.protocol(out.protocol_data)) {
      described.member_metadata = each->metadata;
    }
    described.member_assignment = member.assignment;
  }
  return out;
}

CoordinatorResult GroupCoordinator::delete_groups(const RequestContext& context,
                                                  const std::vector<std::string>& groups,
                                                  Instant now) {
  Turn turn{now, {}, {}};
  DeleteGroupsResponse response;
  for (const std::string& id : groups) {
    auto& answer = response.results.emplace_back();
    answer.group_id = id;
    const ClassicGroup* group = find(id);
    if (group == nullptr) {
      answer.error_code = ErrorCode::group_id_not_found;
    } else if (!group->is_in(GroupState::empty)) {
      answer.error_code = ErrorCode::non_empty_group;
    }
    if (answer.error_code != ErrorCode::none) continue;
    for (const auto& [key, offset] : offsets_.latest_of(id)) {
      turn.result.records.push_back(offset_tombstone({id, key.first, key.second}));
    }
    turn.result.records.push_back(group_tombstone(id));
    turn.result.changes.push_back(
        {id, GroupState::dead, group->generation(), 0, "DeleteGroups request"});
  }
  reply_when_written(turn, context.token, std::move(response));
  return finish(std::move(turn));
}

std::vector<GroupView> GroupCoordinator::view() const {
  std::vector<GroupView> views;
  for (const auto& [id, group] : groups_) views.push_back(view_of(group));
  return views;
}

GroupView GroupCoordinator::view_of(const ClassicGroup& group) const {
  GroupView view;
  view.id = group.id();
  view.state = group.state();
  view.generation = group.generation();
  view.protocol_type = group.protocol_type().value_or("");
  view.protocol = group.protocol_name().value_or("");
  view.leader = group.leader().value_or("");
  view.state_since = group.state_since();
  for (const auto& [id, member] : group.members()) view.members.push_back(view_of(group, member));
  view.pending_members.assign(group.pending_joins().begin(), group.pending_joins().end());
  for (const auto& [key, offset] : offsets_.committed_of(group.id())) {
    view.offsets.push_back({key.first, key.second, offset.offset, offset.leader_epoch,
                            offset.metadata, Instant::from_millis(offset.commit_timestamp)});
  }
  return view;
}

MemberView GroupCoordinator::view_of(const ClassicGroup& group, const ClassicMember& member) const {
  MemberView view;
  view.id = member.id;
  view.instance_id = member.instance_id;
  view.client_id = member.client_id;
  view.client_host = member.client_host;
  if (const MemberProtocol* each = member.protocol(group.protocol_name().value_or(""))) {
    view.subscription = each->metadata;
  }
  view.assignment = member.assignment;
  view.session_timeout = member.session_timeout;
  view.session_deadline = deadlines_.of({group.id(), DeadlineName::Kind::session, member.id});
  if (member.join) {
    view.waiting = MemberView::Waiting::join;
    view.waiting_since = member.join->since;
    view.waiting_deadline = deadlines_.of({group.id(), DeadlineName::Kind::join_phase, ""});
    view.waiting_cause =
        group.initial_delay
            ? std::string("the initial rebalance delay runs")
            : fmt::format("{} of {} members have joined", group.awaiting_join(),
                          group.size() + static_cast<std::int32_t>(group.pending_joins().size()));
  } else if (member.sync) {
    view.waiting = MemberView::Waiting::sync;
    view.waiting_since = member.sync->since;
    view.waiting_deadline = deadlines_.of({group.id(), DeadlineName::Kind::sync_phase, ""});
    const ClassicMember* leader = group.leader() ? group.member(*group.leader()) : nullptr;
    view.waiting_cause = leader != nullptr && leader->sync
                             ? "the assignment is being stored"
                             : "the leader has not sent the assignment";
  }
  return view;
}

}  // namespace ottla::coordinator
