#include "engine/broker/data/cleaner_settings.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "engine/metadata/broker_config.h"

namespace ottla::broker {
namespace {

constexpr std::array<std::string_view, 5> reconfigurable{
    "log.cleaner.backoff.ms", "log.cleaner.dedupe.buffer.size", "log.cleaner.io.buffer.load.factor",
    "log.cleaner.io.max.bytes.per.second", "log.cleaner.threads"};

// Kafka divides the memory among its threads.
storage::OffsetMap::Limits map_limits(const metadata::ConfigValues& settings) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto threads =
      std::max<std::int64_t>(metadata::broker_config_integer(settings, "log.cleaner.threads"), 1);
  const std::int64_t memory =
      metadata::broker_config_integer(settings, "log.cleaner.dedupe.buffer.size") / threads;
  return {
      .memory_bytes = static_cast<std::size_t>(std::clamp<std::int64_t>(memory, 0, most)),
      .load_factor = metadata::broker_config_real(settings, "log.cleaner.io.buffer.load.factor")};
}

}  // namespace

CleanerSettings cleaner_settings(const BrokerConfig& config, const metadata::Image& image) {
  metadata::ConfigValues settings = config.settings;
  for (const std::string_view name : reconfigurable) {
    // The controller has checked it.
    if (auto set = metadata::dynamic_broker_config(image, config.node_id, name))
      settings.insert_or_assign(std::string(name), *std::move(set));
  }
  return {
      .enabled = metadata::broker_config_boolean(settings, "log.cleaner.enable") &&
                 metadata::broker_config_integer(settings, "log.cleaner.threads") > 0,
      .limits = map_limits(settings),
      .backoff =
          Duration::millis(metadata::broker_config_integer(settings, "log.cleaner.backoff.ms")),
      .bytes_per_s = metadata::broker_config_real(settings, "log.cleaner.io.max.bytes.per.second")};
}

}  // namespace ottla::broker
