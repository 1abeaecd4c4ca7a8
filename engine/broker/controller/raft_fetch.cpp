#include "engine/broker/controller/raft_fetch.h"

#include "engine/metadata/topic_name.h"

namespace ottla::broker {

namespace {
constexpr ApiVersion first_with_topic_ids{13};
constexpr ApiVersion first_with_replica_state{15};
constexpr std::int64_t unknown_high_watermark = std::numeric_limits<std::int64_t>::max();
}  // namespace

protocol::FetchRequest to_request(const raft::ReplicaFetch& fetch) {
  protocol::FetchRequest request;
  request.cluster_id = fetch.cluster_id;
  request.replica_state.replica_id = fetch.replica.id;
  request.max_wait_ms = static_cast<std::int32_t>(fetch.max_wait.count_millis());
  request.max_bytes = fetch.bytes_max;
  auto& topic = request.topics.emplace_back();
  topic.topic = std::string(metadata::metadata_topic_name);
  topic.topic_id = metadata_topic_id;
  auto& partition = topic.partitions.emplace_back();
  partition.partition = PartitionIndex{0};
  partition.current_leader_epoch = fetch.current_leader_epoch;
  partition.fetch_offset = fetch.fetch_offset;
  partition.last_fetched_epoch = fetch.last_fetched_epoch;
  partition.replica_directory_id = fetch.replica.directory;
  partition.partition_max_bytes = fetch.bytes_max;
  if (fetch.high_watermark) partition.high_watermark = fetch.high_watermark->value();
  return request;
}

std::optional<raft::ReplicaFetch> from_request(const protocol::FetchRequest& request,
                                               ApiVersion version) {
  if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) return std::nullopt;
  const auto& topic = request.topics[0];
  const auto& partition = topic.partitions[0];
  const bool is_metadata = version >= first_with_topic_ids
                               ? topic.topic_id == metadata_topic_id
                               : topic.topic == metadata::metadata_topic_name;
  if (!is_metadata || partition.partition != PartitionIndex{0}) return std::nullopt;
  raft::ReplicaFetch fetch;
  fetch.cluster_id = request.cluster_id;
  fetch.replica.id =
      version >= first_with_replica_state ? request.replica_state.replica_id : request.replica_id;
  fetch.replica.directory = partition.replica_directory_id;
  fetch.current_leader_epoch = partition.current_leader_epoch;
  fetch.fetch_offset = partition.fetch_offset;
  fetch.last_fetched_epoch = partition.last_fetched_epoch;
  if (partition.high_watermark != unknown_high_watermark) {
    fetch.high_watermark = Offset{partition.high_watermark};
  }
  fetch.max_wait = Duration::millis(request.max_wait_ms);
  fetch.bytes_max = std::min(request.max_bytes, partition.partition_max_bytes);
  return fetch;
}

protocol::FetchResponse to_response(const raft::FetchReply& reply) {
  protocol::FetchResponse response;
  response.error_code = reply.top_level_error;
  if (reply.top_level_error != protocol::ErrorCode::none) return response;
  auto& topic = response.responses.emplace_back();
  topic.topic = std::string(metadata::metadata_topic_name);
  topic.topic_id = metadata_topic_id;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = PartitionIndex{0};
  partition.error_code = reply.error;
  partition.high_watermark = reply.high_watermark.value();
  partition.last_stable_offset = reply.high_watermark;
  partition.log_start_offset = reply.log_start_offset;
  if (reply.diverging) {
    partition.diverging_epoch.epoch = reply.diverging->epoch.value();
    partition.diverging_epoch.end_offset = reply.diverging->offset;
  }
  partition.current_leader.leader_id = reply.leader.leader;
  partition.current_leader.leader_epoch = reply.leader.epoch;
  partition.records = reply.records;
  return response;
}

std::optional<raft::FetchReply> from_response(const protocol::FetchResponse& response) {
  raft::FetchReply reply;
  reply.top_level_error = response.error_code;
  if (response.error_code != protocol::ErrorCode::none) return reply;
  if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1)
    return std::nullopt;
  const auto& partition = response.responses[0].partitions[0];
  reply.error = partition.error_code;
  reply.high_watermark = Offset{partition.high_watermark};
  reply.log_start_offset = partition.log_start_offset;
  if (partition.diverging_epoch.epoch >= 0) {
    reply.diverging = raft::OffsetAndEpoch{partition.diverging_epoch.end_offset,
                                           LeaderEpoch{partition.diverging_epoch.epoch}};
  }
  reply.leader = {partition.current_leader.leader_id, partition.current_leader.leader_epoch};
  if (partition.records) reply.records = *partition.records;
  return reply;
}

}  // namespace ottla::broker
