#include <array>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"

namespace ottla::broker {
namespace {

using namespace protocol;  // NOLINT: the table names most of it.

template <class Body, auto Handler>
constexpr ApiEntry<BrokerNode> entry(std::int16_t min, std::int16_t max) {
  return serve<BrokerNode, Body, Handler>(min, max);
}

void handle_produce(BrokerNode& broker, const Request<ProduceRequest>& request) {
  broker.produce().handle(request);
}
void handle_fetch(BrokerNode& broker, const Request<FetchRequest>& request) {
  broker.fetch().handle(request);
}

void handle_delete_records(BrokerNode& broker, const Request<DeleteRecordsRequest>& request) {
  broker.delete_records().handle(request);
}

void handle_alter_replica_log_dirs(BrokerNode& broker,
                                   const Request<AlterReplicaLogDirsRequest>& request) {
  broker.server().reply(request.context.token, broker.log_dirs().alter(request.body));
}
void handle_describe_log_dirs(BrokerNode& broker, const Request<DescribeLogDirsRequest>& request) {
  broker.server().reply(request.context.token, broker.log_dirs().describe(request.body));
}

// The group APIs share one service.
template <class Body>
void handle_group(BrokerNode& broker, const Request<Body>& request) {
  broker.groups().handle(broker.group_request(request.context), request.body);
}

// An API enters when its behaviour is whole for the versions named.
constexpr std::array apis{
    serve_advertised_from<BrokerNode, ProduceRequest, handle_produce>(0, 3, 13),
    entry<FetchRequest, handle_fetch>(4, 18),
    entry<ListOffsetsRequest, handle_list_offsets>(1, 11),
    entry<MetadataRequest, handle_metadata>(0, 13),
    entry<OffsetCommitRequest, handle_group<OffsetCommitRequest>>(2, 10),
    entry<OffsetFetchRequest, handle_group<OffsetFetchRequest>>(1, 10),
    entry<FindCoordinatorRequest, handle_group<FindCoordinatorRequest>>(0, 6),
    entry<JoinGroupRequest, handle_group<JoinGroupRequest>>(0, 9),
    entry<HeartbeatRequest, handle_group<HeartbeatRequest>>(0, 4),
    entry<LeaveGroupRequest, handle_group<LeaveGroupRequest>>(0, 5),
    entry<SyncGroupRequest, handle_group<SyncGroupRequest>>(0, 5),
    entry<DescribeGroupsRequest, handle_group<DescribeGroupsRequest>>(0, 6),
    entry<ListGroupsRequest, handle_group<ListGroupsRequest>>(0, 5),
    entry<ApiVersionsRequest, handle_api_versions>(0, 4),
    entry<CreateTopicsRequest, forward_to_controller<CreateTopicsRequest>>(2, 7),
    entry<DeleteTopicsRequest, forward_to_controller<DeleteTopicsRequest>>(1, 6),
    entry<DeleteRecordsRequest, handle_delete_records>(0, 2),
    entry<InitProducerIdRequest, handle_init_producer_id>(0, 5),
    entry<OffsetForLeaderEpochRequest, handle_offset_for_leader_epoch>(2, 4),
    entry<DescribeConfigsRequest, handle_describe_configs>(1, 4),
    entry<AlterConfigsRequest, handle_alter_configs>(0, 2),
    entry<AlterReplicaLogDirsRequest, handle_alter_replica_log_dirs>(1, 2),
    entry<DescribeLogDirsRequest, handle_describe_log_dirs>(1, 4),
    entry<CreatePartitionsRequest, forward_to_controller<CreatePartitionsRequest>>(0, 3),
    entry<DeleteGroupsRequest, handle_group<DeleteGroupsRequest>>(0, 2),
    entry<ElectLeadersRequest, forward_to_controller<ElectLeadersRequest>>(0, 2),
    entry<IncrementalAlterConfigsRequest, handle_incremental_alter_configs>(0, 1),
    entry<AlterPartitionReassignmentsRequest,
          forward_to_controller<AlterPartitionReassignmentsRequest>>(0, 1),
    entry<ListPartitionReassignmentsRequest,
          forward_to_controller<ListPartitionReassignmentsRequest>>(0, 0),
    entry<OffsetDeleteRequest, handle_group<OffsetDeleteRequest>>(0, 0),
    entry<DescribeClientQuotasRequest, handle_describe_client_quotas>(0, 1),
    entry<AlterClientQuotasRequest, forward_to_controller<AlterClientQuotasRequest>>(0, 1),
    entry<DescribeQuorumRequest, forward_to_controller<DescribeQuorumRequest>>(0, 2),
    entry<UpdateFeaturesRequest, forward_to_controller<UpdateFeaturesRequest>>(0, 2),
    entry<DescribeClusterRequest, handle_describe_cluster>(0, 2),
    entry<UnregisterBrokerRequest, forward_to_controller<UnregisterBrokerRequest>>(0, 0),
    entry<ListConfigResourcesRequest, handle_list_config_resources>(0, 1),
    entry<DescribeTopicPartitionsRequest, handle_describe_topic_partitions>(0, 0),
    entry<AddRaftVoterRequest, forward_to_controller<AddRaftVoterRequest>>(0, 1),
    entry<RemoveRaftVoterRequest, forward_to_controller<RemoveRaftVoterRequest>>(0, 0),
};

}  // namespace

std::span<const ApiEntry<BrokerNode>> broker_apis() {
  return apis;
}

std::vector<ApiVersionsResponse::ApiVersion> advertised_apis() {
  std::vector<ApiVersionsResponse::ApiVersion> advertised;
  advertised.reserve(std::size(apis));
  for (const ApiEntry<BrokerNode>& api : apis) {
    advertised.push_back({.api_key = static_cast<std::int16_t>(api.key),
                          .min_version = api.advertised_min.value(),
                          .max_version = api.max.value()});
  }
  return advertised;
}

}  // namespace ottla::broker
