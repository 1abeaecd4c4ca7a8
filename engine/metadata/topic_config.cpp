#include "engine/metadata/topic_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/metadata/config_validators.h"

namespace ottla::metadata {

namespace {

using namespace valid;  // NOLINT: the words of the table.

using Synonym = ConfigDefinition::BrokerSynonym;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t minute_ms = 60'000;

// ServerTopicConfigSynonyms: in the order in which the broker's names count.
constexpr Synonym cleanup_policy[] = {{"log.cleanup.policy"}};
constexpr Synonym compression_gzip[] = {{"compression.gzip.level"}};
constexpr Synonym compression_lz4[] = {{"compression.lz4.level"}};
constexpr Synonym compression_zstd[] = {{"compression.zstd.level"}};
constexpr Synonym compression_type[] = {{"compression.type"}};
constexpr Synonym delete_retention[] = {{"log.cleaner.delete.retention.ms"}};
constexpr Synonym file_delete_delay[] = {{"log.segment.delete.delay.ms"}};
constexpr Synonym flush_messages[] = {{"log.flush.interval.messages"}};
constexpr Synonym flush_ms[] = {{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}};
constexpr Synonym index_interval[] = {{"log.index.interval.bytes"}};
constexpr Synonym local_retention_bytes[] = {{"log.local.retention.bytes"}};
constexpr Synonym local_retention_ms[] = {{"log.local.retention.ms"}};
constexpr Synonym max_compaction_lag[] = {{"log.cleaner.max.compaction.lag.ms"}};
constexpr Synonym max_message[] = {{"message.max.bytes"}};
constexpr Synonym timestamp_after[] = {{"log.message.timestamp.after.max.ms"}};
constexpr Synonym timestamp_before[] = {{"log.message.timestamp.before.max.ms"}};
constexpr Synonym timestamp_type[] = {{"log.message.timestamp.type"}};
constexpr Synonym dirty_ratio[] = {{"log.cleaner.min.cleanable.ratio"}};
constexpr Synonym min_compaction_lag[] = {{"log.cleaner.min.compaction.lag.ms"}};
constexpr Synonym min_isr[] = {{"min.insync.replicas"}};
constexpr Synonym preallocate[] = {{"log.preallocate"}};
constexpr Synonym retention_bytes[] = {{"log.retention.bytes"}};
constexpr Synonym retention_ms[] = {
    {"log.retention.ms"}, {"log.retention.minutes", minute_ms}, {"log.retention.hours", hour_ms}};
constexpr Synonym segment_bytes[] = {{"log.segment.bytes"}};
constexpr Synonym segment_index[] = {{"log.index.size.max.bytes"}};
constexpr Synonym segment_jitter[] = {{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", hour_ms}};
constexpr Synonym segment_ms[] = {{"log.roll.ms"}, {"log.roll.hours", hour_ms}};
constexpr Synonym unclean[] = {{"unclean.leader.election.enable"}};

// clang-format off
constexpr std::array definitions = std::to_array<ConfigDefinition>({
  {"cleanup.policy", ConfigType::list, "delete", list_of("compact,delete"),
   "What becomes of old segments: delete by age or size, compact to the last value of each key, or both.", cleanup_policy},
  {"compression.gzip.level", ConfigType::int32, "-1", level(1, 9),
   "The gzip level used where this topic's batches are recompressed.", compression_gzip},
  {"compression.lz4.level", ConfigType::int32, "9", between(1, 17),
   "The lz4 level used where this topic's batches are recompressed.", compression_lz4},
  {"compression.type", ConfigType::string, "producer", one_of("uncompressed,zstd,lz4,snappy,gzip,producer"),
   "The codec that batches are stored with; producer keeps the producer's own.", compression_type},
  {"compression.zstd.level", ConfigType::int32, "3", between(-131072, 22),
   "The zstd level used where this topic's batches are recompressed.", compression_zstd},
  {"delete.retention.ms", ConfigType::int64, "86400000", at_least(0),
   "How long a compacted log keeps tombstones, so that readers from the start still see the deletes.", delete_retention},
  {"file.delete.delay.ms", ConfigType::int64, "60000", at_least(0),
   "How long a segment's file stays after it left the log.", file_delete_delay},
  {"flush.messages", ConfigType::int64, "9223372036854775807", at_least(1),
   "Forces a sync after this many records; replication is what durability usually rests on.", flush_messages},
  {"flush.ms", ConfigType::int64, "9223372036854775807", at_least(0),
   "Forces a sync after this time.", flush_ms},
  {"follower.replication.throttled.replicas", ConfigType::list, "", throttled_replicas(),
   "Replicas whose fetching is throttled: partition:broker pairs, or * for all.", {}},
  {"index.interval.bytes", ConfigType::int32, "4096", at_least(0),
   "How many bytes of log lie between two entries of the offset index.", index_interval},
  {"internal.segment.bytes", ConfigType::int32, std::nullopt, at_least(14),
   "The size of a segment without the lower bound of segment.bytes, for tests.", {}, false, false, true},
  {"leader.replication.throttled.replicas", ConfigType::list, "", throttled_replicas(),
   "Replicas whose leader's sending is throttled: partition:broker pairs, or * for all.", {}},
  {"local.retention.bytes", ConfigType::int64, "-2", at_least(-2),
   "With tiered storage, how much of a partition stays local; -2 takes retention.bytes.", local_retention_bytes},
  {"local.retention.ms", ConfigType::int64, "-2", at_least(-2),
   "With tiered storage, how long segments stay local; -2 takes retention.ms.", local_retention_ms},
  {"max.compaction.lag.ms", ConfigType::int64, "9223372036854775807", at_least(1),
   "The longest a record may stay uncompacted.", max_compaction_lag},
  {"max.message.bytes", ConfigType::int32, "1048588", at_least(0),
   "The largest batch that is accepted.", max_message},
  {"message.timestamp.after.max.ms", ConfigType::int64, "3600000", at_least(0),
   "How far a record's timestamp may lie after the broker's clock.", timestamp_after},
  {"message.timestamp.before.max.ms", ConfigType::int64, "9223372036854775807", at_least(0),
   "How far a record's timestamp may lie before the broker's clock.", timestamp_before},
  {"message.timestamp.type", ConfigType::string, "CreateTime", one_of("CreateTime,LogAppendTime"),
   "Whether a record's timestamp is the producer's or the time of its append.", timestamp_type},
  {"min.cleanable.dirty.ratio", ConfigType::float64, "0.5", between(0, 1),
   "How large a share of the log must be uncompacted before the cleaner takes it.", dirty_ratio},
  {"min.compaction.lag.ms", ConfigType::int64, "0", at_least(0),
   "The shortest time a record stays uncompacted.", min_compaction_lag},
  {"min.insync.replicas", ConfigType::int32, "1", at_least(1),
   "With acks=all, how many replicas must have a write before it is acknowledged.", min_isr},
  {"preallocate", ConfigType::boolean, "false", any(),
   "Whether a new segment's file is allocated at its full size.", preallocate},
  {"remote.log.copy.disable", ConfigType::boolean, "false", any(),
   "With tiered storage, stops copying to the remote tier.", {}},
  {"remote.log.delete.on.disable", ConfigType::boolean, "false", any(),
   "Whether disabling tiered storage deletes what is in the remote tier.", {}},
  {"remote.storage.enable", ConfigType::boolean, "false", any(),
   "Whether the topic uses tiered storage.", {}},
  {"retention.bytes", ConfigType::int64, "-1", any(),
   "The size up to which a partition keeps old segments; -1 is no limit.", retention_bytes},
  {"retention.ms", ConfigType::int64, "604800000", at_least(-1),
   "The age up to which segments are kept; -1 is no limit.", retention_ms},
  {"segment.bytes", ConfigType::int32, "1073741824", at_least(1024 * 1024),
   "The size of a segment's file.", segment_bytes},
  {"segment.index.bytes", ConfigType::int32, "10485760", at_least(4),
   "The size of the offset index of a segment.", segment_index},
  {"segment.jitter.ms", ConfigType::int64, "0", at_least(0),
   "The most that is taken from segment.ms at random, so that segments do not all roll at once.", segment_jitter},
  {"segment.ms", ConfigType::int64, "604800000", at_least(1),
   "The time after which a segment rolls even if it is not full.", segment_ms},
  {"unclean.leader.election.enable", ConfigType::boolean, "false", any(),
   "Whether a replica out of sync may lead when no other can, at the price of lost records.", unclean},
});
// clang-format on

std::optional<std::string> value_in(const ConfigValues& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

// The broker's value in the topic's unit.
std::string converted(const Synonym& synonym, const std::string& value) {
  if (synonym.to_topic_unit == 1) return value;
  const auto number = parse_integer(ConfigType::int64, value);
  return number ? fmt::format("{}", *number * synonym.to_topic_unit) : value;
}

}  // namespace

std::span<const ConfigDefinition> topic_configs() {
  return definitions;
}

const ConfigDefinition* find_topic_config(std::string_view name) {
  const auto found = std::lower_bound(
      definitions.begin(), definitions.end(), name,
      [](const ConfigDefinition& definition, std::string_view of) { return definition.name < of; });
  return found != definitions.end() && found->name == name ? &*found : nullptr;
}

const std::string* find_broker_setting(const ConfigLayers& layers, std::string_view name) {
  for (const auto* layer : {&layers.broker, &layers.default_broker, &layers.static_broker}) {
    if (const auto set = layer->find(name); set != layer->end()) return &set->second;
  }
  return nullptr;
}

EffectiveConfig effective_topic_config(const ConfigDefinition& definition,
                                       const ConfigLayers& layers) {
  if (const auto own = value_in(layers.topic, definition.name))
    return {*own, ConfigSource::dynamic_topic};
  const std::pair<const ConfigValues&, ConfigSource> broker_layers[] = {
      {layers.broker, ConfigSource::dynamic_broker},
      {layers.default_broker, ConfigSource::dynamic_default_broker},
      {layers.static_broker, ConfigSource::static_broker}};
  for (const auto& [values, source] : broker_layers) {
    for (const Synonym& synonym : definition.broker_synonyms) {
      if (const auto value = value_in(values, synonym.name))
        return {converted(synonym, *value), source};
    }
  }
  return {std::string(definition.default_value.value_or("")), ConfigSource::default_value};
}

std::string topic_config_value(const Image& image, std::string_view topic, std::string_view name,
                               BrokerId broker, const ConfigValues& static_broker) {
  const ConfigDefinition* definition = find_topic_config(name);
  if (definition == nullptr) return {};
  const ConfigResource of_broker{ConfigResourceType::broker, fmt::format("{}", broker.value())};
  const ConfigLayers layers{image.configs({ConfigResourceType::topic, std::string(topic)}),
                            image.configs(of_broker),
                            image.configs({ConfigResourceType::broker, ""}), static_broker};
  return understood(*definition, effective_topic_config(*definition, layers).value);
}

std::optional<std::string> refuse_topic_configs(const ConfigValues& values) {
  for (const auto& [name, value] : values) {
    const ConfigDefinition* definition = find_topic_config(name);
    if (definition == nullptr) return fmt::format("Unknown topic config name: {}", name);
    if (auto refused = refusal(*definition, value)) return refused;
  }
  // LogConfig.validateValues: what holds between two of them.
  const auto number = [&values](std::string_view name) {
    const ConfigDefinition& definition = *find_topic_config(name);
    const auto own = value_in(values, name);
    return parse_integer(definition.type, own ? std::string_view(*own) : *definition.default_value);
  };
  const auto min_lag = number("min.compaction.lag.ms");
  const auto max_lag = number("max.compaction.lag.ms");
  if (min_lag && max_lag && *min_lag > *max_lag) {
    return fmt::format(
        "conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
        *min_lag, *max_lag);
  }
  const auto remote = value_in(values, "remote.storage.enable");
  if (remote && parse_boolean(*remote) == true) {
    return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured "
           "with remote log storage.";
  }
  return std::nullopt;
}

}  // namespace ottla::metadata
