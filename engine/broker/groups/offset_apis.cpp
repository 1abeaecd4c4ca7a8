// OffsetCommit (8) v2-v10, OffsetFetch (9) v1-v10, OffsetDelete (47) v0.
//
// Topics that do not exist are refused here, one by one; the rest goes to the group's coordinator.
// From v10 on OffsetCommit and OffsetFetch name topics by id (KIP-848); before, by name.
// OffsetFetch asks for one group up to v7, absent topics meaning all from v2 on, and for several
// from v8 on.
#include "engine/broker/groups/group_service.h"

namespace ottla::broker {

using coordinator::RequestToken;
using protocol::ErrorCode;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

constexpr ApiVersion names_topics_by_id{10};
constexpr ApiVersion fetches_many_groups{8};
constexpr ApiVersion fetch_tells_group_error{2};

// A response topic with one error for every partition of the request's.
template <class ResponseTopic, class RequestTopic>
ResponseTopic refused_topic(const RequestTopic& topic, ErrorCode error) {
  ResponseTopic out;
  out.name = topic.name;
  for (const auto& partition : topic.partitions) {
    auto& answer = out.partitions.emplace_back();
    answer.partition_index = partition.partition_index;
    answer.error_code = error;
  }
  return out;
}

// Leaves the partitions that a topic has; the others are refused.
template <class RequestTopic, class Refuse>
void keep_existing(const GroupHost& host, RequestTopic& topic, Refuse&& refuse) {
  const std::int32_t count = host.partition_count(topic.name).value_or(0);
  RequestTopic absent = topic;
  const auto exists = [&](const auto& partition) {
    return partition.partition_index.value() >= 0 && partition.partition_index.value() < count;
  };
  std::erase_if(absent.partitions, exists);
  if (absent.partitions.empty()) return;
  std::erase_if(topic.partitions, [&](const auto& partition) { return !exists(partition); });
  refuse(absent);
}

}  // namespace

void GroupService::handle(const GroupRequest& from, const OffsetCommitRequest& request) {
  using ResponseTopic = OffsetCommitResponse::OffsetCommitResponseTopic;
  OffsetCommitResponse refused;
  const auto refuse = [&](const auto& topic, ErrorCode error) {
    refused.topics.push_back(refused_topic<ResponseTopic>(topic, error));
    refused.topics.back().topic_id = topic.topic_id;
  };
  OffsetCommitRequest accepted = request;
  accepted.topics.clear();
  for (OffsetCommitRequest::OffsetCommitRequestTopic topic : request.topics) {
    if (from.version >= names_topics_by_id) {
      const std::optional<std::string> name = host_.topic_name(topic.topic_id);
      if (!name) {
        refuse(topic, ErrorCode::unknown_topic_id);
        continue;
      }
      topic.name = *name;
    } else if (!host_.topic_exists(topic.name)) {
      refuse(topic, ErrorCode::unknown_topic_or_partition);
      continue;
    }
    keep_existing(host_, topic, [&](const auto& absent) {
      refuse(absent, ErrorCode::unknown_topic_or_partition);
    });
    if (!topic.partitions.empty()) accepted.topics.push_back(std::move(topic));
  }
  if (accepted.topics.empty()) return host_.reply(from.token, std::move(refused));
  const Route to = route(request.group_id);
  if (to.shard == nullptr) {
    for (const auto& topic : accepted.topics) refuse(topic, to.error);
    return host_.reply(from.token, std::move(refused));
  }
  if (!refused.topics.empty()) refused_.emplace(from.token, std::move(refused));
  run(to.partition, *to.shard,
      to.shard->coordinator.commit_offsets(context_of(from), accepted, from.now), from.now);
}

