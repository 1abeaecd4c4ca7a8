#include "engine/world/admin_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/broker/controller/raft_wire.h"
#include "engine/protocol/messages/add_raft_voter_request.h"
#include "engine/protocol/messages/add_raft_voter_response.h"
#include "engine/protocol/messages/alter_partition_reassignments_request.h"
#include "engine/protocol/messages/alter_partition_reassignments_response.h"
#include "engine/protocol/messages/alter_replica_log_dirs_request.h"
#include "engine/protocol/messages/alter_replica_log_dirs_response.h"
#include "engine/protocol/messages/create_partitions_request.h"
#include "engine/protocol/messages/create_partitions_response.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_records_request.h"
#include "engine/protocol/messages/delete_records_response.h"
#include "engine/protocol/messages/delete_topics_request.h"
#include "engine/protocol/messages/delete_topics_response.h"
#include "engine/protocol/messages/elect_leaders_request.h"
#include "engine/protocol/messages/elect_leaders_response.h"
#include "engine/protocol/messages/incremental_alter_configs_request.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"
#include "engine/protocol/messages/remove_raft_voter_request.h"
#include "engine/protocol/messages/remove_raft_voter_response.h"

namespace ottla::world {
namespace {

using namespace protocol;
using metadata::ConfigResourceType;

constexpr std::int32_t timeout_ms = 10'000;

// Of an answer that groups its items by topic: those of the one topic that was asked for.
template <class Topics, class Items>
Items items_of_topic(const Topics& topics, Items Topics::value_type::*items) {
  return topics.empty() ? Items() : topics.front().*items;
}

// How each task is asked for, and where its answer says how it went.
template <class Task>
struct Wire;

template <>
struct Wire<task::CreateTopic> {
  using Response = CreateTopicsResponse;
  static constexpr ApiVersion version{7};
  static CreateTopicsRequest request(const task::CreateTopic& task) {
    CreateTopicsRequest request;
    request.timeout_ms = timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = task.topic.name;
    topic.num_partitions = task.topic.partitions;
    topic.replication_factor = task.topic.replication_factor;
    for (const auto& [name, value] : task.topic.config)
      topic.configs.push_back({.name = name, .value = value});
    return request;
  }
  static const auto& items(const Response& response) { return response.topics; }
};

template <>
struct Wire<task::DeleteTopic> {
  using Response = DeleteTopicsResponse;
  static constexpr ApiVersion version{6};
  static DeleteTopicsRequest request(const task::DeleteTopic& task) {
    DeleteTopicsRequest request;
    request.timeout_ms = timeout_ms;
    request.topics.emplace_back().name = task.topic;
    return request;
  }
  static const auto& items(const Response& response) { return response.responses; }
};

template <>
struct Wire<task::AddPartitions> {
  using Response = CreatePartitionsResponse;
  static constexpr ApiVersion version{3};
  static CreatePartitionsRequest request(const task::AddPartitions& task) {
    CreatePartitionsRequest request;
    request.timeout_ms = timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = task.topic;
    topic.count = task.count;
    topic.assignments.reset();
    return request;
  }
  static const auto& items(const Response& response) { return response.results; }
};

template <>
struct Wire<task::SetTopicConfig> {
  using Response = IncrementalAlterConfigsResponse;
  static constexpr ApiVersion version{1};
  static IncrementalAlterConfigsRequest request(const task::SetTopicConfig& task) {
    IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<std::int8_t>(ConfigResourceType::topic);
    resource.resource_name = task.topic;
    constexpr std::int8_t set = 0;
    constexpr std::int8_t remove = 1;
    resource.configs.push_back(
        {.name = task.name, .config_operation = task.value ? set : remove, .value = task.value});
    return request;
  }
  static const auto& items(const Response& response) { return response.responses; }
};

template <>
struct Wire<task::DeleteRecords> {
  using Response = DeleteRecordsResponse;
  static constexpr ApiVersion version{2};
  static DeleteRecordsRequest request(const task::DeleteRecords& task) {
    DeleteRecordsRequest request;
    request.timeout_ms = timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = task.topic;
    topic.partitions.push_back({.partition_index = task.partition, .offset = task.before});
    return request;
  }
  static auto items(const Response& response) {
    return items_of_topic(response.topics, &Response::DeleteRecordsTopicResult::partitions);
  }
};

template <>
struct Wire<task::Reassign> {
  using Response = AlterPartitionReassignmentsResponse;
  static constexpr ApiVersion version{1};
  static AlterPartitionReassignmentsRequest request(const task::Reassign& task) {
    AlterPartitionReassignmentsRequest request;
    request.timeout_ms = timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = task.topic;
    topic.partitions.push_back({.partition_index = task.partition, .replicas = task.replicas});
    return request;
  }
  static auto items(const Response& response) {
    return items_of_topic(response.responses, &Response::ReassignableTopicResponse::partitions);
  }
};

template <>
struct Wire<task::ElectPreferred> {
  using Response = ElectLeadersResponse;
  static constexpr ApiVersion version{2};
  static ElectLeadersRequest request(const task::ElectPreferred& task) {
    ElectLeadersRequest request;
    request.timeout_ms = timeout_ms;
    request.topic_partitions.emplace().push_back(
        {.topic = task.topic, .partitions = {task.partition}});
    return request;
  }
  static auto items(const Response& response) {
    return items_of_topic(response.replica_election_results,
                          &Response::ReplicaElectionResult::partition_result);
  }
};

template <>
struct Wire<task::MoveReplica> {
  using Response = AlterReplicaLogDirsResponse;
  static constexpr ApiVersion version{2};
  static AlterReplicaLogDirsRequest request(const task::MoveReplica& task) {
    AlterReplicaLogDirsRequest request;
    auto& directory = request.dirs.emplace_back();
    directory.path = task.directory;
    directory.topics.push_back({.name = task.topic, .partitions = {task.partition}});
    return request;
  }
  static auto items(const Response& response) {
    return items_of_topic(response.results, &Response::AlterReplicaLogDirTopicResult::partitions);
  }
};

template <>
struct Wire<task::AddVoter> {
  using Response = AddRaftVoterResponse;
  static constexpr ApiVersion version{1};
  static AddRaftVoterRequest request(const task::AddVoter& task) {
    AddRaftVoterRequest request;
    request.cluster_id.reset();
    request.timeout_ms = timeout_ms;
    request.voter_id = task.controller.value();
    request.voter_directory_id = task.directory;
    request.listeners.push_back({.name = std::string(broker::controller_listener_name),
                                 .host = task.endpoint.host,
                                 .port = task.endpoint.port});
    return request;
  }
};

template <>
struct Wire<task::RemoveVoter> {
  using Response = RemoveRaftVoterResponse;
  static constexpr ApiVersion version{0};
  static RemoveRaftVoterRequest request(const task::RemoveVoter& task) {
    RemoveRaftVoterRequest request;
    request.cluster_id.reset();
    request.voter_id = task.controller.value();
    request.voter_directory_id = task.directory;
    return request;
  }
};

template <class Response>
ErrorCode error_of_all(const Response& response) {
  if constexpr (requires { response.error_code; }) return response.error_code;
  return ErrorCode::none;
}

template <class Task>
AdminAnswer read(const wire::Completion& completion) {
  using Response = typename Wire<Task>::Response;
  const auto response = wire::decode_response<Response>(completion);
  if (!response) return {ErrorCode::network_exception, std::nullopt};
  AdminAnswer answer{error_of_all(*response), std::nullopt};
  if constexpr (requires { response->error_message; }) answer.message = response->error_message;
  if constexpr (requires { Wire<Task>::items(*response); }) {
    if (answer.error != ErrorCode::none) return answer;
    const auto& items = Wire<Task>::items(*response);
    if (items.size() != 1) return {ErrorCode::unknown_server_error, std::nullopt};
    answer.error = items[0].error_code;
    if constexpr (requires { items[0].error_message; }) answer.message = items[0].error_message;
  }
  return answer;
}

std::string in_words(const task::CreateTopic& t) {
  return "create topic " + t.topic.name;
}
std::string in_words(const task::DeleteTopic& t) {
  return "delete topic " + t.topic;
}
std::string in_words(const task::AddPartitions& t) {
  return fmt::format("give {} {} partitions", t.topic, t.count);
}
std::string in_words(const task::SetTopicConfig& t) {
  return t.value ? fmt::format("set {} of {} to {}", t.name, t.topic, *t.value)
                 : fmt::format("take back {} of {}", t.name, t.topic);
}
std::string in_words(const task::DeleteRecords& t) {
  return fmt::format("delete records of {}-{} before {}", t.topic, t.partition.value(),
                     t.before.value());
}
std::string in_words(const task::Reassign& t) {
  if (!t.replicas)
    return fmt::format("cancel the reassignment of {}-{}", t.topic, t.partition.value());
  std::vector<std::int32_t> ids;
  for (const BrokerId id : *t.replicas) ids.push_back(id.value());
  return fmt::format("reassign {}-{} to {}", t.topic, t.partition.value(), fmt::join(ids, ","));
}
std::string in_words(const task::ElectPreferred& t) {
  return fmt::format("elect the preferred leader of {}-{}", t.topic, t.partition.value());
}

std::string in_words(const task::MoveReplica& t) {
  return fmt::format("move a replica of {}-{} to {}", t.topic, t.partition.value(), t.directory);
}
std::string in_words(const task::AddVoter& t) {
  return fmt::format("add voter {}", t.controller.value());
}
std::string in_words(const task::RemoveVoter& t) {
  return fmt::format("remove voter {}", t.controller.value());
}

}  // namespace

std::string describe(const AdminTask& task) {
  return std::visit([](const auto& each) { return in_words(each); }, task);
}

bool send(wire::Channel& channel, const AdminTask& task, wire::RequestToken token, Instant now) {
  return std::visit(
      [&]<class Task>(const Task& each) {
        return channel.send(Wire<Task>::request(each), Wire<Task>::version, token, now);
      },
      task);
}

AdminAnswer read_answer(const AdminTask& task, const wire::Completion& completion) {
  return std::visit([&]<class Task>(const Task&) { return read<Task>(completion); }, task);
}

bool is_worth_a_retry(const AdminTask& task, ErrorCode error) {
  if (error == ErrorCode::none) return false;
  // The controller knows whether a topic is there; a broker that leads may learn of it late.
  if (error == ErrorCode::unknown_topic_or_partition)
    return std::holds_alternative<task::DeleteRecords>(task);
  if (error == ErrorCode::not_controller || is_retriable(error)) return true;
  // Too few brokers may be unfenced yet.
  return std::holds_alternative<task::CreateTopic>(task) &&
         error == ErrorCode::invalid_replication_factor;
}

}  // namespace ottla::world
