// The controller's API handlers. Those that change the cluster ask metadata::Controller, and answer
// when the records are committed; the rest tell of the quorum.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/broker/api/describe_topic.h"
#include "engine/broker/config_description.h"
#include "engine/broker/controller/controller_node.h"
#include "engine/broker/server/announced_features.h"
#include "engine/broker/server/client_software.h"
#include "engine/metadata/client_quotas.h"
#include "engine/metadata/controller_registration.h"
#include "engine/metadata/feature_updates.h"
#include "engine/metadata/reassignment.h"
#include "engine/metadata/topic_name.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/messages/describe_cluster_request.h"
#include "engine/protocol/messages/describe_cluster_response.h"
#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_configs_response.h"
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_quorum_response.h"

namespace ottla::broker {

namespace {

using namespace protocol;

constexpr std::int8_t brokers_endpoint = 1;
constexpr std::int8_t controllers_endpoint = 2;
constexpr ApiVersion first_with_endpoint_types{1};  // Of DescribeCluster.

std::vector<ApiVersionsResponse::ApiVersion> advertised_controller_apis() {
  std::vector<ApiVersionsResponse::ApiVersion> list;
  for (const auto& entry : controller_apis()) {
    list.push_back({.api_key = static_cast<std::int16_t>(entry.key),
                    .min_version = entry.advertised_min.value(),
                    .max_version = entry.max.value()});
  }
  return list;
}

// Whether there is nothing to decide, so that whoever is asked can say so (QuorumController).
template <class Body>
bool asks_nothing(const Body&) {
  return false;
}
bool asks_nothing(const CreateTopicsRequest& body) {
  return body.topics.empty();
}
bool asks_nothing(const CreatePartitionsRequest& body) {
  return body.topics.empty();
}
bool asks_nothing(const ElectLeadersRequest& body) {
  return body.topic_partitions && body.topic_partitions->empty();
}
bool asks_nothing(const AlterPartitionRequest& body) {
  return body.topics.empty();
}
bool asks_nothing(const AlterPartitionReassignmentsRequest& body) {
  return body.topics.empty();
}
bool asks_nothing(const AlterConfigsRequest& body) {
  return body.resources.empty();
}
bool asks_nothing(const IncrementalAlterConfigsRequest& body) {
  return body.resources.empty();
}
bool asks_nothing(const AlterClientQuotasRequest& body) {
  return body.entries.empty();
}

// Decides only while active; otherwise the asker is sent on its way.
template <class Body, class Decide>
void decide(ControllerNode& node, const Request<Body>& request, Decide&& decision) {
  if (asks_nothing(request.body))
    return node.reply(request.context, decltype(decision().response)());
  if (node.is_active()) {
    auto result = decision();
    if (!result.refusal.failed()) return node.conclude(request, std::move(result));
    const Refusal why{result.refusal.code, std::move(result.refusal.message)};
    return node.reply(request.context, error_answer(request.body, why));
  }
  std::optional<BrokerId> active;
  if (node.raft().leader().leader != no_broker) active = node.raft().leader().leader;
  node.reply(request.context, error_answer(request.body, ControllerNode::not_controller(active)));
}

void handle_register(ControllerNode& node, const Request<BrokerRegistrationRequest>& request) {
  decide(node, request, [&] {
    return node.controller().register_broker(request.body, node.context(request.context));
  });
}

void handle_heartbeat(ControllerNode& node, const Request<BrokerHeartbeatRequest>& request) {
  if (request.body.want_shut_down) node.expect_fencing(request.body.broker_id, "it shuts down");
  decide(node, request,
         [&] { return node.controller().heartbeat(request.body, node.context(request.context)); });
}

void handle_unregister(ControllerNode& node, const Request<UnregisterBrokerRequest>& request) {
  decide(node, request, [&] { return node.controller().unregister_broker(request.body); });
}

void handle_alter_partition(ControllerNode& node, const Request<AlterPartitionRequest>& request) {
  decide(node, request, [&] {
    return node.controller().alter_partition(request.body, node.context(request.context));
  });
}

void handle_assign_to_dirs(ControllerNode& node,
                           const Request<AssignReplicasToDirsRequest>& request) {
  decide(node, request, [&] { return node.controller().assign_replicas_to_dirs(request.body); });
}

void handle_allocate(ControllerNode& node, const Request<AllocateProducerIdsRequest>& request) {
  decide(node, request, [&] { return node.controller().allocate_producer_ids(request.body); });
}

// Decides in the time that the client has given. Where it gives none, the time has passed already.
template <class Body, class Decide>
void decide_in_time(ControllerNode& node, const Request<Body>& request, Decide&& decision) {
  if (node.is_active() && request.body.timeout_ms <= 0 && !asks_nothing(request.body)) {
    const Refusal too_late{ErrorCode::request_timed_out, std::nullopt};
    return node.reply(request.context, error_answer(request.body, too_late));
  }
  decide(node, request, std::forward<Decide>(decision));
}

// Decides on what creates or deletes partitions, for which a client may have to wait (KIP-599):
// versions before `strict_since` are carried out even so.
template <class Body, class Decide>
void decide_charged(ControllerNode& node, const Request<Body>& request, ApiVersion strict_since,
                    Decide&& decision) {
  decide_in_time(node, request, [&] {
    MutationCharge charge = node.mutation_charge(request.context, strict_since);
    auto result =
        decision([&](std::int64_t partitions) { return charge.take(partitions, node.now()); });
    result.response.throttle_time_ms =
        static_cast<std::int32_t>(charge.throttle_time(node.now()).count_millis());
    return result;
  });
}

void handle_create_topics(ControllerNode& node, const Request<CreateTopicsRequest>& request) {
  decide_charged(node, request, ApiVersion{6}, [&](const metadata::PartitionCharge& charge) {
    return node.controller().create_topics(request.body, charge);
  });
}

// Whoever is asked looks the topics up; only those that are there take the active controller.
void handle_delete_topics(ControllerNode& node, const Request<DeleteTopicsRequest>& request) {
  if (!node.is_active()) {
    const auto looked_up =
        node.controller().delete_topics(request.body, node.context(request.context));
    if (looked_up.records.empty()) return node.reply(request.context, looked_up.response);
  }
  decide_charged(node, request, ApiVersion{5}, [&](const metadata::PartitionCharge& charge) {
    return node.controller().delete_topics(request.body, node.context(request.context), charge);
  });
}

void handle_create_partitions(ControllerNode& node,
                              const Request<CreatePartitionsRequest>& request) {
  decide_charged(node, request, ApiVersion{3}, [&](const metadata::PartitionCharge& charge) {
    return node.controller().create_partitions(request.body, charge);
  });
}

void handle_elect_leaders(ControllerNode& node, const Request<ElectLeadersRequest>& request) {
  decide_in_time(node, request, [&] { return node.controller().elect_leaders(request.body); });
}

void handle_incremental_alter(ControllerNode& node,
                              const Request<IncrementalAlterConfigsRequest>& request) {
  decide(node, request, [&] { return node.controller().incremental_alter_configs(request.body); });
}

void handle_alter_configs(ControllerNode& node, const Request<AlterConfigsRequest>& request) {
  decide(node, request, [&] { return node.controller().alter_configs(request.body); });
}

void handle_alter_reassignments(ControllerNode& node,
                                const Request<AlterPartitionReassignmentsRequest>& request) {
  decide_in_time(node, request, [&] {
    return metadata::alter_partition_reassignments(node.image(), node.config().settings,
                                                   request.body);
  });
}

// As far as this controller knows, active or not.
void handle_list_reassignments(ControllerNode& node,
                               const Request<ListPartitionReassignmentsRequest>& request) {
  node.reply(request.context, metadata::list_partition_reassignments(node.image(), request.body));
}

void handle_alter_client_quotas(ControllerNode& node,
                                const Request<AlterClientQuotasRequest>& request) {
  decide(node, request, [&] { return metadata::alter_client_quotas(node.image(), request.body); });
}

void handle_update_features(ControllerNode& node, const Request<UpdateFeaturesRequest>& request) {
  const auto upgrade = [&node](std::int16_t level, bool validate_only) -> metadata::ApiError {
    const raft::KRaftUpgrade done = node.upgrade_kraft_version(level, validate_only);
    if (done.error == ErrorCode::none) return {};
    return {done.error, done.message};
  };
  decide(node, request, [&] {
    const metadata::FeatureAuthority authority{.image = node.image(),
                                               .settings = node.config().settings,
                                               .self = node.config().node_id,
                                               .voters = node.raft().voter_set().ids(),
                                               .kraft_version = node.raft().kraft_version(),
                                               .upgrade_kraft_version = upgrade};
    return metadata::update_features(authority, request.body, request.context.head.version);
  });
}

void handle_controller_registration(ControllerNode& node,
                                    const Request<ControllerRegistrationRequest>& request) {
  decide(node, request, [&] { return metadata::register_controller(node.image(), request.body); });
}

void handle_envelope(ControllerNode& node, const Request<EnvelopeRequest>& request) {
  if (!node.is_active()) return node.refuse_envelope(request.context, ErrorCode::not_controller);
  node.open_envelope(request.context, request.body);
}

// What voters and observers ask of each other. About anything but the metadata log it is invalid.
template <class Response, class WireRequest>
void ask_quorum(ControllerNode& node, const RequestContext& context, const WireRequest& request) {
  if (const auto asked = from_request(request)) return node.ask_quorum(context, *asked);
  Response response;
  response.error_code = ErrorCode::invalid_request;
  node.reply(context, response);
}

void handle_fetch(ControllerNode& node, const Request<FetchRequest>& request) {
  if (const auto fetch = from_request(request.body, request.context.head.version))
    return node.ask_quorum(request.context, *fetch);
  FetchResponse response;
  response.error_code = ErrorCode::invalid_request;
  node.reply(request.context, response);
}

void handle_fetch_snapshot(ControllerNode& node, const Request<FetchSnapshotRequest>& request) {
  ask_quorum<FetchSnapshotResponse>(node, request.context, request.body);
}

void handle_vote(ControllerNode& node, const Request<VoteRequest>& request) {
  ask_quorum<VoteResponse>(node, request.context, request.body);
}

void handle_begin_epoch(ControllerNode& node, const Request<BeginQuorumEpochRequest>& request) {
  ask_quorum<BeginQuorumEpochResponse>(node, request.context, request.body);
}

void handle_end_epoch(ControllerNode& node, const Request<EndQuorumEpochRequest>& request) {
  ask_quorum<EndQuorumEpochResponse>(node, request.context, request.body);
}

// Changes of the voters (KIP-853) are the quorum's to decide, and to refuse.
template <class Change>
void handle_voter_change(ControllerNode& node, const Request<Change>& request) {
  node.ask_quorum(request.context, from_request(request.body));
}

void handle_api_versions(ControllerNode& node, const Request<ApiVersionsRequest>& request) {
  ApiVersionsResponse response;
  auto software = client_software(request.body, request.context.head.version);
  if (!software) {
    response.error_code = ErrorCode::invalid_request;
    return node.reply(request.context, response);
  }
  node.note_client_software(request.context.connection, std::move(*software));
  response.api_keys = advertised_controller_apis();
  const std::int16_t kraft_version =
      node.has_quorum() ? node.raft().kraft_version() : std::int16_t{0};
  announce_features(node.image(), kraft_version, request.context.head.version, response);
  node.reply(request.context, response);
}

std::vector<DescribeQuorumResponse::ReplicaState> quorum_rows(
    const std::vector<raft::ReplicaStatus>& replicas) {
  std::vector<DescribeQuorumResponse::ReplicaState> rows;
  const auto millis = [](std::optional<Instant> at) { return at ? at->millis_since_epoch() : -1; };
  for (const raft::ReplicaStatus& replica : replicas) {
    auto& row = rows.emplace_back();
    row.replica_id = replica.replica.id;
    row.replica_directory_id = replica.replica.directory;
    row.log_end_offset = replica.log_end_offset;
    row.last_fetch_timestamp = millis(replica.last_fetch);
    row.last_caught_up_timestamp = millis(replica.last_caught_up);
  }
  return rows;
}

// Only the metadata log's one partition can be asked about, and only by itself.
bool asks_of_metadata_log(const DescribeQuorumRequest& request) {
  return request.topics.size() == 1 &&
         request.topics.front().topic_name == metadata::metadata_topic_name &&
         request.topics.front().partitions.size() == 1 &&
         request.topics.front().partitions.front().partition_index == PartitionIndex{0};
}

DescribeQuorumResponse no_such_quorum(const DescribeQuorumRequest& request) {
  DescribeQuorumResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.topic_name = asked.topic_name;
    for (const auto& asked_partition : asked.partitions) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = asked_partition.partition_index;
      partition.error_code = ErrorCode::unknown_topic_or_partition;
      partition.error_message = std::string(message(partition.error_code));
    }
  }
  return response;
}

