#include "engine/broker/static_configs.h"

#include <fmt/format.h>

namespace ottla::broker {

metadata::ConfigValues static_configs(const BrokerConfig& config) {
  metadata::ConfigValues values = config.settings;
  const std::string listener =
      fmt::format("PLAINTEXT://{}:{}", config.listener.host, config.listener.port);
  std::string voters;
  for (const ControllerVoter& voter : config.controllers) {
    const std::string id = config.voters_in_log ? "" : fmt::format("{}@", voter.id.value());
    voters += fmt::format("{}{}{}:{}", voters.empty() ? "" : ",", id, voter.endpoint.host,
                          voter.endpoint.port);
  }
  values["advertised.listeners"] = listener;
  values["broker.id"] = std::to_string(config.node_id.value());  // As Kafka fills it in.
  if (!config.rack.empty()) values["broker.rack"] = config.rack;
  values["controller.listener.names"] = "CONTROLLER";
  values[config.voters_in_log ? "controller.quorum.bootstrap.servers"
                              : "controller.quorum.voters"] = voters;
  values["listeners"] = listener;
  values["process.roles"] = "broker";
  if (const auto& controller = config.controller_listener) {
    values["listeners"] += fmt::format(",CONTROLLER://{}:{}", controller->host, controller->port);
    values["process.roles"] = "broker,controller";
  }
  values["node.id"] = std::to_string(config.node_id.value());
  return values;
}

}  // namespace ottla::broker
