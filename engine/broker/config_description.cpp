#include "engine/broker/config_description.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/client_metrics_config.h"
#include "engine/metadata/config_synonyms.h"
#include "engine/metadata/group_config.h"
#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"
#include "engine/protocol/message_codec.h"

namespace ottla::broker {
namespace {

using metadata::ConfigDefinition;
using metadata::ConfigResource;
using metadata::ConfigResourceType;
using metadata::ConfigSource;
using metadata::ConfigSynonym;
using metadata::ConfigType;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using ResourceResult = DescribeConfigsResponse::DescribeConfigsResult;

bool is_asked(const DescribeConfigsRequest::DescribeConfigsResource& asked, std::string_view name) {
  if (!asked.configuration_keys || asked.configuration_keys->empty()) return true;
  return std::find(asked.configuration_keys->begin(), asked.configuration_keys->end(), name) !=
         asked.configuration_keys->end();
}

// A config with what is said of it.
struct Described {
  const ConfigDefinition& definition;
  std::optional<std::string> value;
  std::vector<ConfigSynonym> synonyms;
};

// Of a topic's, a group's or a subscription's own value Kafka tells what it understood; of a
// broker's how it was written.
bool is_own(ConfigSource source) {
  return source == ConfigSource::dynamic_topic || source == ConfigSource::dynamic_group ||
         source == ConfigSource::client_metrics;
}

DescribeConfigsResponse::DescribeConfigsResourceResult describe(
    const DescribeConfigsRequest& request, Described config) {
  const ConfigDefinition& definition = config.definition;
  DescribeConfigsResponse::DescribeConfigsResourceResult described;
  described.name = std::string(definition.name);
  described.value.reset();
  if (!definition.sensitive && config.value)
    described.value = metadata::understood(definition, *config.value);
  const ConfigSource source =
      config.synonyms.empty() ? ConfigSource::default_value : config.synonyms.front().source;
  described.config_source = static_cast<std::int8_t>(source);
  described.is_sensitive = definition.sensitive;
  described.read_only = definition.read_only;
  described.config_type = static_cast<std::int8_t>(definition.type);
  described.documentation.reset();
  if (request.include_documentation && !definition.documentation.empty())
    described.documentation = std::string(definition.documentation);
  if (!request.include_synonyms) return described;
  for (ConfigSynonym& synonym : config.synonyms) {
    std::optional<std::string> value;
    if (!definition.sensitive) {
      value = is_own(synonym.source) ? metadata::understood(definition, synonym.value)
                                     : std::move(synonym.value);
    }
    described.synonyms.push_back({.name = std::move(synonym.name),
                                  .value = std::move(value),
                                  .source = static_cast<std::int8_t>(synonym.source)});
  }
  return described;
}

void fail(ResourceResult& result, ErrorCode error, std::string message) {
  // Words too long to be sent are, as in Kafka, those of an exception.
  const bool too_long = message.size() > protocol::codec::string_length_max;
  result.error_code = too_long ? ErrorCode::unknown_server_error : error;
  result.error_message =
      too_long ? std::string(protocol::message(result.error_code)) : std::move(message);
}

void describe_topic(const NodeConfigs& node, const DescribeConfigsRequest& request,
                    const DescribeConfigsRequest::DescribeConfigsResource& asked,
                    ResourceResult& result) {
  const metadata::Image& image = node.image;
  if (const auto refusal = metadata::refuse_topic_name(asked.resource_name)) {
    return fail(result, ErrorCode::invalid_topic_exception, *refusal);
  }
  if (image.topic(std::string_view(asked.resource_name)) == nullptr) {
    return fail(result, ErrorCode::unknown_topic_or_partition, {});
  }
  const std::string self = std::to_string(node.id.value());
  const metadata::ConfigLayers layers{
      .topic = image.configs({ConfigResourceType::topic, asked.resource_name}),
      .broker = image.configs({ConfigResourceType::broker, self}),
      .default_broker = image.configs({ConfigResourceType::broker, ""}),
      .static_broker = node.settings};
  for (const ConfigDefinition& definition : metadata::topic_configs()) {
    if (definition.internal || !is_asked(asked, definition.name)) continue;
    result.configs.push_back(
        describe(request, {definition, metadata::effective_topic_config(definition, layers).value,
                           metadata::topic_config_synonyms(definition, layers)}));
  }
}

// What Kafka says of a name that it does not know: nothing, since it may be a secret. Of one that
// is only ever dynamic it knows the type, and says as of others that it is read only.
ConfigDefinition definition_of(std::string_view name) {
  const ConfigDefinition* known = metadata::find_broker_config(name);
  ConfigDefinition definition = known != nullptr ? *known
                                                 : ConfigDefinition{.name = name,
                                                                    .type = ConfigType::unknown,
                                                                    .default_value = {},
                                                                    .documentation = {},
                                                                    .sensitive = true};
  if (known != nullptr && !known->internal) return definition;
  definition.documentation = {};
  definition.read_only = true;
  return definition;
}

std::optional<std::string> broker_value(const ConfigDefinition& definition,
                                        const metadata::ConfigLayers& layers) {
  if (const std::string* set = metadata::find_broker_setting(layers, definition.name)) return *set;
  if (!definition.default_value) return std::nullopt;
  return std::string(*definition.default_value);
}

bool is_number(const std::string& text) {
  std::int32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stopped == end;
}

void describe_group(const NodeConfigs& node, const DescribeConfigsRequest& request,
                    const DescribeConfigsRequest::DescribeConfigsResource& asked,
                    ResourceResult& result) {
  if (asked.resource_name.empty()) {
    return fail(result, ErrorCode::invalid_request, "Group name must not be empty");
  }
  const metadata::ConfigValues& own =
      node.image.configs({ConfigResourceType::group, asked.resource_name});
  for (const ConfigDefinition& definition : metadata::group_configs()) {
    if (!is_asked(asked, definition.name)) continue;
    const auto set = own.find(definition.name);
    ConfigSynonym where{
        std::string(definition.name),
        set != own.end() ? set->second : metadata::group_config_default(definition, node.settings),
        set != own.end() ? ConfigSource::dynamic_group : ConfigSource::default_value};
    result.configs.push_back(describe(request, {definition, where.value, {where}}));
  }
}

// Why a node is not asked for what is its own; `what` is told of those that it may be asked for.
std::optional<std::string> refuse_broker(const NodeConfigs& node, const std::string& name,
                                         std::string_view what) {
  if (!is_number(name)) return "Broker id must be an integer, but it is: " + name;
  const std::string self = std::to_string(node.id.value());
  if (name == self) return std::nullopt;
  return fmt::format("Unexpected broker id, expected {}{} but received {}", self, what, name);
}

void describe_broker(const NodeConfigs& node, const DescribeConfigsRequest& request,
                     const DescribeConfigsRequest::DescribeConfigsResource& asked,
                     ResourceResult& result) {
  const bool defaults = asked.resource_name.empty();
  if (!defaults) {
    if (auto why = refuse_broker(node, asked.resource_name, " or empty string,"))
      return fail(result, ErrorCode::invalid_request, *why);
  }
  const metadata::Image& image = node.image;
  const metadata::ConfigValues none;
  const metadata::ConfigLayers layers{
      .topic = none,
      .broker = defaults ? none : image.configs({ConfigResourceType::broker, asked.resource_name}),
      .default_broker = image.configs({ConfigResourceType::broker, ""}),
      .static_broker = defaults ? none : node.stated};
  std::set<std::string_view> names;
  for (const auto* layer : {&layers.broker, &layers.default_broker, &layers.static_broker}) {
    for (const auto& [name, value] : *layer) names.insert(name);
  }
  for (const ConfigDefinition& definition : metadata::broker_configs()) {
    if (!defaults && !definition.internal) names.insert(definition.name);
  }
  for (const std::string_view name : names) {
    if (!is_asked(asked, name)) continue;
    const ConfigDefinition definition = definition_of(name);
    auto synonyms = metadata::broker_config_synonyms(name, layers);
    if (defaults) {
      std::erase_if(synonyms, [](const ConfigSynonym& synonym) {
        return synonym.source != ConfigSource::dynamic_default_broker;
      });
    }
    result.configs.push_back(
        describe(request, {definition, broker_value(definition, layers), std::move(synonyms)}));
  }
}

// No node here has loggers whose levels could be set: the answer is that of a Kafka without
// log4j.
void describe_loggers(const NodeConfigs& node,
                      const DescribeConfigsRequest::DescribeConfigsResource& asked,
                      ResourceResult& result) {
  if (asked.resource_name.empty())
    return fail(result, ErrorCode::invalid_request, "Broker id must not be empty");
  if (auto why = refuse_broker(node, asked.resource_name, ""))
    fail(result, ErrorCode::invalid_request, *why);
}

void describe_client_metrics(const NodeConfigs& node, const DescribeConfigsRequest& request,
                             const DescribeConfigsRequest::DescribeConfigsResource& asked,
                             ResourceResult& result) {
  if (asked.resource_name.empty()) {
    return fail(result, ErrorCode::invalid_request,
                "Client metrics subscription name must not be empty");
  }
  const metadata::ConfigValues& own =
      node.image.configs({ConfigResourceType::client_metrics, asked.resource_name});
  for (const ConfigDefinition& definition : metadata::client_metrics_configs()) {
    if (!is_asked(asked, definition.name)) continue;
    std::vector<ConfigSynonym> synonyms;
    std::string value(*definition.default_value);
    if (const auto set = own.find(definition.name); set != own.end()) {
      value = set->second;
      synonyms.push_back({std::string(definition.name), value, ConfigSource::client_metrics});
    }
    result.configs.push_back(describe(request, {definition, value, std::move(synonyms)}));
  }
}

}  // namespace

DescribeConfigsResponse describe_configs(const NodeConfigs& node,
                                         const DescribeConfigsRequest& request) {
  DescribeConfigsResponse response;
  for (const auto& asked : request.resources) {
    ResourceResult& result = response.results.emplace_back();
    result.resource_type = asked.resource_type;
    result.resource_name = asked.resource_name;
    switch (static_cast<ConfigResourceType>(asked.resource_type)) {
      case ConfigResourceType::topic: describe_topic(node, request, asked, result); break;
      case ConfigResourceType::broker: describe_broker(node, request, asked, result); break;
      case ConfigResourceType::group: describe_group(node, request, asked, result); break;
      case ConfigResourceType::broker_logger: describe_loggers(node, asked, result); break;
      case ConfigResourceType::client_metrics:
        describe_client_metrics(node, request, asked, result);
        break;
      default:
        fail(result, ErrorCode::invalid_request,
             std::string(protocol::message(ErrorCode::invalid_request)));
    }
  }
  return response;
}

}  // namespace ottla::broker
