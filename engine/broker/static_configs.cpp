#include "engine/broker/static_configs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace ottla::broker {
namespace {

std::string text(std::string_view listener, const Endpoint& at) {
  return fmt::format("{}://{}:{}", listener, at.host, at.port);
}

std::string listed(const std::vector<ControllerVoter>& voters, bool with_ids) {
  std::string all;
  for (const ControllerVoter& voter : voters) {
    all += fmt::format("{}{}{}:{}", all.empty() ? "" : ",",
                       with_ids ? fmt::format("{}@", voter.id.value()) : "", voter.endpoint.host,
                       voter.endpoint.port);
  }
  return all;
}

}  // namespace

metadata::ConfigValues static_configs(const ServerConfig& config) {
  metadata::ConfigValues values = config.settings;
  std::vector<std::string> listeners;
  std::vector<std::string> roles;
  if (config.broker) {
    roles.emplace_back("broker");
    listeners.push_back(text("PLAINTEXT", *config.broker));
    values["advertised.listeners"] = listeners.back();
  }
  if (config.controller) {
    roles.emplace_back("controller");
    listeners.push_back(text("CONTROLLER", *config.controller));
  }
  values["listeners"] = fmt::format("{}", fmt::join(listeners, ","));
  values["process.roles"] = fmt::format("{}", fmt::join(roles, ","));
  values["node.id"] = std::to_string(config.node_id.value());
  values["broker.id"] = values["node.id"];  // As Kafka fills it in.
  if (config.broker && !config.rack.empty()) values["broker.rack"] = config.rack;
  values["controller.listener.names"] = "CONTROLLER";
  values[config.voters_in_log ? "controller.quorum.bootstrap.servers"
                              : "controller.quorum.voters"] =
      listed(config.voters, !config.voters_in_log);
  return values;
}

}  // namespace ottla::broker
