// The quorum machine's messages as Kafka's carry them: Fetch, FetchSnapshot, Vote, BeginQuorumEpoch
// and EndQuorumEpoch of the metadata topic, which has one partition.
#pragma once

#include <optional>
#include <span>

#include "engine/broker/broker_config.h"
#include "engine/protocol/messages/begin_quorum_epoch_request.h"
#include "engine/protocol/messages/begin_quorum_epoch_response.h"
#include "engine/protocol/messages/end_quorum_epoch_request.h"
#include "engine/protocol/messages/end_quorum_epoch_response.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/fetch_response.h"
#include "engine/protocol/messages/fetch_snapshot_request.h"
#include "engine/protocol/messages/fetch_snapshot_response.h"
#include "engine/protocol/messages/vote_request.h"
#include "engine/protocol/messages/vote_response.h"
#include "engine/raft/snapshot.h"

namespace ottla::broker {

// AAAAAAAAAAAAAAAAAAAAAQ, __cluster_metadata.
inline constexpr Uuid metadata_topic_id{0, 1};
// The listener that controllers are reached by.
inline constexpr std::string_view controller_listener_name = "CONTROLLER";

[[nodiscard]] protocol::FetchRequest to_request(const raft::ReplicaFetch& fetch);
[[nodiscard]] protocol::FetchSnapshotRequest to_request(const raft::SnapshotFetch& fetch);
[[nodiscard]] protocol::VoteRequest to_request(const raft::VoteRequest& vote);
// With where the leader listens, which versions from 1 on carry.
[[nodiscard]] protocol::BeginQuorumEpochRequest to_request(const raft::BeginQuorumEpoch& begin,
                                                           const Endpoint& leader);
[[nodiscard]] protocol::EndQuorumEpochRequest to_request(const raft::EndQuorumEpoch& end,
                                                         const Endpoint& leader);

// Nothing when the request is not for exactly the metadata topic's partition 0.
[[nodiscard]] std::optional<raft::ReplicaFetch> from_request(const protocol::FetchRequest& request,
                                                             ApiVersion version);
[[nodiscard]] std::optional<raft::SnapshotFetch> from_request(
    const protocol::FetchSnapshotRequest& request);
[[nodiscard]] std::optional<raft::VoteRequest> from_request(const protocol::VoteRequest& request);
[[nodiscard]] std::optional<raft::BeginQuorumEpoch> from_request(
    const protocol::BeginQuorumEpochRequest& request);
[[nodiscard]] std::optional<raft::EndQuorumEpoch> from_request(
    const protocol::EndQuorumEpochRequest& request);

// Answers name the leader's endpoint, where it is among `voters`.
[[nodiscard]] protocol::FetchResponse to_response(const raft::FetchReply& reply,
                                                  std::span<const ControllerVoter> voters);
[[nodiscard]] protocol::FetchSnapshotResponse to_response(const raft::SnapshotChunk& chunk,
                                                          std::span<const ControllerVoter> voters);
[[nodiscard]] protocol::VoteResponse to_response(const raft::VoteAnswer& answer,
                                                 std::span<const ControllerVoter> voters);
[[nodiscard]] protocol::BeginQuorumEpochResponse to_response(
    const raft::BeginQuorumEpochAnswer& answer, std::span<const ControllerVoter> voters);
[[nodiscard]] protocol::EndQuorumEpochResponse to_response(const raft::EndQuorumEpochAnswer& answer,
                                                           std::span<const ControllerVoter> voters);

// Nothing when the response is not of that partition.
[[nodiscard]] std::optional<raft::FetchReply> from_response(
    const protocol::FetchResponse& response);
[[nodiscard]] std::optional<raft::SnapshotChunk> from_response(
    const protocol::FetchSnapshotResponse& response);
[[nodiscard]] std::optional<raft::VoteAnswer> from_response(const protocol::VoteResponse& response);
[[nodiscard]] std::optional<raft::BeginQuorumEpochAnswer> from_response(
    const protocol::BeginQuorumEpochResponse& response);
[[nodiscard]] std::optional<raft::EndQuorumEpochAnswer> from_response(
    const protocol::EndQuorumEpochResponse& response);

}  // namespace ottla::broker
