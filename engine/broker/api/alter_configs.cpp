// AlterConfigs (33), v0-v2, and IncrementalAlterConfigs (44), v0-v1. The controller decides, for a
// broker's configs too; but only the broker itself may be asked to change those.
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/alter_configs_response.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"

namespace ottla::broker {
namespace {

// Why this broker does not pass a change to a broker's configs on.
std::optional<std::string> refusal(BrokerId self, const std::string& name) {
  if (name.empty()) return std::nullopt;  // The default of all brokers.
  std::int32_t id = 0;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, id);
  if (error != std::errc{} || stopped != end) {
    return fmt::format("Node id must be an integer, but it is: {}", name);
  }
  if (BrokerId{id} == self) return std::nullopt;
  return fmt::format("Unexpected broker id, expected {}, but received {}", self.value(), name);
}

// Takes out of the request what this broker refuses. A resource named twice is left for the
// controller to refuse: that comes first.
template <class Body>
std::vector<RefusedResource> take_refused(BrokerId self, Body& body) {
  constexpr auto broker_type = static_cast<std::int8_t>(metadata::ConfigResourceType::broker);
  std::map<std::string, int> times;
  for (const auto& resource : body.resources) {
    if (resource.resource_type == broker_type) ++times[resource.resource_name];
  }
  std::vector<RefusedResource> refused;
  decltype(body.resources) rest;
  for (std::size_t position = 0; position < body.resources.size(); ++position) {
    auto& resource = body.resources[position];
    std::optional<std::string> why;
    if (resource.resource_type == broker_type && times[resource.resource_name] == 1) {
      why = refusal(self, resource.resource_name);
    }
    if (why) {
      refused.push_back({position, resource.resource_type, resource.resource_name, *why});
    } else {
      rest.push_back(std::move(resource));
    }
  }
  body.resources = std::move(rest);
  return refused;
}

template <class Response, class Body>
void forward_configs(BrokerNode& broker, const Request<Body>& request) {
  Request<Body> rest{request.context, request.body};
  auto refused = take_refused(broker.config().node_id, rest.body);
  if (rest.body.resources.empty()) {
    Response response;
    insert_refused(refused, response.responses);
    return broker.server().reply(request.context.token, response);
  }
  if (!refused.empty()) broker.config_refusals().hold(request.context, std::move(refused));
  forward_to_controller(broker, rest);
}

}  // namespace

void handle_alter_configs(BrokerNode& broker,
                          const Request<protocol::AlterConfigsRequest>& request) {
  forward_configs<protocol::AlterConfigsResponse>(broker, request);
}

void handle_incremental_alter_configs(
    BrokerNode& broker, const Request<protocol::IncrementalAlterConfigsRequest>& request) {
  forward_configs<protocol::IncrementalAlterConfigsResponse>(broker, request);
}

}  // namespace ottla::broker
