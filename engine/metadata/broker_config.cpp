#include "engine/metadata/broker_config.h"

#include <algorithm>
#include <array>

#include "engine/base/assert.h"

namespace ottla::metadata {

const ConfigDefinition* find_broker_config(std::string_view name) {
  const auto definitions = broker_configs();
  const auto found = std::lower_bound(
      definitions.begin(), definitions.end(), name,
      [](const ConfigDefinition& definition, std::string_view of) { return definition.name < of; });
  return found != definitions.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string_view> broker_config_family(std::string_view name) {
  static const std::array<std::vector<std::string_view>, 3> families{{
      {"log.roll.ms", "log.roll.hours"},
      {"log.roll.jitter.ms", "log.roll.jitter.hours"},
      {"log.retention.ms", "log.retention.minutes", "log.retention.hours"},
  }};
  for (const auto& family : families) {
    if (std::find(family.begin(), family.end(), name) != family.end()) return family;
  }
  // Of these two the second does not know the first.
  if (name == "log.flush.interval.ms") return {name, "log.flush.scheduler.interval.ms"};
  return {name};
}

std::optional<std::string> dynamic_broker_config(const Image& image, BrokerId broker,
                                                 std::string_view name) {
  for (const std::string& resource : {std::to_string(broker.value()), std::string()}) {
    const ConfigValues& configs = image.configs({ConfigResourceType::broker, resource});
    if (const auto set = configs.find(name); set != configs.end()) return set->second;
  }
  return std::nullopt;
}

std::string broker_config_value(const ConfigValues& settings, std::string_view name) {
  if (const auto set = settings.find(name); set != settings.end()) return set->second;
  const ConfigDefinition* definition = find_broker_config(name);
  if (definition == nullptr || !definition->default_value) return {};
  return std::string(*definition->default_value);
}

std::int64_t broker_config_integer(const ConfigValues& settings, std::string_view name) {
  const auto number = parse_integer(ConfigType::int64, broker_config_value(settings, name));
  OTTLA_ASSERT(number.has_value());
  return *number;
}

double broker_config_real(const ConfigValues& settings, std::string_view name) {
  if (const auto number = parse_real(broker_config_value(settings, name))) return *number;
  const auto number = parse_real(broker_config_value({}, name));
  OTTLA_ASSERT(number.has_value());
  return *number;
}

bool broker_config_boolean(const ConfigValues& settings, std::string_view name) {
  const auto truth = parse_boolean(broker_config_value(settings, name));
  OTTLA_ASSERT(truth.has_value());
  return *truth;
}

}  // namespace ottla::metadata
