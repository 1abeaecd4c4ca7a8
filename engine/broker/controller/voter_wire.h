// Changes of the quorum's voters as Kafka's messages carry them (KIP-853): AddRaftVoter,
// RemoveRaftVoter, UpdateRaftVoter, and the ApiVersions by which a leader asks a new voter for the
// levels of kraft.version that it knows.
#pragma once

#include <optional>
#include <span>

#include "engine/broker/broker_config.h"
#include "engine/protocol/messages/add_raft_voter_request.h"
#include "engine/protocol/messages/add_raft_voter_response.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/messages/remove_raft_voter_request.h"
#include "engine/protocol/messages/remove_raft_voter_response.h"
#include "engine/protocol/messages/update_raft_voter_request.h"
#include "engine/protocol/messages/update_raft_voter_response.h"
#include "engine/raft/voter_change.h"

namespace ottla::broker {

[[nodiscard]] raft::AddVoter from_request(const protocol::AddRaftVoterRequest& request);
[[nodiscard]] raft::RemoveVoter from_request(const protocol::RemoveRaftVoterRequest& request);
[[nodiscard]] raft::UpdateVoter from_request(const protocol::UpdateRaftVoterRequest& request);

[[nodiscard]] protocol::UpdateRaftVoterRequest to_request(const raft::UpdateVoter& update);
[[nodiscard]] protocol::ApiVersionsRequest to_request(const raft::SupportedVersionsQuery& query);

[[nodiscard]] protocol::AddRaftVoterResponse to_response(const raft::AddVoterAnswer& answer,
                                                         std::span<const ControllerVoter> voters);
[[nodiscard]] protocol::RemoveRaftVoterResponse to_response(
    const raft::RemoveVoterAnswer& answer, std::span<const ControllerVoter> voters);
// Names the leader's endpoint, where it is among `voters`.
[[nodiscard]] protocol::UpdateRaftVoterResponse to_response(
    const raft::UpdateVoterAnswer& answer, std::span<const ControllerVoter> voters);

[[nodiscard]] std::optional<raft::UpdateVoterAnswer> from_response(
    const protocol::UpdateRaftVoterResponse& response);
[[nodiscard]] std::optional<raft::SupportedVersions> from_response(
    const protocol::ApiVersionsResponse& response);

}  // namespace ottla::broker
