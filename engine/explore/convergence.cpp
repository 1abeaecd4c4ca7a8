#include "engine/explore/convergence.h"

#include <fmt/format.h>

#include "engine/world/cluster_logs.h"

namespace ottla::explore {

namespace {

// What each replica has, of a partition that not all are in sync with: "1 has 41 to 90".
std::string held(const world::Cluster& cluster, const world::PartitionKey& partition) {
  std::string text;
  for (const world::ReplicaLog& log : world::ClusterLogs(cluster).replicas(partition)) {
    text += fmt::format("{}{} has {} to {}{}", text.empty() ? "" : ", ", log.broker.value(),
                        log.log_start.value(), log.log_end.value(), log.leader ? " and leads" : "");
  }
  return text;
}

std::string under_replicated(const world::Cluster& cluster) {
  std::string text;
  const metadata::Image* image = cluster.newest_image();
  if (image == nullptr) return text;
  for (const auto& [id, topic] : image->topics()) {
    for (const auto& [index, partition] : topic.partitions) {
      if (partition.isr.size() >= partition.replicas.size()) continue;
      text += fmt::format("{}-{} is under-replicated: {}; ", topic.name, index.value(),
                          held(cluster, {topic.name, index}));
    }
  }
  return text;
}

std::string moving(const world::Cluster& cluster) {
  std::string text;
  const metadata::Image* image = cluster.newest_image();
  if (image == nullptr) return text;
  for (const auto& [id, topic] : image->topics()) {
    for (const auto& [index, partition] : topic.partitions) {
      if (!partition.adding_replicas.empty() || !partition.removing_replicas.empty())
        text += fmt::format("{}-{} is being reassigned; ", topic.name, index.value());
    }
  }
  return text;
}

}  // namespace

std::string unfinished(world::Cluster& cluster) {
  const auto snapshot = cluster.snapshot({});
  std::string text;
  for (const observe::BrokerState& broker : snapshot->brokers) {
    if (broker.status != observe::ProcessStatus::online)
      text += fmt::format("broker {} is not online; ", broker.id.value());
  }
  for (const observe::ControllerState& controller : snapshot->controllers) {
    if (controller.status != observe::ProcessStatus::online)
      text += fmt::format("controller {} is not online; ", controller.id.value());
  }
  if (!snapshot->quorum.leader) text += "no controller is active; ";
  if (snapshot->health.offline > 0)
    text += fmt::format("{} partitions offline; ", snapshot->health.offline);
  if (snapshot->health.under_replicated > 0) text += under_replicated(cluster);
  if (cluster.workload().is_administering()) text += "the administrator is not done; ";
  text += moving(cluster);
  for (const observe::ProducerState& producer : snapshot->producers) {
    if (producer.buffered_records > 0)
      text += fmt::format("{} still has {} records to send ({}); ", producer.name,
                          producer.buffered_records, producer.last_error);
  }
  for (const auto& wanted : cluster.spec().workload.groups) {
    if (snapshot->group(wanted.name) == nullptr)
      text += fmt::format("{} is no group; ", wanted.name);
  }
  for (const auto& group : snapshot->groups) {
    if (group->state != "Stable") text += fmt::format("{} is {}; ", group->name, group->state);
    if (group->lag > 0) text += fmt::format("{} lags by {}; ", group->name, group->lag);
  }
  return text;
}

}  // namespace ottla::explore
