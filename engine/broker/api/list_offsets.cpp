// ListOffsets (2), v1-v11. Offsets by timestamp: -1 the end (the last stable offset for
// read_committed), -2 the start, -3 the record with the largest timestamp (v7, KIP-734), -4 the
// local log's start (v8, KIP-405), -5 the last tiered offset (v9, KIP-1005), which is -1 without
// tiered storage. Otherwise the first record at or after the timestamp.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/list_offsets_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using PartitionResponse = protocol::ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t max_timestamp = -3;
constexpr std::int64_t earliest_local = -4;
constexpr std::int64_t latest_tiered = -5;
constexpr BrokerId consumer{-1};

// The first version that knows what a negative timestamp stands for; none for what never did.
std::optional<ApiVersion> first_version_of(std::int64_t timestamp) {
  switch (timestamp) {
    case latest:
    case earliest: return ApiVersion{1};
    case max_timestamp: return ApiVersion{7};
    case earliest_local: return ApiVersion{8};
    case latest_tiered: return ApiVersion{9};
    default: return std::nullopt;
  }
}

bool knows(ApiVersion version, std::int64_t timestamp) {
  if (timestamp >= 0) return true;
  const auto first = first_version_of(timestamp);
  return first && version >= *first;
}

ErrorCode check(const Replica* replica, const ListOffsetsRequest::ListOffsetsPartition& asked) {
  if (replica == nullptr) return ErrorCode::not_leader_or_follower;
  if (const ErrorCode error = replica->check_epoch(asked.current_leader_epoch);
      error != ErrorCode::none) {
    return error;
  }
  return replica->leader() != nullptr ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

// The end of what the asker may read: consumers see below the watermark, followers all of it.
Offset readable_end(const ListOffsetsRequest& request, const Replica& replica) {
  if (request.replica_id != consumer) return replica.log_end();
  return request.isolation_level == 1 ? replica.last_stable_offset() : replica.high_watermark();
}

void look_up_timestamp(Replica& replica, std::int64_t timestamp, Offset end,
                       PartitionResponse& response) {
  const auto found =
      timestamp == max_timestamp ? replica.max_timestamp_offset() : replica.offset_at(timestamp);
  if (!found) {
    response.error_code = found.error();
    return;
  }
  if (!*found || (*found)->offset >= end) return;  // Nothing there: offset and timestamp stay -1.
  response.offset = (*found)->offset;
  response.timestamp = (*found)->timestamp;
  response.leader_epoch = replica.epoch_of((*found)->offset);
}

PartitionResponse answer(BrokerNode& broker, const ListOffsetsRequest& request, ApiVersion version,
                         const std::string& topic,
                         const ListOffsetsRequest::ListOffsetsPartition& asked) {
  PartitionResponse response;
  response.partition_index = asked.partition_index;
  if (!knows(version, asked.timestamp)) {
    response.error_code = ErrorCode::unsupported_version;
    return response;
  }
  if (broker.image().partition(std::string_view(topic), asked.partition_index) == nullptr) {
    response.error_code = ErrorCode::unknown_topic_or_partition;
    return response;
  }
  Replica* replica = broker.replicas().find(topic, asked.partition_index);
  response.error_code = check(replica, asked);
  if (response.error_code != ErrorCode::none) return response;
  switch (asked.timestamp) {
    case latest:
      response.offset = readable_end(request, *replica);
      response.leader_epoch = replica->leader_epoch();
      break;
    case earliest:
    case earliest_local:
      response.offset = replica->log_start();
      response.leader_epoch = replica->epoch_of(replica->log_start());
      break;
    case latest_tiered: break;
    default:
      look_up_timestamp(*replica, asked.timestamp, readable_end(request, *replica), response);
  }
  return response;
}

}  // namespace

void handle_list_offsets(BrokerNode& broker, const Request<ListOffsetsRequest>& request) {
  protocol::ListOffsetsResponse response;
  const ApiVersion version = request.context.head.version;
  for (const auto& topic : request.body.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      answered.partitions.push_back(answer(broker, request.body, version, topic.name, partition));
    }
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
