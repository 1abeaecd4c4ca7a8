#include "engine/broker/controller/voter_wire.h"

#include "engine/metadata/features.h"
#include "engine/wire/channel_options.h"

namespace ottla::broker {

using protocol::ErrorCode;

namespace {

template <class Request>
raft::ReplicaKey key_of(const Request& request) {
  return {BrokerId{request.voter_id}, request.voter_directory_id};
}

template <class Request>
std::vector<raft::VoterEndpoint> endpoints_of(const Request& request) {
  std::vector<raft::VoterEndpoint> endpoints;
  for (const auto& each : request.listeners)
    endpoints.push_back({each.name, each.host, static_cast<std::uint16_t>(each.port)});
  return endpoints;
}

// Where Kafka has no words of its own it says what the code means, NONE included.
template <class Response>
Response change_response(const raft::VoterChangeAnswer& answer) {
  Response response;
  response.error_code = answer.error;
  response.error_message = answer.message;
  if (!answer.message) {
    response.error_message =
        std::string(answer.error == ErrorCode::none ? protocol::name(answer.error)
                                                    : protocol::message(answer.error));
  }
  return response;
}

}  // namespace

raft::AddVoter from_request(const protocol::AddRaftVoterRequest& request) {
  return {.cluster_id = request.cluster_id,
          .voter = {.key = key_of(request), .endpoints = endpoints_of(request)},
          .ack_when_committed = request.ack_when_committed};
}

raft::RemoveVoter from_request(const protocol::RemoveRaftVoterRequest& request) {
  return {.cluster_id = request.cluster_id, .voter = key_of(request)};
}

raft::UpdateVoter from_request(const protocol::UpdateRaftVoterRequest& request) {
  const auto& range = request.kraft_version_feature;
  return {.cluster_id = request.cluster_id,
          .current_leader_epoch = request.current_leader_epoch,
          .voter = {.key = key_of(request),
                    .endpoints = endpoints_of(request),
                    .versions = {range.min_supported_version, range.max_supported_version}}};
}

protocol::UpdateRaftVoterRequest to_request(const raft::UpdateVoter& update) {
  protocol::UpdateRaftVoterRequest request;
  request.cluster_id = update.cluster_id;
  request.current_leader_epoch = update.current_leader_epoch;
  request.voter_id = update.voter.key.id.value();
  request.voter_directory_id = update.voter.key.directory;
  for (const raft::VoterEndpoint& each : update.voter.endpoints)
    request.listeners.push_back({.name = each.listener, .host = each.host, .port = each.port});
  request.kraft_version_feature.min_supported_version = update.voter.versions.min;
  request.kraft_version_feature.max_supported_version = update.voter.versions.max;
  return request;
}

protocol::ApiVersionsRequest to_request(const raft::SupportedVersionsQuery&) {
  const wire::ChannelOptions names;
  protocol::ApiVersionsRequest request;
  request.client_software_name = names.software_name;
  request.client_software_version = names.software_version;
  return request;
}

protocol::AddRaftVoterResponse to_response(const raft::AddVoterAnswer& answer,
                                           std::span<const ControllerVoter>) {
  return change_response<protocol::AddRaftVoterResponse>(answer);
}

protocol::RemoveRaftVoterResponse to_response(const raft::RemoveVoterAnswer& answer,
                                              std::span<const ControllerVoter>) {
  return change_response<protocol::RemoveRaftVoterResponse>(answer);
}

protocol::UpdateRaftVoterResponse to_response(const raft::UpdateVoterAnswer& answer,
                                              std::span<const ControllerVoter> voters) {
  protocol::UpdateRaftVoterResponse response;
  response.error_code = answer.error;
  auto& current = response.current_leader;
  current.leader_id = answer.leader.leader;
  current.leader_epoch = answer.leader.epoch;
  for (const ControllerVoter& voter : voters) {
    if (voter.id != answer.leader.leader) continue;
    current.host = voter.endpoint.host;
    current.port = voter.endpoint.port;
  }
  return response;
}

std::optional<raft::UpdateVoterAnswer> from_response(
    const protocol::UpdateRaftVoterResponse& response) {
  raft::UpdateVoterAnswer answer;
  answer.error = response.error_code;
  answer.leader = {response.current_leader.leader_id, response.current_leader.leader_epoch};
  return answer;
}

std::optional<raft::SupportedVersions> from_response(
    const protocol::ApiVersionsResponse& response) {
  raft::SupportedVersions versions{.error = response.error_code, .kraft_version = std::nullopt};
  for (const auto& feature : response.supported_features) {
    if (feature.name != metadata::kraft_version_feature) continue;
    versions.kraft_version = raft::KRaftVersions{feature.min_version, feature.max_version};
  }
  return versions;
}

}  // namespace ottla::broker
