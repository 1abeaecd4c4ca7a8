#include "engine/metadata/group_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/metadata/config_validators.h"

namespace ottla::metadata {

namespace {

using namespace valid;  // NOLINT: the words of the table.

using Synonym = ConfigDefinition::BrokerSynonym;

constexpr std::string_view isolation_levels = "read_committed,read_uncommitted";

constexpr Synonym consumer_heartbeat[] = {{"group.consumer.heartbeat.interval.ms"}};
constexpr Synonym consumer_session[] = {{"group.consumer.session.timeout.ms"}};
constexpr Synonym share_heartbeat[] = {{"group.share.heartbeat.interval.ms"}};
constexpr Synonym share_lock[] = {{"group.share.record.lock.duration.ms"}};
constexpr Synonym share_session[] = {{"group.share.session.timeout.ms"}};
constexpr Synonym streams_heartbeat[] = {{"group.streams.heartbeat.interval.ms"}};
constexpr Synonym streams_standby[] = {{"group.streams.num.standby.replicas"}};
constexpr Synonym streams_session[] = {{"group.streams.session.timeout.ms"}};

// clang-format off
constexpr std::array definitions = std::to_array<ConfigDefinition>({
  {"consumer.heartbeat.interval.ms", ConfigType::int32, "5000", at_least(1),
   "The heartbeat interval told to members of the group.", consumer_heartbeat},
  {"consumer.session.timeout.ms", ConfigType::int32, "45000", at_least(1),
   "After which silence a member leaves the group.", consumer_session},
  {"share.auto.offset.reset", ConfigType::string, "latest", offset_reset(),
   "Where a share group begins to read: latest, earliest, or by_duration: and a duration.", {}},
  {"share.heartbeat.interval.ms", ConfigType::int32, "5000", at_least(1),
   "The heartbeat interval told to members of the share group.", share_heartbeat},
  {"share.isolation.level", ConfigType::string, "read_uncommitted", one_of(isolation_levels),
   "Whether a share group reads records of transactions that are not committed.", {}},
  {"share.record.lock.duration.ms", ConfigType::int32, "30000", at_least(1000),
   "How long a record stays acquired for a member of the share group.", share_lock},
  {"share.session.timeout.ms", ConfigType::int32, "45000", at_least(1),
   "After which silence a member leaves the share group.", share_session},
  {"streams.heartbeat.interval.ms", ConfigType::int32, "5000", at_least(1),
   "The heartbeat interval told to members of the streams group.", streams_heartbeat},
  {"streams.num.standby.replicas", ConfigType::int32, "0", at_least(0),
   "How many standby replicas each task has.", streams_standby},
  {"streams.session.timeout.ms", ConfigType::int32, "45000", at_least(1),
   "After which silence a member leaves the streams group.", streams_session},
});
// clang-format on

// What a group may ask for, by configs of the brokers.
struct Bound {
  std::string_view name;
  std::string_view broker_name;
  std::int64_t broker_default;
  bool is_least;
};
// In Kafka's order.
constexpr Bound bounds[] = {
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms", 5000, true},
    {"consumer.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms", 15000, false},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms", 45000, true},
    {"consumer.session.timeout.ms", "group.consumer.max.session.timeout.ms", 60000, false},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms", 5000, true},
    {"share.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms", 15000, false},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms", 45000, true},
    {"share.session.timeout.ms", "group.share.max.session.timeout.ms", 60000, false},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms", 15000, true},
    {"share.record.lock.duration.ms", "group.share.max.record.lock.duration.ms", 60000, false},
    {"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms", 5000, true},
    {"streams.heartbeat.interval.ms", "group.streams.max.heartbeat.interval.ms", 15000, false},
    {"streams.session.timeout.ms", "group.streams.min.session.timeout.ms", 45000, true},
    {"streams.session.timeout.ms", "group.streams.max.session.timeout.ms", 60000, false},
    {"streams.num.standby.replicas", "group.streams.max.standby.replicas", 2, false},
};

constexpr std::string_view kinds[] = {"consumer", "share", "streams"};

std::int64_t number_of(std::string_view text, std::int64_t otherwise) {
  return parse_integer(ConfigType::int64, text).value_or(otherwise);
}

}  // namespace

std::span<const ConfigDefinition> group_configs() {
  return definitions;
}

const ConfigDefinition* find_group_config(std::string_view name) {
  const auto found =
      std::find_if(definitions.begin(), definitions.end(),
                   [name](const ConfigDefinition& definition) { return definition.name == name; });
  return found == definitions.end() ? nullptr : &*found;
}

std::string group_config_default(const ConfigDefinition& definition, const ConfigValues& settings) {
  for (const Synonym& synonym : definition.broker_synonyms) {
    if (const auto set = settings.find(synonym.name); set != settings.end()) return set->second;
  }
  return std::string(*definition.default_value);
}

std::optional<std::string> refuse_group_configs(const ConfigValues& values,
                                                const ConfigValues& settings) {
  for (const auto& [name, value] : values) {
    if (find_group_config(name) == nullptr) {
      return fmt::format("Unknown group config name: {}", name);
    }
  }
  for (const auto& [name, value] : values) {
    if (auto refused = refusal(*find_group_config(name), value)) return refused;
  }
  const auto value_of = [&](std::string_view name) {
    const auto own = values.find(name);
    return number_of(own != values.end() ? own->second
                                         : group_config_default(*find_group_config(name), settings),
                     0);
  };
  for (const Bound& bound : bounds) {
    const auto set = settings.find(bound.broker_name);
    const std::int64_t limit =
        set == settings.end() ? bound.broker_default : number_of(set->second, bound.broker_default);
    const std::int64_t value = value_of(bound.name);
    if (bound.is_least ? value < limit : value > limit) {
      return fmt::format("{} must be {} than or equal to {}", bound.name,
                         bound.is_least ? "greater" : "less", bound.broker_name);
    }
  }
  for (const std::string_view kind : kinds) {
    const std::string session = fmt::format("{}.session.timeout.ms", kind);
    const std::string heartbeat = fmt::format("{}.heartbeat.interval.ms", kind);
    if (value_of(session) <= value_of(heartbeat)) {
      return fmt::format("{} must be greater than {}", session, heartbeat);
    }
  }
  return std::nullopt;
}

}  // namespace ottla::metadata