OffsetFetchResponse::OffsetFetchResponseGroup GroupService::fetch_group(
    const OffsetFetchRequest::OffsetFetchRequestGroup& asked, ApiVersion version) {
  OffsetFetchResponse::OffsetFetchResponseGroup answer;
  answer.group_id = asked.group_id;
  const Route to = route(asked.group_id);
  answer.error_code = to.error;
  if (to.shard == nullptr) return answer;
  if (version < names_topics_by_id) return to.shard->coordinator.fetch_offsets(asked);

  OffsetFetchRequest::OffsetFetchRequestGroup known = asked;
  std::vector<OffsetFetchResponse::OffsetFetchResponseTopics> unknown;
  if (known.topics) {
    known.topics->clear();
    for (auto topic : *asked.topics) {
      if (const std::optional<std::string> name = host_.topic_name(topic.topic_id)) {
        topic.name = *name;
        known.topics->push_back(std::move(topic));
        continue;
      }
      auto& out = unknown.emplace_back();
      out.topic_id = topic.topic_id;
      for (const PartitionIndex index : topic.partition_indexes) {
        auto& partition = out.partitions.emplace_back();
        partition.partition_index = index;
        partition.committed_offset = no_offset;
        partition.error_code = ErrorCode::unknown_topic_id;
      }
    }
  }
  answer = to.shard->coordinator.fetch_offsets(known);
  // Among all of a group's topics, those that no longer exist have no id and are left out.
  for (auto& topic : answer.topics) topic.topic_id = host_.topic_id(topic.name);
  std::erase_if(answer.topics, [](const auto& topic) { return topic.topic_id.is_zero(); });
  answer.topics.insert(answer.topics.begin(), unknown.begin(), unknown.end());
  return answer;
}

void GroupService::handle(const GroupRequest& from, const OffsetFetchRequest& request) {
  if (from.version < fetches_many_groups) return fetch_single_group(from, request);
  OffsetFetchResponse response;
  for (const auto& group : request.groups)
    response.groups.push_back(fetch_group(group, from.version));
  host_.reply(from.token, std::move(response));
}

void GroupService::fetch_single_group(const GroupRequest& from, const OffsetFetchRequest& request) {
  OffsetFetchRequest::OffsetFetchRequestGroup asked;
  asked.group_id = request.group_id;
  asked.topics.reset();
  if (request.topics) {
    asked.topics.emplace();
    for (const auto& topic : *request.topics) {
      auto& out = asked.topics->emplace_back();
      out.name = topic.name;
      out.partition_indexes = topic.partition_indexes;
    }
  }
  const auto answer = fetch_group(asked, from.version);
  OffsetFetchResponse response;
  response.error_code = answer.error_code;
  for (const auto& topic : answer.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& copied = out.partitions.emplace_back();
      copied.partition_index = partition.partition_index;
      copied.committed_offset = partition.committed_offset;
      copied.committed_leader_epoch = partition.committed_leader_epoch;
      copied.metadata = partition.metadata;
      copied.error_code = partition.error_code;
    }
  }
  // Version 1 has no error for the whole group, so that each partition carries it.
  if (answer.error_code != ErrorCode::none && from.version < fetch_tells_group_error &&
      asked.topics) {
    for (const auto& topic : *asked.topics) {
      auto& out = response.topics.emplace_back();
      out.name = topic.name;
      for (const PartitionIndex index : topic.partition_indexes) {
        auto& partition = out.partitions.emplace_back();
        partition.partition_index = index;
        partition.committed_offset = no_offset;
        partition.metadata = "";
        partition.error_code = answer.error_code;
      }
    }
  }
  host_.reply(from.token, std::move(response));
}

void GroupService::handle(const GroupRequest& from, const OffsetDeleteRequest& request) {
  using ResponseTopic = OffsetDeleteResponse::OffsetDeleteResponseTopic;
  OffsetDeleteResponse refused;
  OffsetDeleteRequest accepted = request;
  accepted.topics.clear();
  for (OffsetDeleteRequest::OffsetDeleteRequestTopic topic : request.topics) {
    keep_existing(host_, topic, [&](const auto& absent) {
      refused.topics.push_back(
          refused_topic<ResponseTopic>(absent, ErrorCode::unknown_topic_or_partition));
    });
    if (!topic.partitions.empty()) accepted.topics.push_back(std::move(topic));
  }
  const Route to = route(request.group_id);
  if (to.shard == nullptr) {
    OffsetDeleteResponse response;
    response.error_code = request.group_id.empty() ? ErrorCode::invalid_group_id : to.error;
    return host_.reply(from.token, std::move(response));
  }
  if (!refused.topics.empty()) refused_.emplace(from.token, std::move(refused));
  run(to.partition, *to.shard,
      to.shard->coordinator.delete_offsets(context_of(from), accepted, from.now), from.now);
}

}  // namespace ottla::broker
