#include "engine/metadata/elr_configs.h"

#include "engine/metadata/broker_config.h"
#include "engine/metadata/partition_rules.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

constexpr std::string_view min_insync = "min.insync.replicas";
const ConfigResource every_broker{ConfigResourceType::broker, ""};

bool is_of_type(const ConfigRecord& record, ConfigResourceType type) {
  return record.resource_type == static_cast<std::int8_t>(type);
}

ConfigRecord min_insync_record(const ConfigResource& resource, std::optional<std::string> value) {
  ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(resource.type);
  record.resource_name = resource.name;
  record.name = std::string(min_insync);
  record.value = std::move(value);
  return record;
}

}  // namespace

ApiError refuse_min_insync_change(const Image& image, const ConfigRecord& change) {
  const bool of_broker =
      change.name == min_insync && is_of_type(change, ConfigResourceType::broker);
  if (!of_broker || !has_eligible_leader_replicas(image)) return {};
  if (!change.resource_name.empty()) {
    return {ErrorCode::invalid_config,
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled."};
  }
  if (!change.value) {
    return {ErrorCode::invalid_config,
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."};
  }
  return {};
}

void add_clear_elr_records(const Image& image, Records& records) {
  if (!has_eligible_leader_replicas(image)) return;
  Records cleared;
  for (const MetadataRecord& record : records) {
    const auto* change = std::get_if<ConfigRecord>(&record);
    if (change == nullptr || change->name != min_insync) continue;
    ClearElrRecord clear;
    if (is_of_type(*change, ConfigResourceType::topic)) clear.topic_name = change->resource_name;
    cleared.emplace_back(std::move(clear));
  }
  std::move(cleared.begin(), cleared.end(), std::back_inserter(records));
}

void add_elr_safety_records(const Image& image, const ConfigValues& settings, Records& records) {
  if (image.configs(every_broker).count(min_insync) == 0) {
    records.emplace_back(
        min_insync_record(every_broker, broker_config_value(settings, min_insync)));
  }
  for (const auto& [resource, values] : image.all_configs()) {
    const bool one_broker = resource.type == ConfigResourceType::broker && !resource.name.empty();
    if (one_broker && values.count(min_insync) > 0) {
      records.emplace_back(min_insync_record(resource, std::nullopt));
    }
  }
}

}  // namespace ottla::metadata