void add_voter_nodes(const raft::VoterSet& voters, DescribeQuorumResponse& response) {
  for (const auto& [id, voter] : voters.all()) {
    auto& described = response.nodes.emplace_back();
    described.node_id = id;
    for (const raft::VoterEndpoint& at : voter.endpoints)
      described.listeners.push_back({.name = at.listener, .host = at.host, .port = at.port});
  }
}

void handle_describe_quorum(ControllerNode& node, const Request<DescribeQuorumRequest>& request) {
  if (!asks_of_metadata_log(request.body)) {
    return node.reply(request.context, no_such_quorum(request.body));
  }
  DescribeQuorumResponse response;
  response.error_message.reset();
  for (const auto& asked : request.body.topics) {
    auto& topic = response.topics.emplace_back();
    topic.topic_name = asked.topic_name;
    for (const auto& asked_partition : asked.partitions) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = asked_partition.partition_index;
      partition.error_message.reset();
      const raft::LeaderAndEpoch leader = node.raft().leader();
      partition.leader_id = leader.leader;
      partition.leader_epoch = leader.epoch;
      if (!node.is_active()) {
        partition.error_code = ErrorCode::not_leader_or_follower;
        continue;
      }
      partition.high_watermark = node.raft().high_watermark().value();
      partition.current_voters = quorum_rows(node.raft().voters(node.now()));
      partition.observers = quorum_rows(node.raft().observers(node.now()));
    }
  }
  add_voter_nodes(node.raft().voter_set(), response);
  node.reply(request.context, response);
}

