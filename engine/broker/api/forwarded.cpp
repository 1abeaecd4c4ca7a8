// Requests that only the active controller can carry out: the broker forwards them in an Envelope
// (KIP-590) and returns the controller's answer as it came. When none comes in request.timeout.ms,
// every item is answered with REQUEST_TIMED_OUT, as Kafka's ForwardingManager does.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/alter_client_quotas_response.h"
#include "engine/protocol/messages/alter_configs_response.h"
#include "engine/protocol/messages/alter_partition_reassignments_response.h"
#include "engine/protocol/messages/create_partitions_response.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_topics_response.h"
#include "engine/protocol/messages/describe_quorum_response.h"
#include "engine/protocol/messages/elect_leaders_response.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"
#include "engine/protocol/messages/list_partition_reassignments_response.h"
#include "engine/protocol/messages/unregister_broker_response.h"
#include "engine/protocol/messages/update_features_response.h"

namespace ottla::broker {
namespace {

using namespace protocol;  // NOLINT: the overloads name most of it.

constexpr ErrorCode timed_out = ErrorCode::request_timed_out;

template <class Answer>
void fail(Answer& answer) {
  answer.error_code = timed_out;
  if constexpr (requires { answer.error_message; }) answer.error_message = message(timed_out);
}

CreateTopicsResponse timed_out_answer(const CreateTopicsRequest& request) {
  CreateTopicsResponse response;
  for (const auto& topic : request.topics) {
    auto& result = response.topics.emplace_back();
    result.name = topic.name;
    fail(result);
  }
  return response;
}

DeleteTopicsResponse timed_out_answer(const DeleteTopicsRequest& request) {
  DeleteTopicsResponse response;
  const auto add = [&](std::optional<std::string> name, const TopicId& id) {
    auto& result = response.responses.emplace_back();
    result.name = std::move(name);
    result.topic_id = id;
    result.error_code = timed_out;
  };
  for (const auto& topic : request.topics) add(topic.name, topic.topic_id);
  for (const std::string& name : request.topic_names) add(name, TopicId());
  return response;
}

CreatePartitionsResponse timed_out_answer(const CreatePartitionsRequest& request) {
  CreatePartitionsResponse response;
  for (const auto& topic : request.topics) {
    auto& result = response.results.emplace_back();
    result.name = topic.name;
    fail(result);
  }
  return response;
}

ElectLeadersResponse timed_out_answer(const ElectLeadersRequest& request) {
  ElectLeadersResponse response;
  response.error_code = timed_out;
  if (!request.topic_partitions) return response;
  for (const auto& topic : *request.topic_partitions) {
    auto& of_topic = response.replica_election_results.emplace_back();
    of_topic.topic = topic.topic;
    for (const PartitionIndex index : topic.partitions) {
      auto& result = of_topic.partition_result.emplace_back();
      result.partition_id = index;
      fail(result);
    }
  }
  return response;
}

AlterPartitionReassignmentsResponse timed_out_answer(
    const AlterPartitionReassignmentsRequest& request) {
  AlterPartitionReassignmentsResponse response;
  fail(response);
  for (const auto& topic : request.topics) {
    auto& of_topic = response.responses.emplace_back();
    of_topic.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& result = of_topic.partitions.emplace_back();
      result.partition_index = partition.partition_index;
      fail(result);
    }
  }
  return response;
}

ListPartitionReassignmentsResponse timed_out_answer(
    const ListPartitionReassignmentsRequest& request) {
  ListPartitionReassignmentsResponse response;
  fail(response);
  if (!request.topics) return response;
  for (const auto& topic : *request.topics) {
    auto& of_topic = response.topics.emplace_back();
    of_topic.name = topic.name;
    for (const PartitionIndex index : topic.partition_indexes) {
      of_topic.partitions.emplace_back().partition_index = index;
    }
  }
  return response;
}

template <class Response, class Asked>
Response timed_out_configs(const Asked& request) {
  Response response;
  for (const auto& resource : request.resources) {
    auto& result = response.responses.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    fail(result);
  }
  return response;
}

AlterConfigsResponse timed_out_answer(const AlterConfigsRequest& request) {
  return timed_out_configs<AlterConfigsResponse>(request);
}

IncrementalAlterConfigsResponse timed_out_answer(const IncrementalAlterConfigsRequest& request) {
  return timed_out_configs<IncrementalAlterConfigsResponse>(request);
}

AlterClientQuotasResponse timed_out_answer(const AlterClientQuotasRequest& request) {
  AlterClientQuotasResponse response;
  for (const auto& entry : request.entries) {
    auto& result = response.entries.emplace_back();
    for (const auto& part : entry.entity) {
      result.entity.push_back({.entity_type = part.entity_type, .entity_name = part.entity_name});
    }
    fail(result);
  }
  return response;
}

UpdateFeaturesResponse timed_out_answer(const UpdateFeaturesRequest&) {
  UpdateFeaturesResponse response;
  fail(response);
  return response;
}

DescribeQuorumResponse timed_out_answer(const DescribeQuorumRequest&) {
  DescribeQuorumResponse response;
  fail(response);
  return response;
}

UnregisterBrokerResponse timed_out_answer(const UnregisterBrokerRequest&) {
  UnregisterBrokerResponse response;
  fail(response);
  return response;
}

}  // namespace

template <class Body>
void forward_to_controller(BrokerNode& broker, const Request<Body>& request) {
  const RequestHead& head = request.context.head;
  ByteWriter without;
  write_response_head(without, head.key, head.version, head.correlation_id);
  timed_out_answer(request.body).encode(without, head.version);
  broker.controller().forward(request.context, request.body,
                              broker.config().millis("request.timeout.ms"), without.take_chain());
}

template void forward_to_controller(BrokerNode&, const Request<CreateTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<DeleteTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<CreatePartitionsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<ElectLeadersRequest>&);
template void forward_to_controller(BrokerNode&,
                                    const Request<AlterPartitionReassignmentsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<ListPartitionReassignmentsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<AlterConfigsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<IncrementalAlterConfigsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<AlterClientQuotasRequest>&);
template void forward_to_controller(BrokerNode&, const Request<UpdateFeaturesRequest>&);
template void forward_to_controller(BrokerNode&, const Request<DescribeQuorumRequest>&);
template void forward_to_controller(BrokerNode&, const Request<UnregisterBrokerRequest>&);

}  // namespace ottla::broker
