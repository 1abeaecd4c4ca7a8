#include "engine/broker/server/error_answers.h"

#include <string>
#include <utility>

namespace ottla::broker {

using namespace protocol;  // NOLINT: the overloads name most of it.

namespace {

template <class Answer>
void fail(Answer& answer, const Refusal& why) {
  answer.error_code = why.code;
  if constexpr (requires { answer.error_message; }) answer.error_message = why.message;
}

template <class Response, class Asked>
Response configs_answer(const Asked& request, const Refusal& why) {
  Response response;
  for (const auto& resource : request.resources) {
    auto& result = response.responses.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    fail(result, why);
  }
  return response;
}

}  // namespace

CreateTopicsResponse error_answer(const CreateTopicsRequest& request, const Refusal& why) {
  CreateTopicsResponse response;
  for (const auto& topic : request.topics) {
    auto& result = response.topics.emplace_back();
    result.name = topic.name;
    fail(result, why);
  }
  return response;
}

DeleteTopicsResponse error_answer(const DeleteTopicsRequest& request, const Refusal& why) {
  DeleteTopicsResponse response;
  const auto add = [&](std::optional<std::string> name, const TopicId& id) {
    auto& result = response.responses.emplace_back();
    result.name = std::move(name);
    result.topic_id = id;
    result.error_code = why.code;
  };
  for (const auto& topic : request.topics) add(topic.name, topic.topic_id);
  for (const std::string& name : request.topic_names) add(name, TopicId());
  return response;
}

CreatePartitionsResponse error_answer(const CreatePartitionsRequest& request, const Refusal& why) {
  CreatePartitionsResponse response;
  for (const auto& topic : request.topics) {
    auto& result = response.results.emplace_back();
    result.name = topic.name;
    fail(result, why);
  }
  return response;
}

ElectLeadersResponse error_answer(const ElectLeadersRequest& request, const Refusal& why) {
  ElectLeadersResponse response;
  response.error_code = why.code;
  if (!request.topic_partitions) return response;
  for (const auto& topic : *request.topic_partitions) {
    auto& of_topic = response.replica_election_results.emplace_back();
    of_topic.topic = topic.topic;
    for (const PartitionIndex index : topic.partitions) {
      auto& result = of_topic.partition_result.emplace_back();
      result.partition_id = index;
      fail(result, why);
    }
  }
  return response;
}

AlterPartitionReassignmentsResponse error_answer(const AlterPartitionReassignmentsRequest& request,
                                                 const Refusal& why) {
  AlterPartitionReassignmentsResponse response;
  fail(response, why);
  for (const auto& topic : request.topics) {
    auto& of_topic = response.responses.emplace_back();
    of_topic.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& result = of_topic.partitions.emplace_back();
      result.partition_index = partition.partition_index;
      fail(result, why);
    }
  }
  return response;
}

ListPartitionReassignmentsResponse error_answer(const ListPartitionReassignmentsRequest& request,
                                                const Refusal& why) {
  ListPartitionReassignmentsResponse response;
  fail(response, why);
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

AlterConfigsResponse error_answer(const AlterConfigsRequest& request, const Refusal& why) {
  return configs_answer<AlterConfigsResponse>(request, why);
}

IncrementalAlterConfigsResponse error_answer(const IncrementalAlterConfigsRequest& request,
                                             const Refusal& why) {
  return configs_answer<IncrementalAlterConfigsResponse>(request, why);
}

AlterClientQuotasResponse error_answer(const AlterClientQuotasRequest& request,
                                       const Refusal& why) {
  AlterClientQuotasResponse response;
  for (const auto& entry : request.entries) {
    auto& result = response.entries.emplace_back();
    for (const auto& part : entry.entity) {
      result.entity.push_back({.entity_type = part.entity_type, .entity_name = part.entity_name});
    }
    // The words of the code, whatever else there is to say.
    fail(result, {why.code, std::string(message(why.code))});
  }
  return response;
}

}  // namespace ottla::broker
