#include "engine/metadata/broker_config_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/metadata/broker_config.h"
#include "engine/metadata/config_text.h"

namespace ottla::metadata {

namespace {

using Refusal = std::optional<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view controller_listeners = "controller.listener.names";
constexpr std::string_view protocol_map = "listener.security.protocol.map";
constexpr std::string_view per_ip_overrides = "max.connections.per.ip.overrides";

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// What a broker runs with: as text, trimmed, and as a number where there is one.
std::string text_of(const ConfigLayers& layers, std::string_view name) {
  const std::string* set = find_broker_setting(layers, name);
  return std::string(trimmed(set != nullptr ? *set : broker_config_value({}, name)));
}

std::optional<std::int64_t> number_of(const ConfigLayers& layers, std::string_view name) {
  return parse_integer(ConfigType::int64, text_of(layers, name));
}

std::string requirement(std::string_view what) {
  return fmt::format("requirement failed: {}", what);
}

// "a:1,b:2" (Csv.parseCsvMap); `refused` is set where an item has no colon.
Pairs pairs_of(const ConfigLayers& layers, std::string_view name, Refusal& refused) {
  Pairs pairs;
  std::vector<std::string> items = list_items(text_of(layers, name));
  while (!items.empty() && items.back().empty()) items.pop_back();
  for (const std::string& item : items) {
    const std::size_t colon = item.rfind(':');
    if (colon == std::string::npos) {
      // What Java says of substring(0, -1).
      refused = fmt::format("Error parsing configuration property '{}': begin 0, end -1, length {}",
                            name, item.size());
      return {};
    }
    pairs.emplace_back(trimmed(std::string_view(item).substr(0, colon)),
                       trimmed(std::string_view(item).substr(colon + 1)));
  }
  return pairs;
}

Refusal refuse_ages(const ConfigLayers& layers) {
  const auto roll = number_of(layers, "log.roll.ms");
  if (roll && *roll < 1) return requirement("log.roll.ms must be greater than or equal to 1");
  const auto jitter = number_of(layers, "log.roll.jitter.ms");
  if (jitter && *jitter < 0)
    return requirement("log.roll.jitter.ms must be greater than or equal to 0");
  const auto retention = number_of(layers, "log.retention.ms");
  if (retention && *retention == 0) {
    return requirement("log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
  }
  return std::nullopt;
}

Refusal refuse_cleaner_memory(const ConfigLayers& layers) {
  constexpr std::int64_t bytes_min = 1024 * 1024;
  const std::int64_t threads = number_of(layers, "log.cleaner.threads").value_or(1);
  if (threads == 0) return "/ by zero";
  const auto bytes = number_of(layers, "log.cleaner.dedupe.buffer.size");
  if (!bytes || *bytes / threads > bytes_min) return std::nullopt;
  return requirement("log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
}

// --- listeners ---

// The security protocols by listener, or why they cannot be read.
Pairs protocols_of(const ConfigLayers& layers, Refusal& refused) {
  static constexpr std::array known{std::string_view("PLAINTEXT"), std::string_view("SSL"),
                                    std::string_view("SASL_PLAINTEXT"),
                                    std::string_view("SASL_SSL")};
  Pairs protocols = pairs_of(layers, protocol_map, refused);
  for (auto& [listener, protocol] : protocols) {
    if (std::find(known.begin(), known.end(), upper(protocol)) == known.end()) {
      refused = fmt::format("Invalid security protocol `{}` defined in {}", protocol, protocol_map);
      return {};
    }
    listener = upper(listener);
  }
  // Where nobody says otherwise, controllers listen in plain text.
  if (find_broker_setting(layers, protocol_map) == nullptr) {
    for (const std::string& name : list_items(text_of(layers, controller_listeners)))
      protocols.emplace_back(upper(name), "PLAINTEXT");
  }
  return protocols;
}

// "name://host:port"; nothing for the name of anything else.
std::optional<std::string> listener_name(std::string_view listener) {
  const std::size_t end = listener.find("://");
  const std::size_t colon = listener.rfind(':');
  if (end == std::string_view::npos || colon == end) return std::nullopt;
  std::string_view port = listener.substr(colon + 1);
  if (port.starts_with('-')) port.remove_prefix(1);
  if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return upper(std::string(listener.substr(0, end)));
}

Refusal refuse_listeners(const ConfigLayers& layers) {
  const std::string text = text_of(layers, "listeners");
  auto listeners = list_items(text);
  std::erase(listeners, std::string());
  Refusal refused;
  const Pairs protocols = protocols_of(layers, refused);
  if (refused) return refused;
  if (listeners.empty()) {
    return requirement(
        "There must be at least one broker advertised listener. Perhaps all listeners appear in "
        "controller.listener.names?");
  }
  for (const std::string& listener : listeners) {
    if (listener.find(':') == std::string::npos)
      return "Unable to parse a listener name from " + listener;
  }
  const auto has_protocol = [&protocols](const std::string& name) {
    return std::any_of(protocols.begin(), protocols.end(),
                       [&name](const auto& one) { return one.first == name; });
  };
  const auto failed = [&text](const std::string& why) {
    return fmt::format("Error creating broker listeners from '{}': {}", text, why);
  };
  for (const std::string& listener : listeners) {
    const auto name = listener_name(listener);
    if (!name) return failed(fmt::format("Unable to parse {} to a broker endpoint", listener));
    if (!has_protocol(*name)) return failed("No security protocol defined for listener " + *name);
  }
  for (const std::string& name : list_items(text_of(layers, controller_listeners))) {
    if (has_protocol(upper(name))) continue;
    return fmt::format(
        "Controller listener with name {0} defined in {1} not found in {2}  (an explicit security "
        "mapping for each controller listener is required if {2} is non-empty, or if there are "
        "security protocols other than PLAINTEXT in use)",
        name, controller_listeners, protocol_map);
  }
  return std::nullopt;
}

// --- limits of connections ---

bool is_host(std::string_view text) {
  return text.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "-%._:") == std::string_view::npos;
}

Refusal refuse_connections(const ConfigLayers& layers) {
  Refusal refused;
  const Pairs overrides = pairs_of(layers, per_ip_overrides, refused);
  if (refused) return refused;
  std::vector<std::string> invalid;
  for (const auto& [address, limit] : overrides) {
    if (!parse_integer(ConfigType::int32, limit))
      return fmt::format("For input string: \"{}\"", limit);
    if (!is_host(address)) invalid.push_back(address);
  }
  if (overrides.empty() && number_of(layers, "max.connections.per.ip") == 0) {
    return requirement(fmt::format(
        "max.connections.per.ip can be set to zero only if {} property is set.", per_ip_overrides));
  }
  if (invalid.empty()) return std::nullopt;
  return fmt::format("{} contains invalid addresses : {}", per_ip_overrides,
                     fmt::join(invalid, ","));
}

}  // namespace

std::optional<std::string> refuse_broker_settings(const ConfigLayers& layers) {
  for (const auto rule :
       {refuse_ages, refuse_cleaner_memory, refuse_listeners, refuse_connections}) {
    if (auto refused = rule(layers)) return refused;
  }
  return std::nullopt;
}

}  // namespace ottla::metadata
