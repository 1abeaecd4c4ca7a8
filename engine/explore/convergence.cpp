#include "engine/explore/convergence.h"

#include <fmt/format.h>

namespace ottla::explore {

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
  if (snapshot->health.under_replicated > 0)
    text += fmt::format("{} partitions under-replicated; ", snapshot->health.under_replicated);
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
