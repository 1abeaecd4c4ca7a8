#include "engine/metadata/broker_config_change.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/broker_config_rules.h"

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
                                std::string_view("num.replica.fetchers"),
                                std::string_view("remote.log.manager.copier.thread.pool.size"),
                                std::string_view("remote.log.manager.expiration.thread.pool.size"),
                                std::string_view("remote.log.reader.threads")};

// SslConfigs.RECONFIGURABLE_CONFIGS: a listener's own, never for all listeners.
constexpr std::array per_listener_names{std::string_view("ssl.key.password"),
                                        std::string_view("ssl.keystore.certificate.chain"),
                                        std::string_view("ssl.keystore.key"),
                                        std::string_view("ssl.keystore.location"),
                                        std::string_view("ssl.keystore.password"),
                                        std::string_view("ssl.keystore.type"),
                                        std::string_view("ssl.truststore.certificates"),
                                        std::string_view("ssl.truststore.location"),
                                        std::string_view("ssl.truststore.password"),
                                        std::string_view("ssl.truststore.type")};

constexpr std::string_view reporters = "metric.reporters";
constexpr std::string_view known_reporter = "org.apache.kafka.common.metrics.JmxReporter";

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

// `kind` is the set in which Kafka keeps the names, and says so.
ApiError refuse_names(std::string_view why, const std::vector<std::string>& names,
                      std::string_view kind = "Set") {
  if (names.empty()) return {};
  return refuse(fmt::format("{}: {}({})", why, kind, fmt::join(names, ", ")));
}

std::optional<std::string> refuse_cleaner_threads(std::int64_t before, std::int64_t after) {
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

using Refusal = std::optional<std::string>;

Refusal refuse_pools(const ConfigChanges& changes, const ConfigLayers& before,
                     const ConfigLayers& after) {
  for (const std::string_view name : pool_names) {
    if (!changes.contains(name)) continue;
    if (auto why = refuse_threads(name, in_force(before, name), in_force(after, name))) return why;
  }
  return std::nullopt;
}

Refusal refuse_connection_limits(const ConfigChanges& changes, const ConfigLayers& after) {
  for (const std::string_view name : {"max.connections", "max.connection.creation.rate"}) {
    if (changes.contains(name) && in_force(after, name) <= 0)
      return fmt::format("Invalid {} {}", name, in_force(after, name));
  }
  return std::nullopt;
}

Refusal refuse_reporters(const ConfigChanges& changes) {
  const auto change = changes.find(reporters);
  if (change == changes.end() || !change->second) return std::nullopt;
  const auto names = list_items(*change->second);
  const bool all_known = std::all_of(
      names.begin(), names.end(), [](const std::string& name) { return name == known_reporter; });
  if (all_known) return std::nullopt;
  return fmt::format(
      "Validation of dynamic config update of Set({}) failed with class class "
      "kafka.server.DynamicMetricsReporters",
      reporters);
}

// What stays local of a log in tiers is part of what stays at all (DynamicLogConfig).
Refusal refuse_local_retention(std::string_view name, std::int64_t local, std::string_view whole,
                               std::int64_t all) {
  constexpr std::int64_t unlimited = -1, as_whole = -2;
  if (all == unlimited || local == as_whole) return std::nullopt;
  const auto invalid = [&](const std::string& why) {
    return fmt::format("Invalid value {} for configuration {}: {}", local, name, why);
  };
  if (local == unlimited)
    return invalid(fmt::format("Value must not be -1 as {} value is set as {}.", whole, all));
  if (local <= all) return std::nullopt;
  return invalid(fmt::format("Value must not be more than {} property value: {}", whole, all));
}

std::int64_t retention_ms(const ConfigLayers& layers) {
  const EffectiveConfig effective =
      effective_topic_config(*find_topic_config("retention.ms"), layers);
  return parse_integer(ConfigType::int64, effective.value).value_or(-1);
}

Refusal refuse_retention(const ConfigLayers& after) {
  constexpr std::string_view local_ms = "log.local.retention.ms";
  constexpr std::string_view local_bytes = "log.local.retention.bytes";
  constexpr std::string_view bytes = "log.retention.bytes";
  if (auto why = refuse_local_retention(local_ms, in_force(after, local_ms), "log.retention.ms",
                                        retention_ms(after)))
    return why;
  return refuse_local_retention(local_bytes, in_force(after, local_bytes), bytes,
                                in_force(after, bytes));
}

}  // namespace

ApiError refuse_broker_values(const ConfigChanges& changes) {
  std::vector<std::string> fixed;
  for (const auto& [name, value] : changes) {
    const ConfigDefinition* definition = find_broker_config(name);
    if (value && definition != nullptr && definition->read_only) fixed.push_back(name);
  }
  ApiError refused = refuse_names("Cannot update these configs dynamically", fixed);
  if (refused.failed()) return refused;
  std::vector<std::string> of_listeners;
  for (const auto& [name, value] : changes) {
    if (value && is_one_of(per_listener_names, name)) of_listeners.push_back(name);
  }
  refused = refuse_names(
      "These security configs can be dynamically updated only per-listener using the listener "
      "prefix",
      of_listeners, "HashSet");
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
  if (auto why = refuse_broker_settings(changed)) return refuse(*std::move(why));
  for (const Refusal& why :
       {refuse_reporters(changes), refuse_pools(changes, layers, changed),
        refuse_connection_limits(changes, changed), refuse_retention(changed)}) {
    if (!why) continue;
    return refuse(fmt::format(
        "Invalid value org.apache.kafka.common.config.ConfigException: {} for configuration "
        "Invalid dynamic configuration",
        *why));
  }
  return {};
}

}  // namespace ottla::metadata
