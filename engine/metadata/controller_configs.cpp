// IncrementalAlterConfigs (v0-v1) and AlterConfigs (v0-v2) for topics, brokers, groups and
// subscriptions to client metrics, as Kafka's ConfigAdminManager and ConfigurationControlManager
// answer them: a resource's changes stand or fall together. That a broker is asked for its own
// configs only is that broker's to check.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/broker_config_change.h"
#include "engine/metadata/client_metrics_config.h"
#include "engine/metadata/config_list_edit.h"
#include "engine/metadata/controller.h"
#include "engine/metadata/elr_configs.h"
#include "engine/metadata/group_config.h"
#include "engine/metadata/operation_bounds.h"
#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

// AlterConfigOp.OpType.
enum class Operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

const ConfigDefinition* definition_of(const ConfigResource& resource, std::string_view name) {
  switch (resource.type) {
    case ConfigResourceType::topic: return find_topic_config(name);
    case ConfigResourceType::group: return find_group_config(name);
    case ConfigResourceType::client_metrics: return find_client_metrics_config(name);
    default: return find_broker_config(name);
  }
}

std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

ApiError refuse_list_edit(const ConfigResource& resource, const std::string& name,
                          Operation operation) {
  const ConfigDefinition* definition = definition_of(resource, name);
  if (definition != nullptr && definition->type == ConfigType::list) return {};
  const bool append = operation == Operation::append;
  if (resource.type == ConfigResourceType::broker) {
    return {ErrorCode::invalid_config,
            fmt::format("Config value {} is not allowed for config key: {}",
                        append ? "append" : "subtract", name)};
  }
  return {ErrorCode::invalid_config, fmt::format("Can't {} to key {} because its type is not LIST.",
                                                 append ? "APPEND" : "SUBTRACT", name)};
}

ApiError add_change(const ConfigResource& resource, const ConfigValues& present,
                    const IncrementalAlterConfigsRequest::AlterableConfig& asked,
                    ConfigChanges& changes) {
  const auto operation = static_cast<Operation>(asked.config_operation);
  switch (operation) {
    case Operation::set: changes[asked.name] = asked.value; return {};
    case Operation::remove: changes[asked.name].reset(); return {};
    case Operation::append:
    case Operation::subtract: {
      ApiError refused = refuse_list_edit(resource, asked.name, operation);
      if (refused.failed()) return refused;
      const auto set = present.find(asked.name);
      const auto by_default = definition_of(resource, asked.name)->default_value.value_or("");
      changes[asked.name] = edited_list(
          set != present.end() ? std::string_view(set->second) : by_default, *asked.value,
          operation == Operation::append ? ListEdit::append : ListEdit::subtract);
      return {};
    }
  }
  return {ErrorCode::invalid_request, fmt::format("Unknown operation {}", asked.config_operation)};
}

// A name given twice, or a value that is null where it must not be.
template <class Configs>
ApiError refuse_shape(const Configs& configs) {
  std::set<std::string> names;
  std::vector<std::string> nulls;
  for (const auto& config : configs) {
    if (!names.insert(config.name).second) {
      return {ErrorCode::invalid_request, "Error due to duplicate config keys"};
    }
    bool may_be_null = false;
    if constexpr (requires { config.config_operation; }) {
      may_be_null = static_cast<Operation>(config.config_operation) == Operation::remove;
    }
    if (!config.value && !may_be_null) nulls.push_back(config.name);
  }
  if (nulls.empty()) return {};
  return {ErrorCode::invalid_request, "Null value not supported for : " + joined(nulls, ", ")};
}

ApiError refuse_broker_name(const Image& image, const std::string& name) {
  if (name.empty()) return {};
  std::int32_t id = 0;
  const char* end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, id);
  if (error != std::errc{} || stopped != end) {
    return {ErrorCode::invalid_request, "Unable to parse broker name as a base 10 number."};
  }
  if (id < 0) return {ErrorCode::invalid_request, "Invalid negative broker ID."};
  if (image.broker(BrokerId{id}) == nullptr) {
    return {ErrorCode::broker_id_not_registered, "No such broker as " + name};
  }
  return {};
}

// One resource as an administrator asks to change it.
struct Alteration {
  const Image& image;
  const ConfigValues& settings;
  const ConfigResource& resource;

  // Whether the resource may have these configs, and is there.
  ApiError refuse(const ConfigChanges& changes, const ConfigValues& target) const {
    switch (resource.type) {
      case ConfigResourceType::topic: return refuse_topic(target);
      case ConfigResourceType::broker: {
        ApiError refused = refuse_broker_values(changes);
        return refused.failed() ? refused : refuse_broker_name(image, resource.name);
      }
      case ConfigResourceType::group: {
        if (resource.name.empty()) {
          return {ErrorCode::invalid_request, "Default group resources are not allowed."};
        }
        if (auto refused = refuse_group_configs(target, settings)) {
          return {ErrorCode::invalid_config, std::move(refused)};
        }
        return {};
      }
      case ConfigResourceType::client_metrics: return refuse_client_metrics(resource.name, target);
      default:
        return {ErrorCode::invalid_request,
                fmt::format("Unknown resource type {}", static_cast<int>(resource.type))};
    }
  }

