// The controller's view of single partitions: in-sync proposals of their leaders (AlterPartition,
// KIP-497, KIP-841, KIP-903) and elections that are asked for.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/metadata/controller.h"
#include "engine/metadata/operation_bounds.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

using Asked = AlterPartitionRequest::PartitionData;

// The proposal with epochs, whichever version it came in; v2 has none.
std::vector<AlterPartitionRequest::BrokerState> proposed_isr(const Asked& asked) {
  if (!asked.new_isr_with_epochs.empty()) return asked.new_isr_with_epochs;
  std::vector<AlterPartitionRequest::BrokerState> isr;
  for (const BrokerId id : asked.new_isr) isr.emplace_back().broker_id = id;
  return isr;
}

std::vector<BrokerId> ids_of(const std::vector<AlterPartitionRequest::BrokerState>& states) {
  std::vector<BrokerId> ids;
  ids.reserve(states.size());
  for (const auto& state : states) ids.push_back(state.broker_id);
  return ids;
}

// A non-empty subset of the replicas, each once.
bool is_valid_isr(const std::vector<BrokerId>& replicas, const std::vector<BrokerId>& isr) {
  const std::set<BrokerId> distinct(isr.begin(), isr.end());
  return !isr.empty() && distinct.size() == isr.size() &&
         std::all_of(isr.begin(), isr.end(), [&](BrokerId id) { return contains(replicas, id); });
}

void add_election(ElectLeadersResponse::ReplicaElectionResult& of_topic, PartitionIndex index,
                  const ApiError& error) {
  auto& answer = of_topic.partition_result.emplace_back();
  answer.partition_id = index;
  set_error(answer, error);
}

ControllerResult<ElectLeadersResponse> of_unknown_type(const ElectLeadersRequest& request) {
  ControllerResult<ElectLeadersResponse> result;
  const ApiError error{ErrorCode::invalid_request,
                       fmt::format("Unknown election type {}", request.election_type)};
  result.response.error_code = error.code;
  if (!request.topic_partitions) return result;
  for (const auto& asked : *request.topic_partitions) {
    auto& of_topic = result.response.replica_election_results.emplace_back();
    of_topic.topic = asked.topic;
    for (const PartitionIndex index : asked.partitions) add_election(of_topic, index, error);
  }
  return result;
}

}  // namespace

