// DescribeConfigs (32), v1-v4. Topics', brokers' and groups' configs with value, source, synonyms
// (v1), type and documentation (v3). A broker answers for its own configs alone; "" names the
// default of all brokers.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/metadata/group_config.h"
#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"
#include "engine/protocol/messages/describe_configs_response.h"

namespace ottla::broker {
namespace {

using metadata::ConfigDefinition;
using metadata::ConfigResource;
using metadata::ConfigResourceType;
using metadata::ConfigSource;
using metadata::ConfigSynonym;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using ResourceResult = DescribeConfigsResponse::DescribeConfigsResult;

bool is_asked(const DescribeConfigsRequest::DescribeConfigsResource& asked, std::string_view name) {
  if (!asked.configuration_keys || asked.configuration_keys->empty()) return true;
  return std::find(asked.configuration_keys->begin(), asked.configuration_keys->end(), name) !=
         asked.configuration_keys->end();
}

DescribeConfigsResponse::DescribeConfigsResourceResult describe(
    const DescribeConfigsRequest& request, const ConfigDefinition& definition,
    const std::vector<ConfigSynonym>& synonyms) {
  DescribeConfigsResponse::DescribeConfigsResourceResult described;
  described.name = std::string(definition.name);
  described.value.reset();
  if (!synonyms.empty() && !definition.sensitive) described.value = synonyms.front().value;
  const ConfigSource source =
      synonyms.empty() ? ConfigSource::default_value : synonyms.front().source;
  described.config_source = static_cast<std::int8_t>(source);
  described.is_sensitive = definition.sensitive;
  described.read_only = definition.read_only;
  described.config_type = static_cast<std::int8_t>(definition.type);
  described.documentation.reset();
  if (request.include_documentation)
    described.documentation = std::string(definition.documentation);
  if (!request.include_synonyms) return described;
  for (const ConfigSynonym& synonym : synonyms) {
    std::optional<std::string> value;
    if (!definition.sensitive) value = synonym.value;
    described.synonyms.push_back(
        {.name = synonym.name, .value = value, .source = static_cast<std::int8_t>(synonym.source)});
  }
  return described;
}

void fail(ResourceResult& result, ErrorCode error, std::string message) {
  result.error_code = error;
  result.error_message = std::move(message);
}

void describe_topic(BrokerNode& broker, const DescribeConfigsRequest& request,
                    const DescribeConfigsRequest::DescribeConfigsResource& asked,
                    ResourceResult& result) {
  const metadata::Image& image = broker.image();
  if (const auto refusal = metadata::refuse_topic_name(asked.resource_name)) {
    return fail(result, ErrorCode::invalid_topic_exception, *refusal);
  }
  if (image.topic(std::string_view(asked.resource_name)) == nullptr) {
    return fail(result, ErrorCode::unknown_topic_or_partition, {});
  }
  const std::string self = std::to_string(broker.config().node_id.value());
  const metadata::ConfigLayers layers{
      .topic = image.configs({ConfigResourceType::topic, asked.resource_name}),
      .broker = image.configs({ConfigResourceType::broker, self}),
      .default_broker = image.configs({ConfigResourceType::broker, ""}),
      .static_broker = broker.config().settings};
  for (const ConfigDefinition& definition : metadata::topic_configs()) {
    if (definition.internal || !is_asked(asked, definition.name)) continue;
    result.configs.push_back(
        describe(request, definition, metadata::topic_config_synonyms(definition, layers)));
  }
}

std::vector<ConfigSynonym> broker_synonyms(BrokerNode& broker, const ConfigDefinition& definition,
                                           bool defaults) {
  const metadata::Image& image = broker.image();
  std::vector<ConfigSynonym> synonyms;
  const auto add = [&](const metadata::ConfigValues& values, ConfigSource source) {
    const auto at = values.find(definition.name);
    if (at != values.end()) synonyms.push_back({std::string(definition.name), at->second, source});
  };
  const std::string self = std::to_string(broker.config().node_id.value());
  if (!defaults)
    add(image.configs({ConfigResourceType::broker, self}), ConfigSource::dynamic_broker);
  add(image.configs({ConfigResourceType::broker, ""}), ConfigSource::dynamic_default_broker);
  if (defaults) return synonyms;
  add(broker.config().settings, ConfigSource::static_broker);
  if (definition.default_value) {
    synonyms.push_back({std::string(definition.name), std::string(*definition.default_value),
                        ConfigSource::default_value});
  }
  return synonyms;
}

bool is_number(const std::string& text) {
  std::int32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stopped == end;
}

void describe_group(BrokerNode& broker, const DescribeConfigsRequest& request,
                    const DescribeConfigsRequest::DescribeConfigsResource& asked,
                    ResourceResult& result) {
  if (asked.resource_name.empty()) {
    return fail(result, ErrorCode::invalid_request, "Group name must not be empty");
  }
  const metadata::ConfigValues& own =
      broker.image().configs({ConfigResourceType::group, asked.resource_name});
  for (const ConfigDefinition& definition : metadata::group_configs()) {
    if (!is_asked(asked, definition.name)) continue;
    std::vector<ConfigSynonym> synonyms;
    const std::string name(definition.name);
    if (const auto set = own.find(name); set != own.end()) {
      synonyms.push_back({name, set->second, ConfigSource::dynamic_group});
    }
    synonyms.push_back({name, metadata::group_config_default(definition, broker.config().settings),
                        ConfigSource::default_value});
    result.configs.push_back(describe(request, definition, synonyms));
  }
}

void describe_broker(BrokerNode& broker, const DescribeConfigsRequest& request,
                     const DescribeConfigsRequest::DescribeConfigsResource& asked,
                     ResourceResult& result) {
  const bool defaults = asked.resource_name.empty();
  const std::string self = std::to_string(broker.config().node_id.value());
  if (!defaults && !is_number(asked.resource_name)) {
    return fail(result, ErrorCode::invalid_request,
                "Broker id must be an integer, but it is: " + asked.resource_name);
  }
  if (!defaults && asked.resource_name != self) {
    return fail(result, ErrorCode::invalid_request,
                fmt::format("Unexpected broker id, expected {} or empty string, but received {}",
                            self, asked.resource_name));
  }
  for (const ConfigDefinition& definition : metadata::broker_configs()) {
    if (definition.internal || !is_asked(asked, definition.name)) continue;
    const auto synonyms = broker_synonyms(broker, definition, defaults);
    if (defaults && synonyms.empty()) continue;
    result.configs.push_back(describe(request, definition, synonyms));
  }
}

}  // namespace

void handle_describe_configs(BrokerNode& broker, const Request<DescribeConfigsRequest>& request) {
  DescribeConfigsResponse response;
  for (const auto& asked : request.body.resources) {
    ResourceResult& result = response.results.emplace_back();
    result.resource_type = asked.resource_type;
    result.resource_name = asked.resource_name;
    switch (static_cast<ConfigResourceType>(asked.resource_type)) {
      case ConfigResourceType::topic: describe_topic(broker, request.body, asked, result); break;
      case ConfigResourceType::broker: describe_broker(broker, request.body, asked, result); break;
      case ConfigResourceType::group: describe_group(broker, request.body, asked, result); break;
      default:
        fail(result, ErrorCode::invalid_request,
             std::string(protocol::message(ErrorCode::invalid_request)));
    }
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
