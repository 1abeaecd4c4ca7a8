// DescribeTopicPartitions (75), v0 (KIP-966). Topics page by page, in the order of their names,
// with eligible leader replicas. The cursor names the first partition of the next page; a page has
// at most max.request.partition.size.limit (2000) partitions.
#include <algorithm>
#include <set>

#include "engine/broker/api/describe_topic.h"
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/metadata/topic_name.h"
#include "engine/protocol/messages/describe_topic_partitions_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using Response = protocol::DescribeTopicPartitionsResponse;

constexpr std::int32_t partitions_per_page_max = 2000;

Response::DescribeTopicPartitionsResponsePartition describe(const metadata::Image& image,
                                                            PartitionIndex index,
                                                            const metadata::Partition& partition) {
  Response::DescribeTopicPartitionsResponsePartition described;
  described.partition_index = index;
  described.leader_id = leader_view(image, partition).leader;  // Not to have one is no error here.
  described.leader_epoch = partition.leader_epoch;
  described.replica_nodes = partition.replicas;
  described.isr_nodes = partition.isr;
  described.eligible_leader_replicas = partition.eligible_leader_replicas;
  described.last_known_elr = partition.last_known_elr;
  described.offline_replicas = offline_replicas(image, partition);
  return described;
}

Response::DescribeTopicPartitionsResponseTopic describe_missing(const std::string& name) {
  Response::DescribeTopicPartitionsResponseTopic topic;
  topic.name = name;
  topic.error_code = metadata::refuse_topic_name(name) ? ErrorCode::invalid_topic_exception
                                                       : ErrorCode::unknown_topic_or_partition;
  topic.topic_authorized_operations = all_topic_operations;
  return topic;
}

// A cursor has to be within what is asked for; else each topic gets the error.
bool is_cursor_valid(const protocol::DescribeTopicPartitionsRequest& request) {
  if (!request.cursor) return true;
  if (request.cursor->partition_index < PartitionIndex{0}) return false;
  return request.topics.empty() ||
         std::any_of(request.topics.begin(), request.topics.end(),
                     [&](const auto& topic) { return topic.name == request.cursor->topic_name; });
}

Response refuse(const protocol::DescribeTopicPartitionsRequest& request) {
  Response response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    topic.error_code = ErrorCode::invalid_request;
  }
  return response;
}

std::set<std::string> asked_names(const metadata::Image& image,
                                  const protocol::DescribeTopicPartitionsRequest& request) {
  std::set<std::string> names;
  for (const auto& topic : request.topics) names.insert(topic.name);
  if (request.topics.empty()) {
    for (const auto& [name, id] : image.topic_ids()) names.insert(name);
  }
  if (request.cursor) names.erase(names.begin(), names.lower_bound(request.cursor->topic_name));
  return names;
}

}  // namespace

void handle_describe_topic_partitions(
    BrokerNode& broker, const Request<protocol::DescribeTopicPartitionsRequest>& request) {
  if (!is_cursor_valid(request.body)) {
    return broker.server().reply(request.context.token, refuse(request.body));
  }
  const metadata::Image& image = broker.image();
  std::int32_t room = std::clamp(request.body.response_partition_limit, 1, partitions_per_page_max);
  Response response;
  for (const std::string& name : asked_names(image, request.body)) {
    const metadata::Topic* topic = image.topic(std::string_view(name));
    if (topic == nullptr) {
      response.topics.push_back(describe_missing(name));
      continue;
    }
    const auto& cursor = request.body.cursor;
    const PartitionIndex first =
        cursor && cursor->topic_name == name ? cursor->partition_index : PartitionIndex{0};
    if (room == 0) {
      response.next_cursor = Response::Cursor{.topic_name = name, .partition_index = first};
      break;
    }
    auto& described = response.topics.emplace_back();
    described.name = name;
    described.topic_id = topic->id;
    described.is_internal = metadata::is_internal_topic(name);
    described.topic_authorized_operations = all_topic_operations;
    auto at = topic->partitions.lower_bound(first);
    for (; at != topic->partitions.end() && room > 0; ++at, --room) {
      described.partitions.push_back(describe(image, at->first, at->second));
    }
    if (at == topic->partitions.end()) continue;
    response.next_cursor = Response::Cursor{.topic_name = name, .partition_index = at->first};
    break;
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
