// AlterConfigs (33), v0-v2, and IncrementalAlterConfigs (44), v0-v1. The controller decides, for a
// broker's configs too; but only the broker itself may be asked to change those, and answers for
// its loggers.
#include <fmt/format.h>

#include <charconv>
#include <map>
#include <set>
#include <type_traits>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/metadata/broker_config.h"
#include "engine/metadata/broker_config_change.h"
#include "engine/metadata/config_list_edit.h"
#include "engine/protocol/messages/alter_configs_response.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"

namespace ottla::broker {
namespace {

using metadata::ApiError;
using metadata::ConfigChanges;
using metadata::ConfigResourceType;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;

// Why a node's own configs are not for this one; `mismatch` says so with both ids.
ApiError refuse_node(BrokerId self, const std::string& name, std::string_view mismatch) {
  std::int32_t id = 0;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, id);
  if (error != std::errc{} || stopped != end) {
    return {ErrorCode::invalid_request,
            fmt::format("Node id must be an integer, but it is: {}", name)};
  }
  if (BrokerId{id} == self) return {};
  return {ErrorCode::invalid_request, fmt::format(fmt::runtime(mismatch), self.value(), name)};
}

// Log levels (KIP-412): this broker has no loggers whose levels could be set, as a Kafka without
// log4j (RuntimeLoggerManager).
ApiError alter_loggers(BrokerId self,
                       const IncrementalAlterConfigsRequest::AlterConfigsResource& resource) {
  ApiError refused =
      refuse_node(self, resource.resource_name, "Unexpected node id. Expected {}, but received {}");
  if (refused.failed() || resource.configs.empty()) return refused;
  const auto& change = resource.configs.front();
  const auto not_allowed = [](std::string_view what) {
    return ApiError{ErrorCode::invalid_request,
                    fmt::format("{} is not allowed for the BROKER_LOGGER resource", what)};
  };
  switch (change.config_operation) {
    case 0:
    case 1:
      return {ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", change.name)};
    case 2: return not_allowed("APPEND operation");
    case 3: return not_allowed("SUBTRACT operation");
    default: return not_allowed(fmt::format("Unknown operation type {}", change.config_operation));
  }
}

// What becomes of a list by an edit; nothing where the config is none, which the controller
// refuses.
std::optional<std::string> list_after(const metadata::ConfigValues& present,
                                      const IncrementalAlterConfigsRequest::AlterableConfig& edit) {
  const metadata::ConfigDefinition* known = metadata::find_broker_config(edit.name);
  if (known == nullptr || known->type != metadata::ConfigType::list) return std::nullopt;
  const auto set = present.find(edit.name);
  const std::string_view list =
      set != present.end() ? std::string_view(set->second) : known->default_value.value_or("");
  switch (edit.config_operation) {
    case 2: return metadata::edited_list(list, *edit.value, metadata::ListEdit::append);
    case 3: return metadata::edited_list(list, *edit.value, metadata::ListEdit::subtract);
    default: return std::nullopt;
  }
}

// What is asked of a resource that has `present`. Nothing when a name comes twice or a value is
// missing.
template <class Resource>
std::optional<ConfigChanges> changes_of(const Resource& resource,
                                        const metadata::ConfigValues& present) {
  constexpr bool incremental =
      std::is_same_v<Resource, IncrementalAlterConfigsRequest::AlterConfigsResource>;
  ConfigChanges changes;
  std::set<std::string_view> names;
  if constexpr (!incremental) {
    for (const auto& [name, value] : present) changes[name].reset();
  }
  for (const auto& config : resource.configs) {
    bool removes = false;
    if constexpr (incremental) removes = config.config_operation == 1;
    if (!names.insert(config.name).second || (!removes && !config.value)) return std::nullopt;
    if constexpr (incremental) {
      if (config.config_operation > 1) {
        if (auto list = list_after(present, config)) changes[config.name] = *std::move(list);
        continue;
      }
    }
    changes[config.name] = removes ? std::nullopt : config.value;
  }
  return changes;
}

// What the broker that is asked says of a change to its configs, or to those of all. Names that
// come twice and values that are missing are left to the controller: it refuses them first.
template <class Resource>
ApiError refuse_reconfiguration(BrokerNode& broker, const Resource& resource) {
  const metadata::Image& image = broker.image();
  const std::string self = std::to_string(broker.config().node_id.value());
  const metadata::ConfigValues none;
  const metadata::ConfigLayers layers{
      .topic = none,
      .broker = image.configs({ConfigResourceType::broker, self}),
      .default_broker = image.configs({ConfigResourceType::broker, ""}),
      .static_broker = broker.config().stated};
  const bool of_all = resource.resource_name.empty();
  const auto changes = changes_of(resource, of_all ? layers.default_broker : layers.broker);
  if (!changes) return {};
  if (ApiError refused = metadata::refuse_broker_values(*changes); refused.failed()) return refused;
  return metadata::refuse_broker_reconfiguration(*changes, layers, of_all);
}

// What this broker answers by itself about a resource; nothing for what the controller decides.
template <class Resource>
std::optional<ApiError> answer_here(BrokerNode& broker, const Resource& resource) {
  const BrokerId self = broker.config().node_id;
  const auto type = static_cast<ConfigResourceType>(resource.resource_type);
  if (type == ConfigResourceType::broker) {
    ApiError refused;
    if (!resource.resource_name.empty()) {
      refused = refuse_node(self, resource.resource_name,
                            "Unexpected broker id, expected {}, but received {}");
    }
    if (!refused.failed()) refused = refuse_reconfiguration(broker, resource);
    if (refused.failed()) return refused;
  }
  if constexpr (std::is_same_v<Resource, IncrementalAlterConfigsRequest::AlterConfigsResource>) {
    if (type == ConfigResourceType::broker_logger) return alter_loggers(self, resource);
  }
  return std::nullopt;
}

// Takes out of the request what this broker answers by itself. A resource named twice is left for
// the controller to refuse: that comes first.
template <class Body>
std::vector<RefusedResource> take_refused(BrokerNode& broker, Body& body) {
  std::map<std::pair<std::int8_t, std::string>, int> times;
  for (const auto& resource : body.resources)
    ++times[{resource.resource_type, resource.resource_name}];
  std::vector<RefusedResource> refused;
  decltype(body.resources) rest;
  for (std::size_t position = 0; position < body.resources.size(); ++position) {
    auto& resource = body.resources[position];
    std::optional<ApiError> answer;
    if (times[{resource.resource_type, resource.resource_name}] == 1)
      answer = answer_here(broker, resource);
    if (answer) {
      refused.push_back({position, resource.resource_type, resource.resource_name, *answer});
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
  auto refused = take_refused(broker, rest.body);
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
