// IncrementalAlterConfigs (v0-v1) and AlterConfigs (v0-v2) for topics and brokers, as Kafka's
// ConfigurationControl- Manager answers them: a resource's changes stand or fall together.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/controller.h"
#include "engine/metadata/topic_config.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

// AlterConfigOp.OpType.
enum class Operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

const ConfigDefinition* definition_of(const ConfigResource& resource, std::string_view name) {
  return resource.type == ConfigResourceType::topic ? find_topic_config(name)
                                                    : find_broker_config(name);
}

std::string joined(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ","));
}

// The list with the given items added, or taken away.
std::string edited_list(const std::string& present, const std::string& items, Operation operation) {
  std::vector<std::string> list = list_items(present);
  for (const std::string& item : list_items(items)) {
    const auto found = std::find(list.begin(), list.end(), item);
    if (operation == Operation::append && found == list.end()) list.push_back(item);
    if (operation == Operation::subtract && found != list.end()) list.erase(found);
  }
  return joined(list);
}

ApiError apply_operation(const ConfigResource& resource,
                         const IncrementalAlterConfigsRequest::AlterableConfig& asked,
                         ConfigValues& target) {
  const auto operation = static_cast<Operation>(asked.config_operation);
  if (operation == Operation::remove) {
    target.erase(asked.name);
    return {};
  }
  if (!asked.value) {
    return {ErrorCode::invalid_config,
            fmt::format("Null value not supported for : {}", asked.name)};
  }
  switch (operation) {
    case Operation::set: target[asked.name] = *asked.value; return {};
    case Operation::append:
    case Operation::subtract: {
      const ConfigDefinition* definition = definition_of(resource, asked.name);
      if (definition == nullptr || definition->type != ConfigType::list) {
        return {ErrorCode::invalid_config,
                fmt::format("Can't {} to key {} because its type is not LIST.",
                            operation == Operation::append ? "APPEND" : "SUBTRACT", asked.name)};
      }
      const auto set = target.find(asked.name);
      const std::string present =
          set != target.end() ? set->second : std::string(definition->default_value.value_or(""));
      target[asked.name] = edited_list(present, *asked.value, operation);
      return {};
    }
    case Operation::remove: break;
  }
  return {ErrorCode::invalid_request, fmt::format("Unknown operation {}", asked.config_operation)};
}

template <class Response, class Asked>
void answer(Response& response, const Asked& asked, const ApiError& error) {
  auto& of_resource = response.responses.emplace_back();
  of_resource.resource_type = asked.resource_type;
  of_resource.resource_name = asked.resource_name;
  set_error(of_resource, error);
}

}  // namespace

ApiError Controller::refuse_resource(const ConfigResource& resource) const {
  switch (resource.type) {
    case ConfigResourceType::topic:
      if (image_.topic(std::string_view(resource.name)) == nullptr) {
        return {ErrorCode::unknown_topic_or_partition,
                fmt::format("The topic '{}' does not exist.", resource.name)};
      }
      return {};
    case ConfigResourceType::broker: {
      if (resource.name.empty()) return {};
      std::int32_t id = 0;
      const char* end = resource.name.data() + resource.name.size();
      const auto [stopped, error] = std::from_chars(resource.name.data(), end, id);
      if (error != std::errc{} || stopped != end) {
        return {ErrorCode::invalid_request, fmt::format("Invalid broker name {}", resource.name)};
      }
      if (image_.broker(BrokerId{id}) == nullptr) {
        return {ErrorCode::broker_id_not_registered,
                fmt::format("No such broker as {}", resource.name)};
      }
      return {};
    }
    default:
      return {ErrorCode::invalid_request,
              fmt::format("Unexpected resource type {}.", static_cast<int>(resource.type))};
  }
}