  ApiError refuse_topic(const ConfigValues& target) const {
    if (resource.name.empty()) {
      return {ErrorCode::invalid_request, "Default topic resources are not allowed."};
    }
    if (auto refused = refuse_topic_name(resource.name)) {
      return {ErrorCode::invalid_topic_exception, std::move(refused)};
    }
    if (auto refused = refuse_topic_configs(target)) {
      return {ErrorCode::invalid_config, std::move(refused)};
    }
    if (image.topic(std::string_view(resource.name)) == nullptr) {
      return {ErrorCode::unknown_topic_or_partition,
              fmt::format("The topic '{}' does not exist.", resource.name)};
    }
    return {};
  }

  ApiError refuse_record(const ConfigRecord& record) const {
    constexpr std::size_t value_bytes_max = std::numeric_limits<std::int16_t>::max();
    if (record.value && record.value->size() > value_bytes_max) {
      return {ErrorCode::invalid_config,
              fmt::format("The configuration value cannot be added because it exceeds the maximum "
                          "value size of {} bytes.",
                          value_bytes_max)};
    }
    return refuse_min_insync_change(image, record);
  }

  // Adds the records of all changes, or none.
  ApiError apply(const ConfigChanges& changes, Records& records) const {
    const ConfigValues& present = image.configs(resource);
    ConfigValues target = present;
    Records own;
    for (const auto& [name, value] : changes) {
      const auto old = present.find(name);
      const bool same = old == present.end() ? !value : value == old->second;
      if (value) target[name] = *value;
      if (!value) target.erase(name);
      // A broker's are written again even so: it then reads anew what they stand for (KAFKA-14136).
      if (same && resource.type != ConfigResourceType::broker) continue;
      ConfigRecord record;
      record.resource_type = static_cast<std::int8_t>(resource.type);
      record.resource_name = resource.name;
      record.name = name;
      record.value = value;
      if (ApiError refused = refuse_record(record); refused.failed()) return refused;
      own.emplace_back(std::move(record));
    }
    ApiError refused = refuse(changes, target);
    if (refused.failed()) return refused;
    std::move(own.begin(), own.end(), std::back_inserter(records));
    return {};
  }
};

// Answers every resource of a request, each by itself; `changes_of` says what it asks for.
template <class Response, class RequestType, class ChangesOf>
ControllerResult<Response> alter(const Image& image, const ConfigValues& settings,
                                 const RequestType& request, ChangesOf changes_of) {
  const auto resource_of = [](const auto& asked) {
    return ConfigResource{static_cast<ConfigResourceType>(asked.resource_type),
                          asked.resource_name};
  };
  std::map<ConfigResource, int> times;
  for (const auto& asked : request.resources) ++times[resource_of(asked)];
  ControllerResult<Response> result;
  for (const auto& asked : request.resources) {
    const ConfigResource resource = resource_of(asked);
    ConfigChanges changes;
    ApiError error = refuse_shape(asked.configs);
    if (times[resource] > 1) {
      error = {ErrorCode::invalid_request, "Each resource must appear at most once."};
    }
    if (!error.failed()) error = changes_of(resource, asked, changes);
    if (!error.failed()) {
      error = Alteration{image, settings, resource}.apply(changes, result.records);
    }
    auto& answer = result.response.responses.emplace_back();
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
    set_error(answer, error);
  }
  add_clear_elr_records(image, result.records);
  finish_operation(result, request.validate_only);
  return result;
}

}  // namespace

ControllerResult<IncrementalAlterConfigsResponse> Controller::incremental_alter_configs(
    const IncrementalAlterConfigsRequest& request) const {
  return alter<IncrementalAlterConfigsResponse>(
      image_, config_.settings, request,
      [this](const ConfigResource& resource, const auto& asked, ConfigChanges& changes) {
        for (const auto& config : asked.configs) {
          ApiError error = add_change(resource, image_.configs(resource), config, changes);
          if (error.failed()) return error;
        }
        return ApiError{};
      });
}

ControllerResult<AlterConfigsResponse> Controller::alter_configs(
    const AlterConfigsRequest& request) const {
  return alter<AlterConfigsResponse>(
      image_, config_.settings, request,
      [this](const ConfigResource& resource, const auto& asked, ConfigChanges& changes) {
        // What is not named is removed.
        for (const auto& [name, value] : image_.configs(resource)) changes[name].reset();
        for (const auto& config : asked.configs) changes[config.name] = config.value;
        return ApiError{};
      });
}

}  // namespace ottla::metadata
