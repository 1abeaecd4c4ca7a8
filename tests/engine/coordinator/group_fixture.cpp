#include "tests/engine/coordinator/group_fixture.h"

#include <type_traits>

#include "engine/coordinator/consumer_protocol.h"

namespace ottla::coordinator::test {

using protocol::ErrorCode;

GroupFixture::GroupFixture(GroupConfig with) : config(with) {
  crash_and_replay();
}

RequestContext GroupFixture::context(std::int16_t version, const std::string& client_id) {
  const RequestToken token(next_token_++);
  asked.push_back(token);
  return {token, ApiVersion(version), client_id, "/127.0.0.1", Uuid(0, next_id_++)};
}

void GroupFixture::take(CoordinatorResult result) {
  while (true) {
    for (Reply& reply : result.replies) {
      if (!replies.emplace(reply.token, std::move(reply.response)).second) {
        answered_twice.push_back(reply.token);
      }
    }
    changes.insert(changes.end(), result.changes.begin(), result.changes.end());
    if (result.records.empty()) return;
    if (append_error) {
      result = coordinator->append_failed(*append_error, now);
      continue;
    }
    log.insert(log.end(), result.records.begin(), result.records.end());
    coordinator->appended(Offset(static_cast<std::int64_t>(log.size())));
    if (hold) return;
    result = coordinator->committed(Offset(static_cast<std::int64_t>(log.size())), now);
  }
}

void GroupFixture::commit_log() {
  take(coordinator->committed(Offset(static_cast<std::int64_t>(log.size())), now));
}

void GroupFixture::crash_and_replay() {
  coordinator = std::make_unique<GroupCoordinator>(config);
  for (std::size_t i = 0; i < log.size(); ++i) {
    (void)coordinator->replay(Offset(static_cast<std::int64_t>(i)), log[i], now);
  }
  take(coordinator->loaded(now, Offset(static_cast<std::int64_t>(log.size()))));
}

void GroupFixture::resign() {
  take(coordinator->unload(now));
}

void GroupFixture::run_for(Duration duration) {
  const Instant end = now + duration;
  while (true) {
    const std::optional<Instant> due = coordinator->next_deadline();
    if (!due || *due > end) break;
    if (*due > now) now = *due;
    take(coordinator->on_time(now));
  }
  now = end;
}

RequestToken GroupFixture::join(const Join& join) {
  protocol::JoinGroupRequest request;
  request.group_id = join.group;
  request.member_id = join.member_id;
  request.group_instance_id = join.instance_id;
  request.session_timeout_ms = join.session_ms;
  request.rebalance_timeout_ms = join.rebalance_ms;
  request.protocol_type = join.protocol_type;
  protocol::ConsumerProtocolSubscription subscription;
  subscription.topics = join.topics;
  for (const std::string& name : join.protocols) {
    auto& protocol = request.protocols.emplace_back();
    protocol.name = name;
    protocol.metadata = encode_subscription(subscription);
  }
  const RequestContext from = context(join.version, join.client_id);
  take(coordinator->join(from, request, now));
  return from.token;
}

GroupFixture::Joined GroupFixture::join_with_id(Join request) {
  const RequestToken first = join(request);
  if (!is_answered(first)) return {"", first};
  request.member_id = answer<protocol::JoinGroupResponse>(first).member_id;
  return {request.member_id, join(request)};
}

GroupFixture::Joined GroupFixture::make_stable_group(const Join& request) {
  const Joined joined = join_with_id(request);
  run_for(Duration::seconds(3));
  const auto& answered = answer<protocol::JoinGroupResponse>(joined.token);
  (void)sync(request.group, answered.member_id, answered.generation_id.value(),
             {{answered.member_id, "all"}}, request.instance_id);
  return {answered.member_id, joined.token};
}

RequestToken GroupFixture::sync(const std::string& group, const std::string& member_id,
                                std::int32_t generation,
                                const std::map<std::string, std::string>& assignments,
                                std::optional<std::string> instance_id) {
  protocol::SyncGroupRequest request;
  request.group_id = group;
  request.member_id = member_id;
  request.group_instance_id = std::move(instance_id);
  request.generation_id = GenerationId(generation);
  for (const auto& [member, assignment] : assignments) {
    auto& out = request.assignments.emplace_back();
    out.member_id = member;
    out.assignment = Bytes::copy_of(assignment);
  }
  const RequestContext from = context(4);
  take(coordinator->sync(from, request, now));
  return from.token;
}

RequestToken GroupFixture::heartbeat(const std::string& group, const std::string& member_id,
                                     std::int32_t generation,
                                     std::optional<std::string> instance_id) {
  protocol::HeartbeatRequest request;
  request.group_id = group;
  request.member_id = member_id;
  request.generation_id = GenerationId(generation);
  request.group_instance_id = std::move(instance_id);
  const RequestContext from = context(4);
  take(coordinator->heartbeat(from, request, now));
  return from.token;
}

RequestToken GroupFixture::leave(const std::string& group,
                                 const std::vector<std::string>& member_ids) {
  protocol::LeaveGroupRequest request;
  request.group_id = group;
  for (const std::string& id : member_ids) request.members.emplace_back().member_id = id;
  const RequestContext from = context(5);
  take(coordinator->leave(from, request, now));
  return from.token;
}

RequestToken GroupFixture::leave_instance(const std::string& group,
                                          const std::string& instance_id) {
  protocol::LeaveGroupRequest request;
  request.group_id = group;
  request.members.emplace_back().group_instance_id = instance_id;
  const RequestContext from = context(5);
  take(coordinator->leave(from, request, now));
  return from.token;
}

RequestToken GroupFixture::commit(const std::string& group, const std::string& member_id,
                                  std::int32_t generation, const std::string& topic,
                                  std::int32_t partition, std::int64_t offset,
                                  const std::string& metadata, std::int16_t version) {
  protocol::OffsetCommitRequest request;
  request.group_id = group;
  request.member_id = member_id;
  request.generation_id_or_member_epoch = generation;
  auto& out = request.topics.emplace_back();
  out.name = topic;
  auto& committed = out.partitions.emplace_back();
  committed.partition_index = PartitionIndex(partition);
  committed.committed_offset = Offset(offset);
  committed.committed_metadata = metadata;
  const RequestContext from = context(version);
  take(coordinator->commit_offsets(from, request, now));
  return from.token;
}

RequestToken GroupFixture::delete_groups(const std::vector<std::string>& groups) {
  const RequestContext from = context(2);
  take(coordinator->delete_groups(from, groups, now));
  return from.token;
}

RequestToken GroupFixture::delete_offset(const std::string& group, const std::string& topic,
                                         std::int32_t partition) {
  protocol::OffsetDeleteRequest request;
  request.group_id = group;
  auto& out = request.topics.emplace_back();
  out.name = topic;
  out.partitions.emplace_back().partition_index = PartitionIndex(partition);
  const RequestContext from = context(0);
  take(coordinator->delete_offsets(from, request, now));
  return from.token;
}

std::int64_t GroupFixture::fetch(const std::string& group, const std::string& topic,
                                 std::int32_t partition) const {
  protocol::OffsetFetchRequest::OffsetFetchRequestGroup request;
  request.group_id = group;
  request.topics.emplace();
  auto& out = request.topics->emplace_back();
  out.name = topic;
  out.partition_indexes = {PartitionIndex(partition)};
  return coordinator->fetch_offsets(request).topics.at(0).partitions.at(0).committed_offset.value();
}

ErrorCode GroupFixture::error(RequestToken token) const {
  return std::visit(
      [](const auto& response) {
        using Response = std::decay_t<decltype(response)>;
        if constexpr (std::is_same_v<Response, protocol::OffsetCommitResponse>) {
          return response.topics.at(0).partitions.at(0).error_code;
        } else if constexpr (std::is_same_v<Response, protocol::OffsetDeleteResponse>) {
          if (response.error_code != ErrorCode::none) return response.error_code;
          return response.topics.at(0).partitions.at(0).error_code;
        } else if constexpr (std::is_same_v<Response, protocol::DeleteGroupsResponse>) {
          return response.results.at(0).error_code;
        } else if constexpr (std::is_same_v<Response, protocol::LeaveGroupResponse>) {
          return response.members.empty() ? response.error_code : response.members.at(0).error_code;
        } else {
          return response.error_code;
        }
      },
      replies.at(token));
}

GroupView GroupFixture::group(const std::string& id) const {
  for (GroupView& view : coordinator->view()) {
    if (view.id == id) return view;
  }
  GroupView none;
  none.state = GroupState::dead;
  return none;
}

}  // namespace ottla::coordinator::test