std::optional<Refusal> refuse_describe_cluster(const metadata::Image& image, std::int8_t type) {
  if (!metadata::supports_controller_registration(image)) {
    return Refusal{ErrorCode::unsupported_version,
                   "Direct-to-controller communication is not supported with the current "
                   "MetadataVersion."};
  }
  if (type == controllers_endpoint) return std::nullopt;
  if (type == brokers_endpoint) {
    return Refusal{ErrorCode::mismatched_endpoint_type,
                   "The request was sent to an endpoint of type CONTROLLER, but we wanted an "
                   "endpoint of type BROKER"};
  }
  return Refusal{ErrorCode::unsupported_endpoint_type,
                 fmt::format("Unsupported endpoint type {}", type)};
}

const metadata::BrokerEndpoint* endpoint_named(const metadata::ControllerRegistration& controller,
                                               std::string_view listener) {
  const auto& all = controller.endpoints;
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const auto& endpoint) { return endpoint.name == listener; });
  return at == all.end() ? nullptr : &*at;
}

// The controllers that have registered (KIP-919).
void handle_describe_cluster(ControllerNode& node, const Request<DescribeClusterRequest>& request) {
  DescribeClusterResponse response;
  const metadata::Image& image = node.committed_image();
  if (const auto refusal = refuse_describe_cluster(image, request.body.endpoint_type)) {
    // Who cannot name a type of endpoints is not told of one.
    const bool names_types = request.context.head.version >= first_with_endpoint_types;
    response.error_code = names_types ? refusal->code : ErrorCode::invalid_request;
    response.error_message = refusal->message;
    return node.reply(request.context, response);
  }
  response.endpoint_type = controllers_endpoint;
  response.cluster_id = node.config().cluster_id;
  response.controller_id = node.raft().leader().leader;
  if (request.body.include_cluster_authorized_operations)
    response.cluster_authorized_operations = all_cluster_operations;
  for (const auto& [id, controller] : image.controllers()) {
    const metadata::BrokerEndpoint* at = endpoint_named(controller, controller_listener_name);
    if (at == nullptr) continue;
    auto& listed = response.brokers.emplace_back();
    listed.broker_id = id;
    listed.host = at->host;
    listed.port = at->port;
  }
  node.reply(request.context, response);
}

