// Every configuration that a topic may have in Kafka 4, as
// org.apache.kafka.storage.internals.log.LogConfig defines them, and what a topic's effective value
// is: set on the topic, by the broker's synonym, or by default.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metadata/config_definition.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// In the order of their names.
[[nodiscard]] std::span<const ConfigDefinition> topic_configs();
// The one of that name, or null.
[[nodiscard]] const ConfigDefinition* find_topic_config(std::string_view name);

struct EffectiveConfig {
  std::string value;
  ConfigSource source = ConfigSource::default_value;
  bool operator==(const EffectiveConfig&) const = default;
};

// A place where a config has a value, the most particular first (DescribeConfigs' synonyms).
struct ConfigSynonym {
  std::string name;
  std::string value;
  ConfigSource source;
  bool operator==(const ConfigSynonym&) const = default;
};

// Where a topic's config gets its value. `broker` and `default_broker` are dynamic broker configs
// of the image, `static_broker` a broker's own settings; any may be empty.
struct ConfigLayers {
  const ConfigValues& topic;
  const ConfigValues& broker;
  const ConfigValues& default_broker;
  const ConfigValues& static_broker;
};
// What a broker runs with of what was set: its own counts before the one for all, and that before
// what it was started with. Null where none names it.
[[nodiscard]] const std::string* find_broker_setting(const ConfigLayers& layers,
                                                     std::string_view name);
[[nodiscard]] EffectiveConfig effective_topic_config(const ConfigDefinition& definition,
                                                     const ConfigLayers& layers);

// The effective value of topic `topic`'s config `name`, by the image and a broker's static
// settings.
[[nodiscard]] std::string topic_config_value(const Image& image, std::string_view topic,
                                             std::string_view name, BrokerId broker,
                                             const ConfigValues& static_broker);

// Kafka's message for the first thing wrong with these configs for a topic; nothing when they may
// stand together.
[[nodiscard]] std::optional<std::string> refuse_topic_configs(const ConfigValues& values);

}  // namespace ottla::metadata
