// What a node's server.properties would say: its settings, and the rest of what it was started
// with. DescribeConfigs shows it as STATIC_BROKER_CONFIG.
#pragma once

#include "engine/broker/server_config.h"

namespace ottla::broker {

[[nodiscard]] metadata::ConfigValues static_configs(const ServerConfig& config);

}  // namespace ottla::broker
