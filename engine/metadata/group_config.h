// The configurations that a group may have in Kafka 4.1, as
// org.apache.kafka.coordinator.group.GroupConfig defines them. Each has its default, and the bounds
// it must keep, from configs of the brokers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/metadata/config_definition.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// In the order of their names.
[[nodiscard]] std::span<const ConfigDefinition> group_configs();
[[nodiscard]] const ConfigDefinition* find_group_config(std::string_view name);

// Where nothing is set for the group: the broker's value, or the default.
[[nodiscard]] std::string group_config_default(const ConfigDefinition& definition,
                                               const ConfigValues& settings);

// Kafka's message for the first thing wrong with these configs for a group, next to a broker's
// `settings`; nothing when they may stand together.
[[nodiscard]] std::optional<std::string> refuse_group_configs(const ConfigValues& values,
                                                              const ConfigValues& settings);

}  // namespace ottla::metadata
