// ListGroups (16) v0-v5, DescribeGroups (15) v0-v6, DeleteGroups (42) v0-v2.
//
// ListGroups answers for the groups that this broker coordinates; clients join the answers of all
// brokers. v4 adds the filter by state, v5 by type. DescribeGroups says Dead for an unknown group,
// and from v6 on also GROUP_ID_NOT_FOUND. Every group asked for gets its own answer, in order.
#include <algorithm>

#include "engine/broker/groups/group_service.h"

namespace ottla::broker {

using coordinator::RequestToken;
using protocol::ErrorCode;

namespace {

// Read, delete, describe, describe configs, alter configs: bit n is the operation with code n.
// Without an authorizer everyone may do all that can be done to a group.
constexpr std::int32_t all_group_operations =
    (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);

}  // namespace

void GroupService::handle(const GroupRequest& from, const protocol::ListGroupsRequest& request) {
  protocol::ListGroupsResponse response;
  for (const auto& [partition, shard] : shards_) {
    if (!shard.loaded) {
      response.error_code = ErrorCode::coordinator_load_in_progress;
      response.groups.clear();
      break;
    }
    auto listed = shard.coordinator.list_groups(request);
    response.groups.insert(response.groups.end(), listed.begin(), listed.end());
  }
  host_.reply(from.token, std::move(response));
}

void GroupService::handle(const GroupRequest& from,
                          const protocol::DescribeGroupsRequest& request) {
  protocol::DescribeGroupsResponse response;
  for (const std::string& group : request.groups) {
    const Route to = route(group);
    if (to.shard != nullptr) {
      response.groups.push_back(to.shard->coordinator.describe_group(group, from.version));
    } else {
      auto& failed = response.groups.emplace_back();
      failed.group_id = group;
      failed.error_code = to.error;
    }
    auto& described = response.groups.back();
    if (request.include_authorized_operations && described.error_code == ErrorCode::none) {
      described.authorized_operations = all_group_operations;
    }
  }
  host_.reply(from.token, std::move(response));
}

void GroupService::handle(const GroupRequest& from, const protocol::DeleteGroupsRequest& request) {
  GatheredDelete whole{from.token, {}, 0};
  std::map<PartitionIndex, std::vector<std::string>> by_partition;
  for (const std::string& group : request.groups_names) {
    auto& slot = whole.response.results.emplace_back();
    slot.group_id = group;
    const Route to = route(group);
    slot.error_code = to.error;
    if (to.shard == nullptr) continue;
    auto& groups = by_partition[to.partition];
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  if (by_partition.empty()) return host_.reply(from.token, std::move(whole.response));
  whole.parts_left = by_partition.size();
  gathered_.emplace(from.token, std::move(whole));
  for (const auto& [partition, groups] : by_partition) {
    coordinator::RequestContext context = context_of(from);
    context.token = RequestToken(next_part_++);
    parts_.emplace(context.token, from.token);
    Shard& shard = shards_.find(partition)->second;
    run(partition, shard, shard.coordinator.delete_groups(context, groups, from.now), from.now);
  }
}

}  // namespace ottla::broker
