// OffsetCommit, OffsetFetch and OffsetDelete: what groups have read so far.
#include "engine/coordinator/group_coordinator.h"
#include "engine/coordinator/java_string.h"

namespace ottla::coordinator {

using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

constexpr ApiVersion tells_missing_group{9};
constexpr std::int64_t default_retention = -1;

ErrorCode validate_commit(const ClassicGroup* group, const RequestContext& context,
                          const OffsetCommitRequest& request) {
  const std::int32_t generation = request.generation_id_or_member_epoch;
  if (group == nullptr) {
    // Without a generation it comes from a consumer that uses no group management, or from an admin
    // client.
    if (generation < 0) return ErrorCode::none;
    return context.version >= tells_missing_group ? ErrorCode::group_id_not_found
                                                  : ErrorCode::illegal_generation;
  }
  if (generation < 0 && group->is_in(GroupState::empty)) return ErrorCode::none;
  if (generation < 0 && request.member_id.empty() && !request.group_instance_id) {
    return ErrorCode::unknown_member_id;
  }
  const ErrorCode invalid = group->validate(request.member_id, request.group_instance_id);
  if (invalid != ErrorCode::none) return invalid;
  if (GenerationId(generation) != group->generation()) return ErrorCode::illegal_generation;
  // The member knows of the new generation but has no assignment in it yet.
  if (group->is_in(GroupState::completing_rebalance)) return ErrorCode::rebalance_in_progress;
  return ErrorCode::none;
}

}  // namespace

CoordinatorResult GroupCoordinator::commit_offsets(const RequestContext& context,
                                                   const OffsetCommitRequest& request,
                                                   Instant now) {
  Turn turn{now, {}, {}};
  ClassicGroup* group = find(request.group_id);
  const ErrorCode refused = validate_commit(group, context, request);
  if (refused == ErrorCode::none && group != nullptr &&
      request.generation_id_or_member_epoch >= 0 &&
      (group->is_in(GroupState::stable) || group->is_in(GroupState::preparing_rebalance))) {
    // A commit shows that the member lives.
    arm_session(turn, *group, *group->member(request.member_id));
  }
  std::optional<std::int64_t> expires;
  if (request.retention_time_ms != default_retention) {
    expires = now.millis_since_epoch() + request.retention_time_ms;
  }
  OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = refused;
      if (refused != ErrorCode::none) continue;
      const std::string metadata = partition.committed_metadata.value_or("");
      if (java_length(metadata) > config_.offset_metadata_max_size) {
        answer.error_code = ErrorCode::offset_metadata_too_large;
        continue;
      }
      turn.result.records.push_back(
          offset_record({request.group_id, topic.name, partition.partition_index},
                        {partition.committed_offset, partition.committed_leader_epoch, metadata,
                         now.millis_since_epoch(), expires}));
    }
  }
  if (refused != ErrorCode::none) {
    reply(turn, context.token, std::move(response));
  } else {
    reply_when_written(turn, context.token, std::move(response));
  }
  return finish(std::move(turn));
}

OffsetFetchResponse::OffsetFetchResponseGroup GroupCoordinator::fetch_offsets(
    const OffsetFetchRequest::OffsetFetchRequestGroup& request) const {
  OffsetFetchResponse::OffsetFetchResponseGroup response;
  response.group_id = request.group_id;
  const auto add = [](auto& topic, PartitionIndex index, const CommittedOffset* found) {
    auto& out = topic.partitions.emplace_back();
    out.partition_index = index;
    out.committed_offset = found == nullptr ? no_offset : found->offset;
    out.committed_leader_epoch = found == nullptr ? no_leader_epoch : found->leader_epoch;
    out.metadata = found == nullptr ? "" : found->metadata;
  };
  if (request.topics) {
    for (const auto& topic : *request.topics) {
      auto& out = response.topics.emplace_back();
      out.name = topic.name;
      out.topic_id = topic.topic_id;
      for (const PartitionIndex index : topic.partition_indexes) {
        add(out, index, offsets_.committed({request.group_id, topic.name, index}));
      }
    }
    return response;
  }
  for (const auto& [key, offset] : offsets_.committed_of(request.group_id)) {
    if (response.topics.empty() || response.topics.back().name != key.first) {
      response.topics.emplace_back().name = key.first;
    }
    add(response.topics.back(), key.second, &offset);
  }
  return response;
}

CoordinatorResult GroupCoordinator::delete_offsets(const RequestContext& context,
                                                   const OffsetDeleteRequest& request,
                                                   Instant now) {
  Turn turn{now, {}, {}};
  OffsetDeleteResponse response;
  const ClassicGroup* group = find(request.group_id);
  if (request.group_id.empty()) {
    response.error_code = ErrorCode::invalid_group_id;
  } else if (group == nullptr) {
    response.error_code = ErrorCode::group_id_not_found;
  } else if (!group->is_in(GroupState::empty) && !group->uses_consumer_protocol()) {
    // Only consumers' subscriptions can be read, so that only they may lose offsets while they
    // live.
    response.error_code = ErrorCode::non_empty_group;
  }
  if (response.error_code != ErrorCode::none) {
    reply(turn, context.token, std::move(response));
    return finish(std::move(turn));
  }
  const auto& subscribed = group->subscribed_topics();
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      const OffsetKey key{request.group_id, topic.name, partition.partition_index};
      // Who may be subscribed to anything, because the subscriptions cannot be read, is to all.
      const bool is_subscribed =
          group->uses_consumer_protocol() && (!subscribed || subscribed->contains(topic.name));
      if (is_subscribed) {
        answer.error_code = ErrorCode::group_subscribed_to_topic;
      } else if (offsets_.latest(key) != nullptr) {
        turn.result.records.push_back(offset_tombstone(key));
      }
    }
  }
  reply_when_written(turn, context.token, std::move(response));
  return finish(std::move(turn));
}

}  // namespace ottla::coordinator
