#include "engine/broker/controller/raft_wire.h"

#include <algorithm>

#include "engine/metadata/topic_name.h"

namespace ottla::broker {

namespace {
constexpr ApiVersion first_with_topic_ids{13};
constexpr ApiVersion first_with_replica_state{15};
constexpr std::int64_t unknown_high_watermark = std::numeric_limits<std::int64_t>::max();

// The one partition of the one topic that these messages are about.
template <class Message>
auto& only_partition(Message& message) {
  auto& topic = message.topics.emplace_back();
  topic.topic_name = std::string(metadata::metadata_topic_name);
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = PartitionIndex{0};
  return partition;
}

// Null when the message is about anything else.
template <class Message>
auto metadata_partition(const Message& message) -> decltype(&message.topics[0].partitions[0]) {
  if (message.topics.size() != 1 || message.topics[0].partitions.size() != 1) return nullptr;
  const auto& topic = message.topics[0];
  const bool is_metadata = topic.topic_name == metadata::metadata_topic_name &&
                           topic.partitions[0].partition_index == PartitionIndex{0};
  return is_metadata ? &topic.partitions[0] : nullptr;
}

std::optional<raft::ReplicaKey> voter_key(BrokerId id, const Uuid& directory) {
  if (id < BrokerId{0}) return std::nullopt;
  return raft::ReplicaKey{id, directory};
}

template <class Request>
void add_leader_endpoint(Request& request, const Endpoint& leader) {
  request.leader_endpoints.push_back(
      {.name = std::string(controller_listener_name), .host = leader.host, .port = leader.port});
}

template <class Response>
void add_node_endpoint(Response& response, BrokerId leader,
                       std::span<const ControllerVoter> voters) {
  const auto at = std::find_if(voters.begin(), voters.end(),
                               [&](const ControllerVoter& voter) { return voter.id == leader; });
  if (at == voters.end()) return;
  auto& node = response.node_endpoints.emplace_back();
  node.node_id = leader;
  node.host = at->endpoint.host;
  node.port = static_cast<decltype(node.port)>(at->endpoint.port);
}

// What the answers of all these requests have in common.
template <class Response>
Response quorum_response(const raft::QuorumAnswer& answer,
                         std::span<const ControllerVoter> voters) {
  Response response;
  response.error_code = answer.top_level_error;
  if (answer.top_level_error != protocol::ErrorCode::none) return response;
  auto& partition = only_partition(response);
  partition.error_code = answer.error;
  partition.leader_id = answer.leader.leader;
  partition.leader_epoch = answer.leader.epoch;
  add_node_endpoint(response, answer.leader.leader, voters);
  return response;
}

template <class Answer, class Response>
std::optional<Answer> quorum_answer(const Response& response) {
  Answer answer;
  answer.top_level_error = response.error_code;
  if (answer.top_level_error != protocol::ErrorCode::none) return answer;
  const auto* partition = metadata_partition(response);
  if (partition == nullptr) return std::nullopt;
  answer.error = partition->error_code;
  answer.leader = {partition->leader_id, partition->leader_epoch};
  if constexpr (requires { partition->vote_granted; }) answer.granted = partition->vote_granted;
  return answer;
}

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
  // By its id alone: who can only name it is refused.
  const bool is_metadata = version >= first_with_topic_ids && topic.topic_id == metadata_topic_id;
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

protocol::FetchResponse to_response(const raft::FetchReply& reply,
                                    std::span<const ControllerVoter> voters) {
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
  partition.log_start_offset = reply.log_start_offset;
  if (reply.diverging) {
    partition.diverging_epoch.epoch = reply.diverging->epoch.value();
    partition.diverging_epoch.end_offset = reply.diverging->offset;
  }
  if (reply.snapshot) {
    partition.snapshot_id.end_offset = reply.snapshot->offset;
    partition.snapshot_id.epoch = reply.snapshot->epoch.value();
  }
  partition.current_leader.leader_id = reply.leader.leader;
  partition.current_leader.leader_epoch = reply.leader.epoch;
  partition.records = reply.records;
  add_node_endpoint(response, reply.leader.leader, voters);
  return response;
}

protocol::FetchSnapshotRequest to_request(const raft::SnapshotFetch& fetch) {
  protocol::FetchSnapshotRequest request;
  request.cluster_id = fetch.cluster_id;
  request.replica_id = fetch.replica.id;
  request.max_bytes = fetch.bytes_max;
  auto& topic = request.topics.emplace_back();
  topic.name = std::string(metadata::metadata_topic_name);
  auto& partition = topic.partitions.emplace_back();
  partition.partition = PartitionIndex{0};
  partition.current_leader_epoch = fetch.current_leader_epoch;
  partition.snapshot_id.end_offset = fetch.snapshot.offset;
  partition.snapshot_id.epoch = fetch.snapshot.epoch.value();
  partition.position = fetch.position;
  partition.replica_directory_id = fetch.replica.directory;
  return request;
}

std::optional<raft::SnapshotFetch> from_request(const protocol::FetchSnapshotRequest& request) {
  if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) return std::nullopt;
  const auto& partition = request.topics[0].partitions[0];
  const bool is_metadata = request.topics[0].name == metadata::metadata_topic_name &&
                           partition.partition == PartitionIndex{0};
  if (!is_metadata) return std::nullopt;
  return raft::SnapshotFetch{
      .cluster_id = request.cluster_id,
      .replica = {request.replica_id, partition.replica_directory_id},
      .current_leader_epoch = partition.current_leader_epoch,
      .snapshot = {partition.snapshot_id.end_offset, LeaderEpoch{partition.snapshot_id.epoch}},
      .position = partition.position,
      .bytes_max = request.max_bytes};
}

protocol::FetchSnapshotResponse to_response(const raft::SnapshotChunk& chunk,
                                            std::span<const ControllerVoter> voters) {
  protocol::FetchSnapshotResponse response;
  response.error_code = chunk.top_level_error;
  if (chunk.top_level_error != protocol::ErrorCode::none) return response;
  auto& topic = response.topics.emplace_back();
  topic.name = std::string(metadata::metadata_topic_name);
  auto& partition = topic.partitions.emplace_back();
  partition.error_code = chunk.error;
  partition.snapshot_id.end_offset = chunk.snapshot.offset;
  partition.snapshot_id.epoch = chunk.snapshot.epoch.value();
  partition.current_leader.leader_id = chunk.leader.leader;
  partition.current_leader.leader_epoch = chunk.leader.epoch;
  partition.size = chunk.size;
  partition.position = chunk.position;
  partition.unaligned_records = chunk.bytes;
  add_node_endpoint(response, chunk.leader.leader, voters);
  return response;
}

std::optional<raft::SnapshotChunk> from_response(const protocol::FetchSnapshotResponse& response) {
  raft::SnapshotChunk chunk;
  chunk.top_level_error = response.error_code;
  if (response.error_code != protocol::ErrorCode::none) return chunk;
  if (response.topics.size() != 1 || response.topics[0].partitions.size() != 1) return std::nullopt;
  const auto& partition = response.topics[0].partitions[0];
  chunk.error = partition.error_code;
  chunk.leader = {partition.current_leader.leader_id, partition.current_leader.leader_epoch};
  chunk.snapshot = {partition.snapshot_id.end_offset, LeaderEpoch{partition.snapshot_id.epoch}};
  chunk.size = partition.size;
  chunk.position = partition.position;
  chunk.bytes = partition.unaligned_records;
  return chunk;
}

protocol::VoteRequest to_request(const raft::VoteRequest& vote) {
  protocol::VoteRequest request;
  request.cluster_id = vote.cluster_id;
  request.voter_id = vote.voter ? vote.voter->id : no_broker;
  auto& partition = only_partition(request);
  partition.replica_epoch = vote.candidate_epoch.value();
  partition.replica_id = vote.candidate.id;
  partition.replica_directory_id = vote.candidate.directory;
  if (vote.voter) partition.voter_directory_id = vote.voter->directory;
  partition.last_offset_epoch = vote.log_end.epoch.value();
  partition.last_offset = vote.log_end.offset;
  partition.pre_vote = vote.pre_vote;
  return request;
}

std::optional<raft::VoteRequest> from_request(const protocol::VoteRequest& request) {
  const auto* partition = metadata_partition(request);
  if (partition == nullptr) return std::nullopt;
  return raft::VoteRequest{
      .cluster_id = request.cluster_id,
      .candidate = {partition->replica_id, partition->replica_directory_id},
      .candidate_epoch = LeaderEpoch{partition->replica_epoch},
      .log_end = {partition->last_offset, LeaderEpoch{partition->last_offset_epoch}},
      .pre_vote = partition->pre_vote,
      .voter = voter_key(request.voter_id, partition->voter_directory_id)};
}

protocol::BeginQuorumEpochRequest to_request(const raft::BeginQuorumEpoch& begin,
                                             const Endpoint& leader) {
  protocol::BeginQuorumEpochRequest request;
  request.cluster_id = begin.cluster_id;
  request.voter_id = begin.voter ? begin.voter->id : no_broker;
  auto& partition = only_partition(request);
  if (begin.voter) partition.voter_directory_id = begin.voter->directory;
  partition.leader_id = begin.leader.leader;
  partition.leader_epoch = begin.leader.epoch;
  add_leader_endpoint(request, leader);
  return request;
}

std::optional<raft::BeginQuorumEpoch> from_request(
    const protocol::BeginQuorumEpochRequest& request) {
  const auto* partition = metadata_partition(request);
  if (partition == nullptr) return std::nullopt;
  return raft::BeginQuorumEpoch{
      .cluster_id = request.cluster_id,
      .leader = {partition->leader_id, partition->leader_epoch},
      .voter = voter_key(request.voter_id, partition->voter_directory_id)};
}

// Version 0 names the successors by their ids alone.
protocol::EndQuorumEpochRequest to_request(const raft::EndQuorumEpoch& end,
                                           const Endpoint& leader) {
  protocol::EndQuorumEpochRequest request;
  request.cluster_id = end.cluster_id;
  auto& partition = only_partition(request);
  partition.leader_id = end.leader.leader;
  partition.leader_epoch = end.leader.epoch;
  for (const raft::ReplicaKey& each : end.preferred_candidates) {
    partition.preferred_successors.push_back(each.id);
    auto& candidate = partition.preferred_candidates.emplace_back();
    candidate.candidate_id = each.id;
    candidate.candidate_directory_id = each.directory;
  }
  add_leader_endpoint(request, leader);
  return request;
}

std::optional<raft::EndQuorumEpoch> from_request(const protocol::EndQuorumEpochRequest& request) {
  const auto* partition = metadata_partition(request);
  if (partition == nullptr) return std::nullopt;
  raft::EndQuorumEpoch end{.cluster_id = request.cluster_id,
                           .leader = {partition->leader_id, partition->leader_epoch},
                           .preferred_candidates = {}};
  for (const BrokerId id : partition->preferred_successors)
    end.preferred_candidates.push_back({id, {}});
  if (!partition->preferred_candidates.empty()) end.preferred_candidates.clear();
  for (const auto& each : partition->preferred_candidates)
    end.preferred_candidates.push_back({each.candidate_id, each.candidate_directory_id});
  return end;
}

protocol::VoteResponse to_response(const raft::VoteAnswer& answer,
                                   std::span<const ControllerVoter> voters) {
  auto response = quorum_response<protocol::VoteResponse>(answer, voters);
  if (!response.topics.empty()) response.topics[0].partitions[0].vote_granted = answer.granted;
  return response;
}

protocol::BeginQuorumEpochResponse to_response(const raft::BeginQuorumEpochAnswer& answer,
                                               std::span<const ControllerVoter> voters) {
  return quorum_response<protocol::BeginQuorumEpochResponse>(answer, voters);
}

protocol::EndQuorumEpochResponse to_response(const raft::EndQuorumEpochAnswer& answer,
                                             std::span<const ControllerVoter> voters) {
  return quorum_response<protocol::EndQuorumEpochResponse>(answer, voters);
}

std::optional<raft::VoteAnswer> from_response(const protocol::VoteResponse& response) {
  return quorum_answer<raft::VoteAnswer>(response);
}

std::optional<raft::BeginQuorumEpochAnswer> from_response(
    const protocol::BeginQuorumEpochResponse& response) {
  return quorum_answer<raft::BeginQuorumEpochAnswer>(response);
}

std::optional<raft::EndQuorumEpochAnswer> from_response(
    const protocol::EndQuorumEpochResponse& response) {
  return quorum_answer<raft::EndQuorumEpochAnswer>(response);
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
  if (partition.snapshot_id.epoch >= 0 && partition.snapshot_id.end_offset >= Offset{0}) {
    reply.snapshot = raft::OffsetAndEpoch{partition.snapshot_id.end_offset,
                                          LeaderEpoch{partition.snapshot_id.epoch}};
  }
  reply.leader = {partition.current_leader.leader_id, partition.current_leader.leader_epoch};
  if (partition.records) reply.records = *partition.records;
  return reply;
}

}  // namespace ottla::broker
