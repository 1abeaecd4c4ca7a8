#include "engine/metadata/partition_rules.h"

#include <algorithm>

#include "engine/metadata/directory_id.h"
#include "engine/metadata/features.h"
#include "engine/metadata/topic_config.h"

namespace ottla::metadata {

namespace {

constexpr std::int16_t metadata_version_3_7_iv2 = 17;

// The controller answers for brokers it does not run: a topic's own setting, else the cluster's
// default.
std::string topic_value(const Image& image, const ConfigValues& settings, const Topic& topic,
                        std::string_view name) {
  return topic_config_value(image, topic.name, name, no_broker, settings);
}

// min.insync.replicas, but never more than the topic has replicas.
std::size_t effective_min_insync(const Image& image, const ConfigValues& settings,
                                 const Topic& topic) {
  const std::string value = topic_value(image, settings, topic, "min.insync.replicas");
  const auto wanted = parse_integer(ConfigType::int32, value).value_or(1);
  const std::size_t replicas =
      topic.partitions.empty() ? 1 : topic.partitions.begin()->second.replicas.size();
  return std::min(static_cast<std::size_t>(wanted), replicas);
}

}  // namespace

bool has_eligible_leader_replicas(const Image& image) {
  return image.feature_level(elr_feature) >= 1;
}

bool supports_directory_assignment(const Image& image) {
  return image.feature_level(metadata_version_feature) >= metadata_version_3_7_iv2;
}

PartitionRules partition_rules(const Image& image, const ConfigValues& settings,
                               const Topic& topic) {
  PartitionRules rules;
  const bool unclean =
      topic_value(image, settings, topic, "unclean.leader.election.enable") == "true";
  rules.election = unclean ? Election::unclean : Election::online;
  rules.may_lead = [&image](BrokerId id) { return image.is_active(id); };
  rules.directory_for = [&image](BrokerId id) { return default_directory(image, id); };
  rules.is_online_directory = [&image](BrokerId id, const Uuid& directory) {
    const Broker* broker = image.broker(id);
    return broker != nullptr && is_online_directory(directory, broker->log_dirs);
  };
  rules.eligible_leader_replicas = has_eligible_leader_replicas(image);
  rules.min_insync = effective_min_insync(image, settings, topic);
  return rules;
}

Uuid default_directory(const Image& image, BrokerId broker) {
  const Broker* registered = image.broker(broker);
  if (registered == nullptr) return unassigned_directory;
  if (registered->log_dirs.empty()) return migrating_directory;
  return registered->log_dirs.size() == 1 ? registered->log_dirs.front() : unassigned_directory;
}

}  // namespace ottla::metadata
