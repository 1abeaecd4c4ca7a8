// The controller's view of log directories: in which of a broker's a replica lies (KIP-858), as
// ReplicationControlManager.handleAssignReplicasToDirs.
#include <set>

#include "engine/metadata/controller.h"
#include "engine/metadata/directory_id.h"

namespace ottla::metadata {

using namespace protocol;

ErrorCode Controller::assign_replica(BrokerId broker, const Topic* topic, PartitionIndex index,
                                     const Uuid& directory, Records& records) const {
  if (topic == nullptr) return ErrorCode::unknown_topic_id;
  const auto partition = topic->partitions.find(index);
  if (partition == topic->partitions.end()) return ErrorCode::unknown_topic_or_partition;
  if (!contains(partition->second.replicas, broker)) return ErrorCode::not_leader_or_follower;
  // Kafka decides here as if neither eligible leader replicas nor unclean elections were on.
  PartitionRules rules = rules_of(*topic);
  rules.election = Election::online;
  rules.eligible_leader_replicas = false;
  PartitionTarget target;
  target.directory = {broker, directory};
  auto change = partition_change(topic->id, index, partition->second, rules, target);
  if (change) records.emplace_back(*std::move(change));
  return ErrorCode::none;
}

ControllerResult<AssignReplicasToDirsResponse> Controller::assign_replicas_to_dirs(
    const AssignReplicasToDirsRequest& request) const {
  ControllerResult<AssignReplicasToDirsResponse> result;
  if (!supports_directory_assignment(image_)) {
    result.response.error_code = ErrorCode::unsupported_version;
    return result;
  }
  result.response.error_code = check_broker_epoch(request.broker_id, request.broker_epoch);
  if (result.response.error_code != ErrorCode::none) return result;
  const Broker& broker = *image_.broker(request.broker_id);
  std::set<std::pair<TopicId, PartitionIndex>> went_offline;
  for (const auto& asked_directory : request.directories) {
    const bool is_online = is_online_directory(asked_directory.id, broker.log_dirs);
    auto& directory = result.response.directories.emplace_back();
    directory.id = asked_directory.id;
    for (const auto& asked_topic : asked_directory.topics) {
      auto& topic = directory.topics.emplace_back();
      topic.topic_id = asked_topic.topic_id;
      for (const auto& asked : asked_topic.partitions) {
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = asked.partition_index;
        partition.error_code =
            assign_replica(broker.id, image_.topic(asked_topic.topic_id), asked.partition_index,
                           asked_directory.id, result.records);
        if (partition.error_code == ErrorCode::none && !is_online)
          went_offline.emplace(asked_topic.topic_id, asked.partition_index);
      }
    }
  }
  for (const auto& [id, index] : went_offline)
    add_departure(broker.id, *image_.topic(id), index, result.records);
  return result;
}

}  // namespace ottla::metadata
