// What must hold between a broker's configs, whoever set them: the checks of Kafka's KafkaConfig,
// in its order and words.
#pragma once

#include <optional>
#include <string>

#include "engine/metadata/topic_config.h"

namespace ottla::metadata {

// Why a broker cannot run with what is set; nothing when it can. `layers.topic` does not matter,
// and each value must be right by itself (config_definition.h).
[[nodiscard]] std::optional<std::string> refuse_broker_settings(const ConfigLayers& layers);

}  // namespace ottla::metadata