ApiError Controller::set_configs(const ConfigResource& resource, const ConfigValues& target,
                                 Records& records) const {
  if (resource.type == ConfigResourceType::topic) {
    if (const auto refused = refuse_topic_configs(target))
      return {ErrorCode::invalid_config, refused};
  }
  const ConfigValues& present = image_.configs(resource);
  const auto record = [&resource, &records](const std::string& name,
                                            std::optional<std::string> value) {
    ConfigRecord change;
    change.resource_type = static_cast<std::int8_t>(resource.type);
    change.resource_name = resource.name;
    change.name = name;
    change.value = std::move(value);
    records.emplace_back(std::move(change));
  };
  Records before = records;
  for (const auto& [name, value] : target) {
    const auto old = present.find(name);
    if (old != present.end() && old->second == value) continue;
    if (resource.type == ConfigResourceType::broker) {
      const ConfigDefinition* definition = find_broker_config(name);
      // A broker takes names it does not know, for plug-ins; those it knows must be dynamic and
      // right.
      std::optional<std::string> refused;
      if (definition != nullptr && definition->read_only) {
        refused = fmt::format("Cannot update these configs dynamically: Set({})", name);
      } else if (definition != nullptr) {
        refused = refusal(*definition, value);
      }
      if (refused) {
        records = std::move(before);
        return {ErrorCode::invalid_config, refused};
      }
    }
    record(name, value);
  }
  for (const auto& [name, value] : present) {
    if (target.count(name) == 0) record(name, std::nullopt);
  }
  return {};
}

ControllerResult<IncrementalAlterConfigsResponse> Controller::incremental_alter_configs(
    const IncrementalAlterConfigsRequest& request) const {
  ControllerResult<IncrementalAlterConfigsResponse> result;
  std::map<ConfigResource, int> times;
  const auto resource_of = [](const auto& asked) {
    return ConfigResource{static_cast<ConfigResourceType>(asked.resource_type),
                          asked.resource_name};
  };
  for (const auto& asked : request.resources) ++times[resource_of(asked)];
  for (const auto& asked : request.resources) {
    const ConfigResource resource = resource_of(asked);
    ApiError error;
    if (times[resource] > 1)
      error = {ErrorCode::invalid_request, "Each resource must appear at most once."};
    if (!error.failed()) error = refuse_resource(resource);
    ConfigValues target = image_.configs(resource);
    std::set<std::string> names;
    for (const auto& config : asked.configs) {
      if (error.failed()) break;
      error = names.insert(config.name).second
                  ? apply_operation(resource, config, target)
                  : ApiError{ErrorCode::invalid_request,
                             fmt::format("Error due to duplicate config keys : {}", config.name)};
    }
    if (!error.failed()) error = set_configs(resource, target, result.records);
    answer(result.response, asked, error);
  }
  if (request.validate_only) result.records.clear();
  return result;
}

ControllerResult<AlterConfigsResponse> Controller::alter_configs(
    const AlterConfigsRequest& request) const {
  ControllerResult<AlterConfigsResponse> result;
  std::map<ConfigResource, int> times;
  const auto resource_of = [](const auto& asked) {
    return ConfigResource{static_cast<ConfigResourceType>(asked.resource_type),
                          asked.resource_name};
  };
  for (const auto& asked : request.resources) ++times[resource_of(asked)];
  for (const auto& asked : request.resources) {
    const ConfigResource resource = resource_of(asked);
    ApiError error;
    if (times[resource] > 1)
      error = {ErrorCode::invalid_request, "Each resource must appear at most once."};
    if (!error.failed()) error = refuse_resource(resource);
    ConfigValues target;
    for (const auto& config : asked.configs) {
      if (error.failed()) break;
      if (!config.value) {
        error = {ErrorCode::invalid_config,
                 fmt::format("Null value not supported for : {}", config.name)};
      } else {
        target[config.name] = *config.value;
      }
    }
    if (!error.failed()) error = set_configs(resource, target, result.records);
    answer(result.response, asked, error);
  }
  if (request.validate_only) result.records.clear();
  return result;
}

}  // namespace ottla::metadata