void handle_describe_configs(ControllerNode& node, const Request<DescribeConfigsRequest>& request) {
  const ControllerNodeConfig& config = node.config();
  node.reply(request.context, describe_configs({config.node_id, node.committed_image(),
                                                config.settings, config.stated},
                                               request.body));
}

}  // namespace

std::span<const ApiEntry<ControllerNode>> controller_apis() {
  using N = ControllerNode;
  static constexpr std::array table{
      serve<N, FetchRequest, handle_fetch>(4, 18),
      serve<N, ApiVersionsRequest, handle_api_versions>(0, 4),
      serve<N, CreateTopicsRequest, handle_create_topics>(2, 7),
      serve<N, DeleteTopicsRequest, handle_delete_topics>(1, 6),
      serve<N, DescribeConfigsRequest, handle_describe_configs>(1, 4),
      serve<N, AlterConfigsRequest, handle_alter_configs>(0, 2),
      serve<N, CreatePartitionsRequest, handle_create_partitions>(0, 3),
      serve<N, ElectLeadersRequest, handle_elect_leaders>(0, 2),
      serve<N, IncrementalAlterConfigsRequest, handle_incremental_alter>(0, 1),
      serve<N, AlterPartitionReassignmentsRequest, handle_alter_reassignments>(0, 1),
      serve<N, ListPartitionReassignmentsRequest, handle_list_reassignments>(0, 0),
      serve<N, AlterClientQuotasRequest, handle_alter_client_quotas>(0, 1),
      serve<N, VoteRequest, handle_vote>(0, 2),
      serve<N, BeginQuorumEpochRequest, handle_begin_epoch>(0, 1),
      serve<N, EndQuorumEpochRequest, handle_end_epoch>(0, 1),
      serve<N, DescribeQuorumRequest, handle_describe_quorum>(0, 2),
      serve<N, AlterPartitionRequest, handle_alter_partition>(2, 3),
      serve<N, UpdateFeaturesRequest, handle_update_features>(0, 2),
      serve<N, EnvelopeRequest, handle_envelope>(0, 0),
      serve<N, FetchSnapshotRequest, handle_fetch_snapshot>(0, 1),
      serve<N, DescribeClusterRequest, handle_describe_cluster>(0, 2),
      serve<N, BrokerRegistrationRequest, handle_register>(0, 4),
      serve<N, BrokerHeartbeatRequest, handle_heartbeat>(0, 1),
      serve<N, UnregisterBrokerRequest, handle_unregister>(0, 0),
      serve<N, AllocateProducerIdsRequest, handle_allocate>(0, 0),
      serve<N, ControllerRegistrationRequest, handle_controller_registration>(0, 0),
      serve<N, AssignReplicasToDirsRequest, handle_assign_to_dirs>(0, 0),
      serve<N, AddRaftVoterRequest, handle_voter_change<AddRaftVoterRequest>>(0, 1),
      serve<N, RemoveRaftVoterRequest, handle_voter_change<RemoveRaftVoterRequest>>(0, 0),
      serve<N, UpdateRaftVoterRequest, handle_voter_change<UpdateRaftVoterRequest>>(0, 0),
  };
  return table;
}

std::optional<ByteChain> answer_controller_api_versions(const DecodeError& error) {
  const bool answerable = error.reason == DecodeError::Reason::unsupported_version &&
                          error.api_key == static_cast<std::int16_t>(ApiKey::api_versions);
  if (!answerable) return std::nullopt;
  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  response.api_keys = advertised_controller_apis();
  ByteWriter writer;
  write_response_head(writer, ApiKey::api_versions, ApiVersion{0}, error.correlation_id);
  response.encode(writer, ApiVersion{0});
  return writer.take_chain();
}

}  // namespace ottla::broker