ErrorCode Controller::check_alter_partition(BrokerId from, const Partition& partition,
                                            const Asked& asked) const {
  // A leader that knows more than this controller: then this is not the active one any more.
  if (asked.leader_epoch > partition.leader_epoch ||
      asked.partition_epoch > partition.partition_epoch) {
    return ErrorCode::not_controller;
  }
  if (asked.leader_epoch < partition.leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (from != partition.leader) return ErrorCode::invalid_request;
  if (asked.partition_epoch < partition.partition_epoch) return ErrorCode::invalid_update_version;
  const auto proposed = proposed_isr(asked);
  const auto isr = ids_of(proposed);
  if (!is_valid_isr(partition.replicas, isr)) return ErrorCode::invalid_request;
  if (!contains(isr, partition.leader)) return ErrorCode::invalid_request;

  const auto recovery = static_cast<LeaderRecoveryState>(asked.leader_recovery_state);
  if (recovery == LeaderRecoveryState::recovering) {
    if (isr.size() > 1) return ErrorCode::invalid_request;
    if (partition.leader_recovery_state == LeaderRecoveryState::recovered) {
      return ErrorCode::invalid_request;
    }
  }
  for (const auto& member : proposed) {
    const Broker* broker = image_.broker(member.broker_id);
    const bool is_that_one = broker != nullptr && (member.broker_epoch == no_broker_epoch ||
                                                   member.broker_epoch == broker->epoch);
    if (!is_that_one || !broker->active()) return ErrorCode::ineligible_replica;
  }
  return ErrorCode::none;
}

ControllerResult<AlterPartitionResponse> Controller::alter_partition(
    const AlterPartitionRequest& request, const ControllerContext&) const {
  ControllerResult<AlterPartitionResponse> result;
  result.response.error_code = check_broker_epoch(request.broker_id, request.broker_epoch);
  if (result.response.error_code != ErrorCode::none) return result;
  for (const auto& of_topic : request.topics) {
    auto& answers = result.response.topics.emplace_back();
    answers.topic_id = of_topic.topic_id;
    const Topic* topic = image_.topic(of_topic.topic_id);
    std::map<PartitionIndex, Partition>
        changed;  // A partition asked for twice sees its first change.
    for (const Asked& asked : of_topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      if (topic == nullptr) {
        answer.error_code = ErrorCode::unknown_topic_id;
        continue;
      }
      const auto earlier = changed.find(asked.partition_index);
      const Partition* known = earlier != changed.end()
                                   ? &earlier->second
                                   : image_.partition(topic->id, asked.partition_index);
      if (known == nullptr) {
        answer.error_code = ErrorCode::unknown_topic_or_partition;
        continue;
      }
      answer.error_code = check_alter_partition(request.broker_id, *known, asked);
      if (answer.error_code != ErrorCode::none) continue;
      PartitionTarget target;
      target.isr = ids_of(proposed_isr(asked));
      target.recovery = static_cast<LeaderRecoveryState>(asked.leader_recovery_state);
      auto change =
          partition_change(topic->id, asked.partition_index, *known, rules_of(*topic), target);
      Partition now = *known;
      if (change) {
        now = merge(*known, *change);
        const bool led_by_another =
            change->leader != no_leader_change && change->leader != request.broker_id;
        changed[asked.partition_index] = now;
        result.records.emplace_back(*std::move(change));
        if (led_by_another) {
          answer.error_code = ErrorCode::new_leader_elected;
          continue;
        }
      }
      answer.leader_id = now.leader;
      answer.leader_epoch = now.leader_epoch;
      answer.isr = now.isr;
      answer.leader_recovery_state = static_cast<std::int8_t>(now.leader_recovery_state);
      answer.partition_epoch = now.partition_epoch;
    }
  }
  return result;
}

ApiError Controller::elect_leader(const Topic* topic, PartitionIndex index, bool unclean,
                                  Records& records) const {
  const Partition& partition = topic->partitions.at(index);
  if (unclean ? partition.leader != no_broker : partition.has_preferred_leader()) {
    return {ErrorCode::election_not_needed, std::nullopt};
  }
  PartitionRules rules = rules_of(*topic);
  rules.election = unclean ? Election::unclean : Election::preferred;
  auto change = partition_change(topic->id, index, partition, rules, {});
  if (!change) {
    return {unclean ? ErrorCode::eligible_leaders_not_available
                    : ErrorCode::preferred_leader_not_available,
            std::nullopt};
  }
  records.emplace_back(*std::move(change));
  return {};
}

void Controller::elect_all_leaders(bool unclean,
                                   ControllerResult<ElectLeadersResponse>& result) const {
  for (const auto& [name, id] : image_.topic_ids()) {
    const Topic* topic = image_.topic(id);
    auto& of_topic = result.response.replica_election_results.emplace_back();
    of_topic.topic = name;
    for (const auto& [index, partition] : topic->partitions) {
      const ApiError error = elect_leader(topic, index, unclean, result.records);
      // Those that have the wanted leader already are passed over.
      if (error.code != ErrorCode::election_not_needed) add_election(of_topic, index, error);
    }
  }
}

void Controller::elect_leaders_of(const ElectLeadersRequest::TopicPartitions& asked, bool unclean,
                                  ControllerResult<ElectLeadersResponse>& result) const {
  auto& of_topic = result.response.replica_election_results.emplace_back();
  of_topic.topic = asked.topic;
  const Topic* topic = image_.topic(asked.topic);
  for (const PartitionIndex index : asked.partitions) {
    ApiError error{ErrorCode::unknown_topic_or_partition, "No such topic as " + asked.topic};
    if (topic != nullptr) {
      error = topic->partitions.count(index) == 0
                  ? ApiError{ErrorCode::unknown_topic_or_partition,
                             fmt::format("No such partition as {}-{}", asked.topic, index.value())}
                  : elect_leader(topic, index, unclean, result.records);
    }
    add_election(of_topic, index, error);
  }
}

ControllerResult<ElectLeadersResponse> Controller::elect_leaders(
    const ElectLeadersRequest& request) const {
  const bool unclean = request.election_type == 1;
  if (request.election_type != 0 && !unclean) return of_unknown_type(request);
  ControllerResult<ElectLeadersResponse> result;
  if (!request.topic_partitions) {
    elect_all_leaders(unclean, result);
  } else {
    for (const auto& asked : *request.topic_partitions) elect_leaders_of(asked, unclean, result);
  }
  finish_operation(result);
  return result;
}

Records Controller::balance_leaders() const {
  Records records;
  for (const auto& [id, topic] : image_.topics()) {
    for (const auto& [index, partition] : topic.partitions) {
      if (records.size() >= elections_per_balance_max) return records;
      const bool possible = !partition.has_preferred_leader() && !partition.replicas.empty() &&
                            contains(partition.isr, partition.replicas[0]) &&
                            image_.is_active(partition.replicas[0]);
      if (possible) (void)elect_leader(&topic, index, /*unclean=*/false, records);
    }
  }
  return records;
}

}  // namespace ottla::metadata
