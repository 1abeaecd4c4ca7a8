#include "engine/metadata/broker_config.h"

#include <algorithm>
#include <array>

#include "engine/base/assert.h"
#include "engine/metadata/config_validators.h"

namespace ottla::metadata {

namespace {

using namespace valid;  // NOLINT: the words of the table.

constexpr auto Bool = ConfigType::boolean;
constexpr auto Int = ConfigType::int32;
constexpr auto Long = ConfigType::int64;
constexpr auto Short = ConfigType::int16;
constexpr auto Double = ConfigType::float64;
constexpr auto String = ConfigType::string;
constexpr auto List = ConfigType::list;
constexpr auto none = std::nullopt;

constexpr ConfigDefinition dynamic(std::string_view name, ConfigType type,
                                   std::optional<std::string_view> by_default, Validator validator,
                                   std::string_view documentation) {
  return {name, type, by_default, validator, documentation, {}, false, false, false};
}
constexpr ConfigDefinition fixed(std::string_view name, ConfigType type,
                                 std::optional<std::string_view> by_default, Validator validator,
                                 std::string_view documentation) {
  return {name, type, by_default, validator, documentation, {}, false, true, false};
}

// clang-format off
constexpr std::array definitions = std::to_array<ConfigDefinition>({
  dynamic("advertised.listeners", List, none, any(), "The addresses that clients are told to use."),
  fixed("auto.create.topics.enable", Bool, "true", any(), "Whether a client's metadata request may create a topic."),
  fixed("auto.leader.rebalance.enable", Bool, "true", any(), "Whether preferred replicas get their leadership back by themselves."),
  dynamic("background.threads", Int, "10", at_least(1), "Threads for background tasks."),
  fixed("broker.heartbeat.interval.ms", Int, "2000", any(), "The time between heartbeats to the controller."),
  fixed("broker.id", Int, "-1", any(), "The broker's id; node.id's older name."),
  fixed("broker.rack", String, none, any(), "The broker's rack, for placement and for reading from the nearest replica."),
  fixed("broker.session.timeout.ms", Int, "9000", any(), "How long a broker may be silent before it is fenced."),
  dynamic("compression.gzip.level", Int, "-1", between(-1, 9), "The gzip level of recompressed batches."),
  dynamic("compression.lz4.level", Int, "9", between(1, 17), "The lz4 level of recompressed batches."),
  dynamic("compression.type", String, "producer", one_of("uncompressed,zstd,lz4,snappy,gzip,producer"), "The codec that batches are stored with."),
  dynamic("compression.zstd.level", Int, "3", between(-131072, 22), "The zstd level of recompressed batches."),
  fixed("connections.max.idle.ms", Long, "600000", any(), "How long an idle connection is kept."),
  fixed("controlled.shutdown.enable", Bool, "true", any(), "Whether leadership is handed over before a stop."),
  fixed("controller.listener.names", List, none, any(), "The listeners that controllers use."),
  fixed("controller.quorum.bootstrap.servers", List, "", any(), "Where the quorum is looked for."),
  fixed("controller.quorum.election.backoff.max.ms", Int, "1000", any(), "The longest wait before another election."),
  fixed("controller.quorum.election.timeout.ms", Int, "1000", any(), "How long a candidate waits for votes."),
  fixed("controller.quorum.fetch.timeout.ms", Int, "2000", any(), "How long a follower goes without a leader's answer before it looks for another."),
  fixed("controller.quorum.request.timeout.ms", Int, "2000", any(), "How long a request of the quorum may take."),
  fixed("controller.quorum.retry.backoff.ms", Int, "20", any(), "The wait before a failed request of the quorum is tried again."),
  fixed("controller.quorum.voters", List, "", any(), "The voters, as id@host:port."),
  fixed("default.replication.factor", Int, "1", any(), "The replication factor of topics created without one."),
  fixed("delete.topic.enable", Bool, "true", any(), "Whether topics may be deleted."),
  fixed("fetch.max.bytes", Int, "57671680", at_least(1024), "The most bytes that one fetch gets."),
  fixed("fetch.purgatory.purge.interval.requests", Int, "1000", any(), "After how many finished fetches the waiting ones are tidied."),
  fixed("group.consumer.assignors", List, "uniform,range", any(), "The assignors of consumer groups, the first by default."),
  fixed("group.consumer.heartbeat.interval.ms", Int, "5000", at_least(1), "The heartbeat interval told to members of consumer groups."),
  fixed("group.consumer.max.size", Int, "2147483647", at_least(1), "The most members of a consumer group."),
  fixed("group.consumer.session.timeout.ms", Int, "45000", at_least(1), "After which silence a member of a consumer group is gone."),
  fixed("group.coordinator.rebalance.protocols", List, "classic,consumer,streams", list_of("classic,consumer,share,streams"), "The group protocols that are served."),
  fixed("group.initial.rebalance.delay.ms", Int, "3000", any(), "How long the first rebalance of an empty group waits for more members."),
  fixed("group.max.session.timeout.ms", Int, "1800000", any(), "The longest session timeout a member may ask for."),
  fixed("group.max.size", Int, "2147483647", at_least(1), "The most members of a classic group."),
  fixed("group.min.session.timeout.ms", Int, "6000", any(), "The shortest session timeout a member may ask for."),
  fixed("initial.broker.registration.timeout.ms", Int, "60000", any(), "How long a starting broker tries to register."),
  fixed("inter.broker.listener.name", String, none, any(), "The listener that brokers use among themselves."),
  fixed("leader.imbalance.check.interval.seconds", Long, "300", at_least(1), "How often the controller gives leadership back to preferred replicas."),
  fixed("leader.imbalance.per.broker.percentage", Int, "10", any(), "The share of a broker's partitions that may be led elsewhere."),
  dynamic("listener.security.protocol.map", String, "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", any(), "Which security protocol each listener speaks."),
  dynamic("listeners", List, "PLAINTEXT://:9092", any(), "The addresses this broker listens on."),
  dynamic("log.cleaner.backoff.ms", Long, "15000", at_least(0), "How long the cleaner sleeps when nothing is to be done."),
  dynamic("log.cleaner.dedupe.buffer.size", Long, "134217728", any(), "The memory of the cleaner's key map."),
  dynamic("log.cleaner.delete.retention.ms", Long, "86400000", at_least(0), "How long compacted logs keep tombstones."),
  fixed("log.cleaner.enable", Bool, "true", any(), "Whether logs are compacted."),
  dynamic("log.cleaner.io.buffer.load.factor", Double, "0.9", any(), "How full the cleaner's key map may be; fuller cleans more at once and looks keys up more slowly."),
  dynamic("log.cleaner.io.buffer.size", Int, "524288", at_least(0), "The memory of the cleaner's reading and writing."),
  dynamic("log.cleaner.io.max.bytes.per.second", Double, "1.7976931348623157E308", any(), "The most that the cleaner reads and writes in a second."),
  dynamic("log.cleaner.max.compaction.lag.ms", Long, "9223372036854775807", at_least(1), "The longest a record stays uncompacted."),
  dynamic("log.cleaner.min.cleanable.ratio", Double, "0.5", between(0, 1), "The uncompacted share that makes a log worth cleaning."),
  dynamic("log.cleaner.min.compaction.lag.ms", Long, "0", at_least(0), "The shortest time a record stays uncompacted."),
  dynamic("log.cleaner.threads", Int, "1", at_least(0), "Threads that compact."),
  dynamic("log.cleanup.policy", List, "delete", list_of("compact,delete"), "What becomes of old segments."),
  fixed("log.dir", String, "/tmp/kafka-logs", any(), "The folder of the logs."),
  fixed("log.dirs", String, none, any(), "The folders of the logs."),
  dynamic("log.flush.interval.messages", Long, "9223372036854775807", at_least(1), "Forces a sync after this many records."),
  dynamic("log.flush.interval.ms", Long, none, any(), "Forces a sync after this time."),
  fixed("log.flush.offset.checkpoint.interval.ms", Int, "60000", at_least(0), "How often the recovery point is written down."),
  fixed("log.flush.scheduler.interval.ms", Long, "9223372036854775807", any(), "How often logs are looked at for syncing."),
  fixed("log.flush.start.offset.checkpoint.interval.ms", Int, "60000", at_least(0), "How often log start offsets are written down."),
  dynamic("log.index.interval.bytes", Int, "4096", at_least(0), "Bytes between two entries of the offset index."),
  dynamic("log.index.size.max.bytes", Int, "10485760", at_least(4), "The size of an offset index."),
  dynamic("log.local.retention.bytes", Long, "-2", at_least(-2), "With tiered storage, how much stays local."),
  dynamic("log.local.retention.ms", Long, "-2", at_least(-2), "With tiered storage, how long segments stay local."),
  dynamic("log.message.timestamp.after.max.ms", Long, "3600000", at_least(0), "How far timestamps may lie ahead."),
  dynamic("log.message.timestamp.before.max.ms", Long, "9223372036854775807", at_least(0), "How far timestamps may lie behind."),
  dynamic("log.message.timestamp.type", String, "CreateTime", one_of("CreateTime,LogAppendTime"), "Whose time a record carries."),
  dynamic("log.preallocate", Bool, "false", any(), "Whether segments are allocated at their full size."),
  dynamic("log.retention.bytes", Long, "-1", any(), "The size up to which a partition keeps old segments."),
  fixed("log.retention.check.interval.ms", Long, "300000", at_least(1), "How often retention is looked at."),
  fixed("log.retention.hours", Int, "168", any(), "The age up to which segments are kept, in hours."),
  fixed("log.retention.minutes", Int, none, any(), "The age up to which segments are kept, in minutes."),
  dynamic("log.retention.ms", Long, none, any(), "The age up to which segments are kept, in milliseconds."),
  fixed("log.roll.hours", Int, "168", at_least(1), "The time after which a segment rolls, in hours."),
  fixed("log.roll.jitter.hours", Int, "0", at_least(0), "The most taken from log.roll.hours at random."),
  dynamic("log.roll.jitter.ms", Long, none, any(), "The most taken from log.roll.ms at random."),
  dynamic("log.roll.ms", Long, none, any(), "The time after which a segment rolls, in milliseconds."),
  dynamic("log.segment.bytes", Int, "1073741824", at_least(1024 * 1024), "The size of a segment."),
  dynamic("log.segment.delete.delay.ms", Long, "60000", at_least(0), "How long a segment's file stays after it left the log."),
  dynamic("max.connection.creation.rate", Int, "2147483647", at_least(0), "The most new connections a second."),
  dynamic("max.connections", Int, "2147483647", at_least(0), "The most connections at a time."),
  dynamic("max.connections.per.ip", Int, "2147483647", at_least(0), "The most connections of one address."),
  fixed("max.incremental.fetch.session.cache.slots", Int, "1000", at_least(0), "How many fetch sessions are kept."),
  dynamic("message.max.bytes", Int, "1048588", at_least(0), "The largest batch that is accepted."),
  fixed("metadata.log.dir", String, none, any(), "The folder of the metadata log."),
  fixed("metadata.log.max.record.bytes.between.snapshots", Long, "20971520", at_least(1), "How much is added to the metadata log between two snapshots."),
  fixed("metadata.log.max.snapshot.interval.ms", Long, "3600000", at_least(0), "The longest time between two snapshots of the metadata log; 0 is none."),
  fixed("metadata.log.segment.bytes", Int, "1073741824", at_least(8 * 1024 * 1024), "The size of a segment of the metadata log."),
  fixed("metadata.max.idle.interval.ms", Int, "500", at_least(0), "How often an idle controller writes a record, so that staleness shows; 0 is never."),
  fixed("metadata.max.retention.bytes", Long, "104857600", at_least(-1), "How much of the metadata log and its snapshots is kept."),
  fixed("metadata.max.retention.ms", Long, "604800000", at_least(-1), "How long the metadata log and its snapshots are kept."),
  dynamic("min.insync.replicas", Int, "1", at_least(1), "With acks=all, how many replicas must have a write."),
  fixed("node.id", Int, none, at_least(0), "The node's id."),
  dynamic("num.io.threads", Int, "8", at_least(1), "Threads that handle requests."),
  dynamic("num.network.threads", Int, "3", at_least(1), "Threads that read and write sockets."),
  fixed("num.partitions", Int, "1", at_least(1), "The partitions of topics created without a count."),
  dynamic("num.recovery.threads.per.data.dir", Int, "2", at_least(1), "Threads that recover logs at start."),
  dynamic("num.replica.fetchers", Int, "1", any(), "Fetchers for each leader."),
  fixed("offset.metadata.max.bytes", Int, "4096", any(), "The largest metadata of a committed offset."),
  fixed("offsets.commit.timeout.ms", Int, "5000", at_least(1), "How long a commit may wait for its replicas."),
  fixed("offsets.retention.check.interval.ms", Long, "600000", at_least(1), "How often stale offsets are looked for."),
  fixed("offsets.retention.minutes", Int, "10080", at_least(1), "How long the offsets of an empty group are kept."),
  fixed("offsets.topic.num.partitions", Int, "50", at_least(1), "The partitions of __consumer_offsets."),
  fixed("offsets.topic.replication.factor", Short, "3", at_least(1), "The replication factor of __consumer_offsets."),
  fixed("offsets.topic.segment.bytes", Int, "104857600", at_least(1), "The segment size of __consumer_offsets."),
  fixed("process.roles", List, none, list_of("broker,controller"), "What this node is."),
  dynamic("producer.id.expiration.ms", Int, "86400000", at_least(1), "How long an idle producer id is remembered."),
  fixed("producer.purgatory.purge.interval.requests", Int, "1000", any(), "After how many finished produces the waiting ones are tidied."),
  fixed("queued.max.requests", Int, "500", at_least(1), "Requests waiting before reading stops."),
  fixed("replica.fetch.backoff.ms", Int, "1000", at_least(0), "The wait after a failed fetch."),
  fixed("replica.fetch.max.bytes", Int, "1048576", at_least(0), "The bytes a follower asks of one partition."),
  fixed("replica.fetch.min.bytes", Int, "1", any(), "The bytes a follower's fetch waits for."),
  fixed("replica.fetch.response.max.bytes", Int, "10485760", at_least(0), "The bytes a follower asks for in all."),
  fixed("replica.fetch.wait.max.ms", Int, "500", any(), "How long a follower's fetch waits."),
  fixed("replica.high.watermark.checkpoint.interval.ms", Long, "5000", any(), "How often high watermarks are written down."),
  fixed("replica.lag.time.max.ms", Long, "30000", any(), "How long a follower may lag before it leaves the in-sync replicas."),
  fixed("replica.selector.class", String, none, any(), "Who chooses the replica that a consumer reads from."),
  fixed("replica.socket.timeout.ms", Int, "30000", any(), "How long a request between brokers may take."),
  fixed("request.timeout.ms", Int, "30000", any(), "How long a request of this broker's may take."),
  fixed("socket.request.max.bytes", Int, "104857600", at_least(1), "The largest request that is read."),
  fixed("transaction.abort.timed.out.transaction.cleanup.interval.ms", Int, "10000", at_least(1), "How often timed out transactions are looked for."),
  fixed("transaction.max.timeout.ms", Int, "900000", at_least(1), "The longest transaction timeout."),
  fixed("transaction.state.log.min.isr", Int, "2", at_least(1), "min.insync.replicas of __transaction_state."),
  fixed("transaction.state.log.num.partitions", Int, "50", at_least(1), "The partitions of __transaction_state."),
  fixed("transaction.state.log.replication.factor", Short, "3", at_least(1), "The replication factor of __transaction_state."),
  fixed("transaction.state.log.segment.bytes", Int, "104857600", at_least(1), "The segment size of __transaction_state."),
  fixed("transactional.id.expiration.ms", Int, "604800000", at_least(1), "How long an idle transactional id is kept."),
  dynamic("unclean.leader.election.enable", Bool, "false", any(), "Whether a replica out of sync may lead when no other can."),
});
// clang-format on

}  // namespace

std::span<const ConfigDefinition> broker_configs() {
  return definitions;
}

const ConfigDefinition* find_broker_config(std::string_view name) {
  const auto found = std::lower_bound(
      definitions.begin(), definitions.end(), name,
      [](const ConfigDefinition& definition, std::string_view of) { return definition.name < of; });
  return found != definitions.end() && found->name == name ? &*found : nullptr;
}

std::string broker_config_value(const ConfigValues& settings, std::string_view name) {
  if (const auto set = settings.find(name); set != settings.end()) return set->second;
  const ConfigDefinition* definition = find_broker_config(name);
  if (definition == nullptr || !definition->default_value) return {};
  return std::string(*definition->default_value);
}

std::int64_t broker_config_integer(const ConfigValues& settings, std::string_view name) {
  const auto number = parse_integer(ConfigType::int64, broker_config_value(settings, name));
  OTTLA_ASSERT(number.has_value());
  return *number;
}

double broker_config_real(const ConfigValues& settings, std::string_view name) {
  const auto number = parse_real(broker_config_value(settings, name));
  OTTLA_ASSERT(number.has_value());
  return *number;
}

bool broker_config_boolean(const ConfigValues& settings, std::string_view name) {
  const auto truth = parse_boolean(broker_config_value(settings, name));
  OTTLA_ASSERT(truth.has_value());
  return *truth;
}

}  // namespace ottla::metadata
