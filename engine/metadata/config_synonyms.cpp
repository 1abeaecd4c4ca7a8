#include "engine/metadata/config_synonyms.h"

#include <algorithm>

#include "engine/metadata/broker_config.h"

namespace ottla::metadata {

std::vector<ConfigSynonym> broker_config_synonyms(std::string_view name,
                                                  const ConfigLayers& layers) {
  std::vector<ConfigSynonym> synonyms;
  const auto family = broker_config_family(name);
  const auto add_layer = [&](const ConfigValues& values, ConfigSource source) {
    for (const std::string_view member : family) {
      const auto set = values.find(member);
      if (set != values.end()) synonyms.push_back({std::string(member), set->second, source});
    }
  };
  add_layer(layers.broker, ConfigSource::dynamic_broker);
  add_layer(layers.default_broker, ConfigSource::dynamic_default_broker);
  add_layer(layers.static_broker, ConfigSource::static_broker);
  for (const std::string_view member : family) {
    const ConfigDefinition* definition = find_broker_config(member);
    if (definition == nullptr || !definition->default_value) continue;
    synonyms.push_back({std::string(member), std::string(*definition->default_value),
                        ConfigSource::default_value});
  }
  const auto first =
      std::find_if(synonyms.begin(), synonyms.end(),
                   [name](const ConfigSynonym& synonym) { return synonym.name == name; });
  synonyms.erase(synonyms.begin(), first);
  return synonyms;
}

std::vector<ConfigSynonym> topic_config_synonyms(const ConfigDefinition& definition,
                                                 const ConfigLayers& layers) {
  std::vector<ConfigSynonym> synonyms;
  if (!definition.broker_synonyms.empty())
    synonyms = broker_config_synonyms(definition.broker_synonyms.front().name, layers);
  if (const auto own = layers.topic.find(definition.name); own != layers.topic.end()) {
    synonyms.insert(synonyms.begin(),
                    {std::string(definition.name), own->second, ConfigSource::dynamic_topic});
  }
  return synonyms;
}

}  // namespace ottla::metadata
