#include "engine/metadata/broker_config_change.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/metadata/broker_config.h"

namespace ottla::metadata {

using protocol::ErrorCode;

namespace {

// DynamicBrokerConfig's PerBrokerConfigs, but for those whose names begin with ssl or sasl.
constexpr std::array per_broker_names{std::string_view("listeners"),
                                      std::string_view("listener.security.protocol.map"),
                                      std::string_view("principal.builder.class")};
// What a listener's prefix stands before and may yet be set for all.
constexpr std::array listener_names_of_all{std::string_view("max.connections"),
                                           std::string_view("max.connection.creation.rate"),
                                           std::string_view("num.network.threads")};

constexpr std::string_view cleaner_threads = "log.cleaner.threads";
constexpr std::array pool_names{cleaner_threads,
                                std::string_view("background.threads"),
                                std::string_view("num.io.threads"),
                                std::string_view("num.network.threads"),
                                std::string_view("num.recovery.threads.per.data.dir"),
                                std::string_view("num.replica.fetchers")};

bool is_one_of(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_per_broker(std::string_view name) {
  constexpr std::string_view listener_prefix = "listener.name.";
  if (name.starts_with(listener_prefix)) {
    const std::size_t dot = name.find('.', listener_prefix.size());
    return dot != std::string_view::npos && !is_one_of(listener_names_of_all, name.substr(dot + 1));
  }
  return is_one_of(per_broker_names, name) || name.starts_with("ssl.") || name.starts_with("sasl.");
}

ApiError refuse(std::string message) {
  return {ErrorCode::invalid_request, std::move(message)};
}

ApiError refuse_names(std::string_view why, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  return refuse(fmt::format("{}: Set({})", why, fmt::join(names, ", ")));
}

std::optional<std::string> refuse_cleaner_threads(std::int64_t before, std::int64_t after) {
  if (after < 1) return "Log cleaner threads should be at least 1";
  if (after < before / 2) {
    return fmt::format(
        "Log cleaner threads cannot be reduced to less than half the current value {}", before);
  }
  if (after > before * 2) {
    return fmt::format(
        "Log cleaner threads cannot be increased to more than double the current value {}", before);
  }
  return std::nullopt;
}

std::optional<std::string> refuse_threads(std::string_view name, std::int64_t before,
                                          std::int64_t after) {
  if (after == before) return std::nullopt;
  if (name == cleaner_threads) return refuse_cleaner_threads(before, after);
  const auto failed = [&](const std::string& why) {
    return fmt::format("Dynamic thread count update validation failed for {}={}, value {}", name,
                       after, why);
  };
  if (after <= 0) return failed("should be at least 1");
  if (after < before / 2)
    return failed(fmt::format("should be at least half the current value {}", before));
  if (after > before * 2)
    return failed(fmt::format("should not be greater than double the current value {}", before));
  return std::nullopt;
}

ConfigValues with(ConfigValues values, const ConfigChanges& changes) {
  for (const auto& [name, value] : changes) {
    if (value) values[name] = *value;
    if (!value) values.erase(name);
  }
  return values;
}

std::int64_t in_force(const ConfigLayers& layers, std::string_view name) {
  const std::string* set = find_broker_setting(layers, name);
  const auto number = set != nullptr ? parse_integer(ConfigType::int64, *set) : std::nullopt;
  return number ? *number : broker_config_integer({}, name);
}

}  // namespace

ApiError refuse_broker_values(const ConfigChanges& changes) {
  std::vector<std::string> fixed;
  for (const auto& [name, value] : changes) {
    const ConfigDefinition* definition = find_broker_config(name);
    if (definition != nullptr && definition->read_only) fixed.push_back(name);
  }
  ApiError refused = refuse_names("Cannot update these configs dynamically", fixed);
  if (refused.failed()) return refused;
  for (const auto& [name, value] : changes) {
    const ConfigDefinition* definition = find_broker_config(name);
    if (definition == nullptr || !value) continue;
    if (auto why = refusal(*definition, *value)) return refuse(*std::move(why));
  }
  return {};
}

ApiError refuse_broker_reconfiguration(const ConfigChanges& changes, const ConfigLayers& layers,
                                       bool of_all) {
  if (of_all) {
    std::vector<std::string> single;
    for (const auto& [name, value] : changes) {
      if (value && is_per_broker(name)) single.push_back(name);
    }
    ApiError refused = refuse_names(
        "Cannot update these configs at default cluster level, broker id must be specified",
        single);
    if (refused.failed()) return refused;
  }
  const ConfigValues broker = of_all ? layers.broker : with(layers.broker, changes);
  const ConfigValues all = of_all ? with(layers.default_broker, changes) : layers.default_broker;
  const ConfigLayers changed{.topic = layers.topic,
                             .broker = broker,
                             .default_broker = all,
                             .static_broker = layers.static_broker};
  for (const std::string_view name : pool_names) {
    if (!changes.contains(name)) continue;
    const auto why = refuse_threads(name, in_force(layers, name), in_force(changed, name));
    if (!why) continue;
    return refuse(fmt::format(
        "Invalid value org.apache.kafka.common.config.ConfigException: {} for configuration "
        "Invalid dynamic configuration",
        *why));
  }
  return {};
}

}  // namespace ottla::metadata
