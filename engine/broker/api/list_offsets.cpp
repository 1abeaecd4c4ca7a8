// ListOffsets (2), v1-v11: the offsets of timestamps and the ends of partitions; see OffsetQuery.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/broker/data/isolation_level.h"
#include "engine/broker/data/offset_query.h"
#include "engine/protocol/messages/list_offsets_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using PartitionResponse = protocol::ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr BrokerId consumer{-1};
constexpr ApiVersion first_with_offset_not_available{5};

// The first version that knows what a negative timestamp stands for; none for what never did.
std::optional<ApiVersion> first_version_of(std::int64_t timestamp) {
  switch (timestamp) {
    case latest_offset:
    case earliest_offset: return ApiVersion{1};
    case max_timestamp_offset: return ApiVersion{7};
    case earliest_local_offset: return ApiVersion{8};
    case latest_tiered_offset: return ApiVersion{9};
    default: return std::nullopt;
  }
}

bool knows(ApiVersion version, std::int64_t timestamp) {
  if (timestamp >= 0) return true;
  const auto first = first_version_of(timestamp);
  return first && version >= *first;
}

ErrorCode check(const Replica& replica, const ListOffsetsRequest::ListOffsetsPartition& asked) {
  if (const ErrorCode error = replica.check_epoch(asked.current_leader_epoch);
      error != ErrorCode::none) {
    return error;
  }
  return replica.leader() != nullptr ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

void look_up(Replica& replica, const Request<ListOffsetsRequest>& request,
             PartitionResponse& response, std::int64_t timestamp) {
  const auto found =
      find_offset(replica, {.timestamp = timestamp,
                            .from_consumer = request.body.replica_id == consumer,
                            .read_committed = request.body.isolation_level == read_committed});
  if (found) {
    response.offset = found->offset;
    response.timestamp = found->timestamp;
    response.leader_epoch = found->epoch;
    return;
  }
  const bool too_old = request.context.head.version < first_with_offset_not_available;
  response.error_code = found.error() == ErrorCode::offset_not_available && too_old
                            ? ErrorCode::leader_not_available
                            : found.error();
}

PartitionResponse answer(BrokerNode& broker, const Request<ListOffsetsRequest>& request,
                         const std::string& topic,
                         const ListOffsetsRequest::ListOffsetsPartition& asked) {
  PartitionResponse response;
  response.partition_index = asked.partition_index;
  if (!is_isolation_level(request.body.isolation_level)) {
    response.error_code = ErrorCode::unknown_server_error;  // Kafka's answer to an exception.
    return response;
  }
  if (!knows(request.context.head.version, asked.timestamp)) {
    response.error_code = ErrorCode::unsupported_version;
    return response;
  }
  if (broker.image().partition(std::string_view(topic), asked.partition_index) == nullptr) {
    response.error_code = ErrorCode::unknown_topic_or_partition;
    return response;
  }
  Replica* replica = broker.replicas().find(topic, asked.partition_index);
  response.error_code = replica == nullptr
                            ? broker.replicas().why_absent(topic, asked.partition_index)
                            : check(*replica, asked);
  if (response.error_code == ErrorCode::none) look_up(*replica, request, response, asked.timestamp);
  return response;
}

}  // namespace

void handle_list_offsets(BrokerNode& broker, const Request<ListOffsetsRequest>& request) {
  protocol::ListOffsetsResponse response;
  for (const auto& topic : request.body.topics) {
    if (topic.partitions.empty()) continue;
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back(answer(broker, request, topic.name, partition));
    }
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
