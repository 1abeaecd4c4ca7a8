// The answer to a request of which nothing was done, as Kafka's getErrorResponse makes it: the
// error at the top where the response has one, and for each item that was asked about. For requests
// that only the active controller can carry out.
#pragma once

#include "engine/protocol/messages/add_raft_voter_request.h"
#include "engine/protocol/messages/add_raft_voter_response.h"
#include "engine/protocol/messages/allocate_producer_ids_request.h"
#include "engine/protocol/messages/allocate_producer_ids_response.h"
#include "engine/protocol/messages/alter_client_quotas_request.h"
#include "engine/protocol/messages/alter_client_quotas_response.h"
#include "engine/protocol/messages/alter_configs_request.h"
#include "engine/protocol/messages/alter_configs_response.h"
#include "engine/protocol/messages/alter_partition_reassignments_request.h"
#include "engine/protocol/messages/alter_partition_reassignments_response.h"
#include "engine/protocol/messages/alter_partition_request.h"
#include "engine/protocol/messages/alter_partition_response.h"
#include "engine/protocol/messages/assign_replicas_to_dirs_request.h"
#include "engine/protocol/messages/assign_replicas_to_dirs_response.h"
#include "engine/protocol/messages/broker_heartbeat_request.h"
#include "engine/protocol/messages/broker_heartbeat_response.h"
#include "engine/protocol/messages/broker_registration_request.h"
#include "engine/protocol/messages/broker_registration_response.h"
#include "engine/protocol/messages/controller_registration_request.h"
#include "engine/protocol/messages/controller_registration_response.h"
#include "engine/protocol/messages/create_partitions_request.h"
#include "engine/protocol/messages/create_partitions_response.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_topics_request.h"
#include "engine/protocol/messages/delete_topics_response.h"
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_quorum_response.h"
#include "engine/protocol/messages/elect_leaders_request.h"
#include "engine/protocol/messages/elect_leaders_response.h"
#include "engine/protocol/messages/incremental_alter_configs_request.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"
#include "engine/protocol/messages/list_partition_reassignments_request.h"
#include "engine/protocol/messages/list_partition_reassignments_response.h"
#include "engine/protocol/messages/remove_raft_voter_request.h"
#include "engine/protocol/messages/remove_raft_voter_response.h"
#include "engine/protocol/messages/unregister_broker_request.h"
#include "engine/protocol/messages/unregister_broker_response.h"
#include "engine/protocol/messages/update_features_request.h"
#include "engine/protocol/messages/update_features_response.h"

namespace ottla::broker {

// The error, with words only where they say more than the code does.
struct Refusal {
  protocol::ErrorCode code;
  std::optional<std::string> message;
};

[[nodiscard]] protocol::CreateTopicsResponse error_answer(const protocol::CreateTopicsRequest&,
                                                          const Refusal&);
[[nodiscard]] protocol::DeleteTopicsResponse error_answer(const protocol::DeleteTopicsRequest&,
                                                          const Refusal&);
[[nodiscard]] protocol::CreatePartitionsResponse error_answer(
    const protocol::CreatePartitionsRequest&, const Refusal&);
[[nodiscard]] protocol::ElectLeadersResponse error_answer(const protocol::ElectLeadersRequest&,
                                                          const Refusal&);
[[nodiscard]] protocol::AlterPartitionReassignmentsResponse error_answer(
    const protocol::AlterPartitionReassignmentsRequest&, const Refusal&);
[[nodiscard]] protocol::ListPartitionReassignmentsResponse error_answer(
    const protocol::ListPartitionReassignmentsRequest&, const Refusal&);
[[nodiscard]] protocol::AlterConfigsResponse error_answer(const protocol::AlterConfigsRequest&,
                                                          const Refusal&);
[[nodiscard]] protocol::IncrementalAlterConfigsResponse error_answer(
    const protocol::IncrementalAlterConfigsRequest&, const Refusal&);
[[nodiscard]] protocol::AlterClientQuotasResponse error_answer(
    const protocol::AlterClientQuotasRequest&, const Refusal&);

// Those that have no items.
template <class Response>
[[nodiscard]] Response plain_error_answer(const Refusal& refusal) {
  Response response;
  response.error_code = refusal.code;
  if constexpr (requires { response.error_message; }) response.error_message = refusal.message;
  return response;
}
[[nodiscard]] inline auto error_answer(const protocol::UpdateFeaturesRequest&, const Refusal& why) {
  return plain_error_answer<protocol::UpdateFeaturesResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::DescribeQuorumRequest&, const Refusal& why) {
  return plain_error_answer<protocol::DescribeQuorumResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::UnregisterBrokerRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::UnregisterBrokerResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::BrokerRegistrationRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::BrokerRegistrationResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::BrokerHeartbeatRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::BrokerHeartbeatResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::AssignReplicasToDirsRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::AssignReplicasToDirsResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::AlterPartitionRequest&, const Refusal& why) {
  return plain_error_answer<protocol::AlterPartitionResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::AllocateProducerIdsRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::AllocateProducerIdsResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::ControllerRegistrationRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::ControllerRegistrationResponse>(why);
}

[[nodiscard]] inline auto error_answer(const protocol::AddRaftVoterRequest&, const Refusal& why) {
  return plain_error_answer<protocol::AddRaftVoterResponse>(why);
}
[[nodiscard]] inline auto error_answer(const protocol::RemoveRaftVoterRequest&,
                                       const Refusal& why) {
  return plain_error_answer<protocol::RemoveRaftVoterResponse>(why);
}

}  // namespace ottla::broker
