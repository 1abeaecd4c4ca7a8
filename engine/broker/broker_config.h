// What a broker is started with: who it is, where it listens, and its server properties by Kafka's
// names, whose defaults are Kafka's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/env/network.h"
#include "engine/metadata/broker_config.h"

namespace ottla::broker {

struct ControllerVoter {
  BrokerId id;
  Endpoint endpoint;
};

struct BrokerConfig {
  BrokerId node_id;                 // node.id
  std::string cluster_id;           // As `kafka-storage format` writes it into meta.properties.
  std::string rack;                 // broker.rack; empty: none.
  Endpoint listener;                // advertised.listeners: one, PLAINTEXT.
  metadata::ConfigValues settings;  // What server.properties sets,
  metadata::ConfigValues stated;    // and all that it says: static_configs().

  // The value of one of broker_configs(), set or by default.
  [[nodiscard]] std::int64_t integer(std::string_view name) const {
    return metadata::broker_config_integer(settings, name);
  }
  [[nodiscard]] std::int32_t int32(std::string_view name) const {
    return static_cast<std::int32_t>(integer(name));
  }
  [[nodiscard]] double real(std::string_view name) const {
    return metadata::broker_config_real(settings, name);
  }
  [[nodiscard]] bool boolean(std::string_view name) const {
    return metadata::broker_config_boolean(settings, name);
  }
  // For names that end in ".ms".
  [[nodiscard]] Duration millis(std::string_view name) const {
    return Duration::millis(integer(name));
  }
};

}  // namespace ottla::broker
