#include "engine/metadata/client_metrics_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ottla::metadata {
namespace {

using protocol::ErrorCode;

constexpr std::array definitions = std::to_array<ConfigDefinition>({
    {"interval.ms", ConfigType::int32, "300000", {}, "How often clients push their metrics."},
    {"match", ConfigType::list, "", {}, "Which clients are meant, as name=pattern."},
    {"metrics", ConfigType::list, "", {}, "The metrics that are wanted, by their first letters."},
});

constexpr std::array<std::string_view, 6> match_names{
    "client_instance_id",    "client_id",         "client_software_name", "client_software_version",
    "client_source_address", "client_source_port"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool is_match(std::string_view pattern) {
  const auto equals = pattern.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view value = pattern.substr(equals + 1);
  const std::string_view name = trimmed(pattern.substr(0, equals));
  return !value.empty() && value.find('=') == std::string_view::npos &&
         std::find(match_names.begin(), match_names.end(), name) != match_names.end();
}

ApiError refuse_value(const ConfigDefinition& definition, const std::string& value) {
  if (auto refused = refusal(definition, value)) return {ErrorCode::invalid_config, refused};
  if (definition.name == "interval.ms") {
    const auto interval = parse_integer(ConfigType::int32, value);
    if (*interval >= 100 && *interval <= 3'600'000) return {};
    return {ErrorCode::invalid_request,
            fmt::format("Invalid value {} for interval.ms, interval must be between 100 and "
                        "3600000 (1 hour)",
                        *interval)};
  }
  if (definition.name != "match") return {};
  for (const std::string& pattern : list_items(value)) {
    if (!is_match(pattern))
      return {ErrorCode::invalid_config, "Illegal client matching pattern: " + pattern};
  }
  return {};
}

}  // namespace

std::span<const ConfigDefinition> client_metrics_configs() {
  return definitions;
}

const ConfigDefinition* find_client_metrics_config(std::string_view name) {
  const auto found =
      std::find_if(definitions.begin(), definitions.end(),
                   [name](const ConfigDefinition& definition) { return definition.name == name; });
  return found == definitions.end() ? nullptr : &*found;
}

ApiError refuse_client_metrics(const std::string& subscription, const ConfigValues& values) {
  if (subscription.empty()) return {ErrorCode::invalid_request, "Subscription name can't be empty"};
  for (const auto& [name, value] : values) {
    if (find_client_metrics_config(name) == nullptr)
      return {ErrorCode::invalid_request, "Unknown client metrics configuration: " + name};
  }
  for (const auto& [name, value] : values) {
    ApiError refused = refuse_value(*find_client_metrics_config(name), value);
    if (refused.failed()) return refused;
  }
  return {};
}

}  // namespace ottla::metadata
