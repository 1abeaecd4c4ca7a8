// What a broker's server.properties would say: its settings, and the rest of what it was started
// with. DescribeConfigs shows it as STATIC_BROKER_CONFIG.
#pragma once

#include "engine/broker/broker_config.h"

namespace ottla::broker {

[[nodiscard]] metadata::ConfigValues static_configs(const BrokerConfig& config);

}  // namespace ottla::broker
