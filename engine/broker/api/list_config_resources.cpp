// ListConfigResources (74), v0-v1 (KIP-1142). The resources that may have configs: groups and
// client metrics subscriptions (KIP-714) that have some, brokers and their loggers, and topics. v0
// asked for the subscriptions alone.
#include <algorithm>
#include <array>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/list_config_resources_response.h"

namespace ottla::broker {
namespace {

using metadata::ConfigResourceType;
using protocol::ListConfigResourcesResponse;

// In the order of the answer.
constexpr std::array listed_types{ConfigResourceType::group, ConfigResourceType::client_metrics,
                                  ConfigResourceType::broker_logger, ConfigResourceType::broker,
                                  ConfigResourceType::topic};

std::vector<std::string> names_of(const metadata::Image& image, ConfigResourceType type) {
  std::vector<std::string> names;
  switch (type) {
    case ConfigResourceType::topic:
      for (const auto& [name, id] : image.topic_ids()) names.push_back(name);
      break;
    case ConfigResourceType::broker:
    case ConfigResourceType::broker_logger:
      for (const auto& [id, broker] : image.brokers()) names.push_back(std::to_string(id.value()));
      break;
    default:
      for (const auto& [resource, values] : image.all_configs()) {
        if (resource.type == type) names.push_back(resource.name);
      }
  }
  return names;
}

}  // namespace

void handle_list_config_resources(BrokerNode& broker,
                                  const Request<protocol::ListConfigResourcesRequest>& request) {
  ListConfigResourcesResponse response;
  const bool any_type = request.context.head.version >= ApiVersion{1};
  std::vector<ConfigResourceType> asked;
  for (const std::int8_t type : request.body.resource_types) {
    asked.push_back(static_cast<ConfigResourceType>(type));
  }
  if (!any_type) asked = {ConfigResourceType::client_metrics};
  const auto is_listed = [](ConfigResourceType type) {
    return std::find(listed_types.begin(), listed_types.end(), type) != listed_types.end();
  };
  if (!std::all_of(asked.begin(), asked.end(), is_listed)) {
    response.error_code = protocol::ErrorCode::unsupported_version;
    return broker.server().reply(request.context.token, response);
  }
  for (const ConfigResourceType type : listed_types) {
    const bool wanted = asked.empty() || std::find(asked.begin(), asked.end(), type) != asked.end();
    if (!wanted) continue;
    for (std::string& name : names_of(broker.image(), type)) {
      response.config_resources.push_back(
          {.resource_name = std::move(name), .resource_type = static_cast<std::int8_t>(type)});
    }
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
