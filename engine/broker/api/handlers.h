// The broker's API handlers, one file each; broker_apis.cpp lists them with the versions that are
// served.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/broker/server/api_table.h"
#include "engine/protocol/decode_error.h"
#include "engine/protocol/messages/add_raft_voter_request.h"
#include "engine/protocol/messages/alter_client_quotas_request.h"
#include "engine/protocol/messages/alter_configs_request.h"
#include "engine/protocol/messages/alter_partition_reassignments_request.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/messages/create_partitions_request.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/delete_topics_request.h"
#include "engine/protocol/messages/describe_client_quotas_request.h"
#include "engine/protocol/messages/describe_cluster_request.h"
#include "engine/protocol/messages/describe_configs_request.h"
#include "engine/protocol/messages/describe_quorum_request.h"
#include "engine/protocol/messages/describe_topic_partitions_request.h"
#include "engine/protocol/messages/elect_leaders_request.h"
#include "engine/protocol/messages/fetch_request.h"
#include "engine/protocol/messages/incremental_alter_configs_request.h"
#include "engine/protocol/messages/init_producer_id_request.h"
#include "engine/protocol/messages/list_config_resources_request.h"
#include "engine/protocol/messages/list_offsets_request.h"
#include "engine/protocol/messages/list_partition_reassignments_request.h"
#include "engine/protocol/messages/metadata_request.h"
#include "engine/protocol/messages/offset_for_leader_epoch_request.h"
#include "engine/protocol/messages/produce_request.h"
#include "engine/protocol/messages/remove_raft_voter_request.h"
#include "engine/protocol/messages/unregister_broker_request.h"
#include "engine/protocol/messages/update_features_request.h"

namespace ottla::broker {

class BrokerNode;

// What the broker serves, in the order of the API keys.
[[nodiscard]] std::span<const ApiEntry<BrokerNode>> broker_apis();
// The same for ApiVersions.
[[nodiscard]] std::vector<protocol::ApiVersionsResponse::ApiVersion> advertised_apis();
// The response to an ApiVersions request of a version that has no schema; nothing for any other
// error.
[[nodiscard]] std::optional<ByteChain> answer_unknown_api_versions(
    const protocol::DecodeError& error);

void handle_api_versions(BrokerNode&, const Request<protocol::ApiVersionsRequest>&);
void handle_metadata(BrokerNode&, const Request<protocol::MetadataRequest>&);
void handle_describe_cluster(BrokerNode&, const Request<protocol::DescribeClusterRequest>&);
void handle_describe_configs(BrokerNode&, const Request<protocol::DescribeConfigsRequest>&);
void handle_describe_topic_partitions(BrokerNode&,
                                      const Request<protocol::DescribeTopicPartitionsRequest>&);
void handle_alter_configs(BrokerNode&, const Request<protocol::AlterConfigsRequest>&);
void handle_incremental_alter_configs(BrokerNode&,
                                      const Request<protocol::IncrementalAlterConfigsRequest>&);
void handle_list_config_resources(BrokerNode&,
                                  const Request<protocol::ListConfigResourcesRequest>&);
void handle_describe_client_quotas(BrokerNode&,
                                   const Request<protocol::DescribeClientQuotasRequest>&);
void handle_list_offsets(BrokerNode&, const Request<protocol::ListOffsetsRequest>&);
void handle_offset_for_leader_epoch(BrokerNode&,
                                    const Request<protocol::OffsetForLeaderEpochRequest>&);
void handle_init_producer_id(BrokerNode&, const Request<protocol::InitProducerIdRequest>&);
template <class Body>
void forward_to_controller(BrokerNode&, const Request<Body>&);

}  // namespace ottla::broker
