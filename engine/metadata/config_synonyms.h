// Where DescribeConfigs says that a config has its value, the most particular place first, as
// Kafka's ConfigHelper lists them: raw values under the names that they were set by.
#pragma once

#include <vector>

#include "engine/metadata/topic_config.h"

namespace ottla::metadata {

// Of a broker's config; `layers.topic` does not matter. What comes before the name itself is left
// out, so that log.roll.hours is not described by log.roll.ms.
[[nodiscard]] std::vector<ConfigSynonym> broker_config_synonyms(std::string_view name,
                                                                const ConfigLayers& layers);

// Of a topic's. Beside its own value it has those of the broker's config that comes first for it,
// if any is set: retention.ms has log.retention.ms', but no log.retention.hours alone.
[[nodiscard]] std::vector<ConfigSynonym> topic_config_synonyms(const ConfigDefinition& definition,
                                                               const ConfigLayers& layers);

}  // namespace ottla::metadata
