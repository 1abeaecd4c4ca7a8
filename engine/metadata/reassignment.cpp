#include "engine/metadata/reassignment.h"

#include <fmt/format.h>

#include "engine/metadata/manual_assignment.h"
#include "engine/metadata/operation_bounds.h"
#include "engine/metadata/partition_rules.h"
#include "engine/metadata/reassignment_plan.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

using Asked = AlterPartitionReassignmentsRequest::ReassignablePartition;
using Listed = ListPartitionReassignmentsResponse::OngoingTopicReassignment;

ApiError revert(const Topic& topic, PartitionIndex index, const Partition& partition,
                const PartitionRules& rules, PartitionTarget& target) {
  if (!is_being_reassigned(partition)) {
    return {ErrorCode::no_reassignment_in_progress, std::nullopt};
  }
  const auto reverted = revert_reassignment(partition);
  if (!reverted) {
    return {ErrorCode::invalid_replica_assignment,
            "Invalid replica assignment: addingReplicas contains all replicas."};
  }
  if (reverted->unclean && rules.election != Election::unclean) {
    return {ErrorCode::invalid_replica_assignment,
            fmt::format("Unable to revert partition assignment for {}:{} because it would require "
                        "an unclean leader election.",
                        topic.name, index.value())};
  }
  target.isr = reverted->to.isr;
  target.replicas = reverted->to.replicas;
  target.adding.emplace();
  target.removing.emplace();
  return {};
}

ApiError begin(const Image& image, const Partition& partition,
               const std::vector<BrokerId>& replicas, bool may_change_factor,
               PartitionTarget& target) {
  const std::size_t factor = target_replication_factor(partition);
  if (!may_change_factor && factor != replicas.size()) {
    return {
        ErrorCode::invalid_replication_factor,
        fmt::format("The replication factor is changed from {} to {}", factor, replicas.size())};
  }
  if (ApiError refused = refuse_assignment(image, replicas, std::nullopt); refused.failed()) {
    return refused;
  }
  ReassignmentPlan plan = plan_reassignment(partition.replicas, replicas);
  target.replicas = std::move(plan.replicas);
  if (!plan.removing.empty()) target.removing = std::move(plan.removing);
  if (!plan.adding.empty()) target.adding = std::move(plan.adding);
  return {};
}

struct Reassigner {
  const Image& image;
  const ConfigValues& settings;
  bool may_change_factor;
  Records& records;

  ApiError alter(const std::string& name, const Asked& asked) const {
    const Topic* topic = image.topic(std::string_view(name));
    if (topic == nullptr) {
      return {ErrorCode::unknown_topic_or_partition,
              fmt::format("Unable to find a topic named {}.", name)};
    }
    const auto at = topic->partitions.find(asked.partition_index);
    if (at == topic->partitions.end()) {
      return {ErrorCode::unknown_topic_or_partition,
              fmt::format("Unable to find partition {}:{}.", name, asked.partition_index.value())};
    }
    const Partition& partition = at->second;
    PartitionRules rules = partition_rules(image, settings, *topic);
    PartitionTarget target;
    ApiError error;
    if (asked.replicas) {
      error = begin(image, partition, *asked.replicas, may_change_factor, target);
      // Only a cancel may elect uncleanly.
      rules.election = Election::online;
    } else {
      error = revert(*topic, at->first, partition, rules, target);
    }
    if (error.failed()) return error;
    auto change = partition_change(topic->id, at->first, partition, rules, target);
    if (change) records.emplace_back(*std::move(change));
    return {};
  }
};

void list_topic(const Topic& topic, const std::vector<PartitionIndex>& indexes,
                ListPartitionReassignmentsResponse& response) {
  Listed listed;
  listed.name = topic.name;
  for (const PartitionIndex index : indexes) {
    const auto at = topic.partitions.find(index);
    if (at == topic.partitions.end() || !is_being_reassigned(at->second)) continue;
    auto& ongoing = listed.partitions.emplace_back();
    ongoing.partition_index = index;
    ongoing.replicas = at->second.replicas;
    ongoing.adding_replicas = at->second.adding_replicas;
    ongoing.removing_replicas = at->second.removing_replicas;
  }
  if (!listed.partitions.empty()) response.topics.push_back(std::move(listed));
}

std::vector<PartitionIndex> indexes_of(const Topic& topic) {
  std::vector<PartitionIndex> indexes;
  for (const auto& [index, partition] : topic.partitions) indexes.push_back(index);
  return indexes;
}

}  // namespace

ControllerResult<AlterPartitionReassignmentsResponse> alter_partition_reassignments(
    const Image& image, const ConfigValues& settings,
    const AlterPartitionReassignmentsRequest& request) {
  ControllerResult<AlterPartitionReassignmentsResponse> result;
  if (!request.topics.empty()) result.response.error_message.reset();
  result.response.allow_replication_factor_change = request.allow_replication_factor_change;
  const Reassigner reassigner{.image = image,
                              .settings = settings,
                              .may_change_factor = request.allow_replication_factor_change,
                              .records = result.records};
  for (const auto& asked : request.topics) {
    auto& of_topic = result.response.responses.emplace_back();
    of_topic.name = asked.name;
    for (const Asked& partition : asked.partitions) {
      auto& answer = of_topic.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      const ApiError error = reassigner.alter(asked.name, partition);
      set_error(answer, error);
      if (error.failed() && !error.message) answer.error_message.reset();
    }
  }
  finish_operation(result);
  return result;
}

ListPartitionReassignmentsResponse list_partition_reassignments(
    const Image& image, const ListPartitionReassignmentsRequest& request) {
  ListPartitionReassignmentsResponse response;
  response.error_message.reset();
  if (!request.topics) {
    for (const auto& [name, id] : image.topic_ids()) {
      const Topic& topic = *image.topic(id);
      list_topic(topic, indexes_of(topic), response);
    }
    return response;
  }
  for (const auto& asked : *request.topics) {
    const Topic* topic = image.topic(std::string_view(asked.name));
    if (topic != nullptr) list_topic(*topic, asked.partition_indexes, response);
  }
  return response;
}

}  // namespace ottla::metadata
