// The part of Replicas that opens, creates, leads, follows and deletes partitions as the metadata
// log says.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/broker/data/replicas.h"
#include "engine/metadata/topic_config.h"
#include "engine/metadata/topic_name.h"
#include "engine/storage/partition_folder.h"

namespace ottla::broker {
namespace {

// Added to any time on a clock it is still a time.
constexpr Duration ages = Duration::seconds(std::int64_t{1} << 40);

std::optional<Duration> millis_or_never(std::int64_t value) {
  // -1, and what cannot be counted in microseconds, is without limit.
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1000;
  return value < 0 || value > most ? std::nullopt : std::optional(Duration::millis(value));
}

}  // namespace

std::int64_t Replicas::topic_integer(const std::string& topic, std::string_view name) const {
  return metadata::parse_integer(metadata::ConfigType::int64, topic_value(topic, name)).value_or(0);
}

std::string Replicas::topic_value(const std::string& topic, std::string_view name) const {
  return metadata::topic_config_value(image_, topic, name, config_.node_id, config_.settings);
}

storage::LogConfig Replicas::log_config_of(const std::string& topic) const {
  const auto duration = [&](std::string_view name) {
    return millis_or_never(topic_integer(topic, name));
  };
  const std::string policy = topic_value(topic, "cleanup.policy");
  storage::LogConfig log;
  log.delete_old = policy.find("delete") != std::string::npos;
  log.compact = policy.find("compact") != std::string::npos;
  log.segment_bytes = static_cast<std::uint32_t>(topic_integer(topic, "segment.bytes"));
  log.segment_time = duration("segment.ms").value_or(ages);
  log.index_interval_bytes =
      static_cast<std::uint32_t>(topic_integer(topic, "index.interval.bytes"));
  log.index_bytes_max = static_cast<std::uint32_t>(topic_integer(topic, "segment.index.bytes"));
  log.retention_time = duration("retention.ms");
  const std::int64_t retention_bytes = topic_integer(topic, "retention.bytes");
  if (retention_bytes >= 0) log.retention_bytes = static_cast<std::uint64_t>(retention_bytes);
  log.timestamp_type = topic_value(topic, "message.timestamp.type") == "LogAppendTime"
                           ? protocol::TimestampType::log_append_time
                           : protocol::TimestampType::create_time;
  log.delete_retention = std::min(duration("delete.retention.ms").value_or(ages), ages);
  log.min_compaction_lag = std::min(duration("min.compaction.lag.ms").value_or(ages), ages);
  log.max_compaction_lag = duration("max.compaction.lag.ms");
  log.min_cleanable_ratio =
      metadata::parse_real(topic_value(topic, "min.cleanable.dirty.ratio")).value_or(1.0);
  // What has waited that long can only be compacted once it is not in the active segment.
  if (log.compact && log.max_compaction_lag)
    log.segment_time = std::min(log.segment_time, *log.max_compaction_lag);
  log.producer_expiration = producer_expiration();
  return log;
}

Duration Replicas::producer_expiration() const {
  constexpr std::string_view name = "producer.id.expiration.ms";
  if (const auto set = metadata::dynamic_broker_config(image_, config_.node_id, name)) {
    const auto ms = metadata::parse_integer(metadata::ConfigType::int32, *set);
    if (ms) return Duration::millis(*ms);
  }
  return config_.millis(name);
}

const Replicas::TopicRules& Replicas::rules_of(const std::string& topic) {
  const auto at = rules_.find(topic);
  if (at != rules_.end()) return at->second;
  TopicRules rules;
  rules.message_bytes_max = static_cast<std::size_t>(topic_integer(topic, "max.message.bytes"));
  rules.min_insync = static_cast<std::int32_t>(topic_integer(topic, "min.insync.replicas"));
  const std::string codec = topic_value(topic, "compression.type");
  rules.codec = protocol::compression_of_type(codec);
  if (codec == "gzip" || codec == "lz4" || codec == "zstd") {
    rules.codec_level =
        static_cast<int>(topic_integer(topic, fmt::format("compression.{}.level", codec)));
  }
  rules.timestamp_before_max =
      millis_or_never(topic_integer(topic, "message.timestamp.before.max.ms"));
  rules.timestamp_after_max =
      millis_or_never(topic_integer(topic, "message.timestamp.after.max.ms"));
  rules.log = log_config_of(topic);
  if (rules.log.timestamp_type == protocol::TimestampType::log_append_time) {
    rules.timestamp_before_max.reset();
    rules.timestamp_after_max.reset();
  }
  return rules_.emplace(topic, rules).first->second;
}

void Replicas::load() {
  const Instant now = env_.clock.now();
  next_laggard_check_ = now + config_.millis("replica.lag.time.max.ms") / 2;
  next_checkpoint_ = now + config_.millis("replica.high.watermark.checkpoint.interval.ms");
  next_retention_ = now + Duration::seconds(30);  // log.initial.task.delay.ms
  cleaner_.load();
  for (LogDirectory* directory : directories_.online()) directory->load_checkpoints();
  check_folders();
  find_futures();
}

void Replicas::apply(const metadata::ImageDelta& delta) {
  for (const auto& [id, deleted] : delta.deleted_topics) {
    for (const PartitionIndex index : deleted.partitions) remove(PartitionKey{id, index});
    rules_.erase(deleted.name);
  }
  for (const std::string& topic : delta.changed_topic_configs) refresh_rules(topic);
  if (delta.broker_configs_changed) {
    for (const auto& [name, id] : image_.topic_ids()) refresh_rules(name);
    cleaner_.reconfigure();
  }
  for (const auto& [id, indexes] : delta.changed_partitions) {
    const metadata::Topic* topic = image_.topic(id);
    if (topic == nullptr) continue;
    for (const PartitionIndex index : indexes) {
      const auto at = topic->partitions.find(index);
      if (at != topic->partitions.end()) assign(PartitionKey{id, index}, topic->name, at->second);
    }
  }
  // A leader may learn here that a follower is no longer eligible to join.
  if (!delta.changed_brokers.empty()) {
    for (const auto& [key, replica] : replicas_) {
      if (replica->leader() != nullptr &&
          replica->leader()->advance_high_watermark(env_.clock.now(), *this)) {
        after_leader_watermark(*replica);
      }
    }
  }
}

void Replicas::refresh_rules(const std::string& topic) {
  rules_.erase(topic);
  const TopicRules& rules = rules_of(topic);
  for (const auto& [key, replica] : replicas_) {
    if (replica->topic() != topic) continue;
    replica->log().set_config(rules.log);
    if (replica->leader() != nullptr) replica->leader()->set_min_insync_replicas(rules.min_insync);
  }
}

void Replicas::assign(const PartitionKey& key, const std::string& topic,
                      const metadata::Partition& partition) {
  if (!metadata::contains(partition.replicas, config_.node_id)) return remove(key);
  Replica* replica = find(key);
  // What went offline stays so until the broker starts again.
  if (replica == nullptr && offline_.count(key) == 0) replica = open(key, topic, partition);
  if (replica == nullptr) return;
  note_misplaced(*replica, metadata::directory_of(partition, config_.node_id));
  if (partition.leader == config_.node_id) {
    lead(*replica, partition);
  } else {
    follow(*replica, partition);
  }
}

Replica* Replicas::open(const PartitionKey& key, const std::string& topic,
                        const metadata::Partition& partition) {
  const storage::TopicPartition name{topic, key.index};
  LogDirectory* directory =
      directory_for(key, name, metadata::directory_of(partition, config_.node_id));
  if (directory == nullptr) return nullptr;
  if (const auto claimed = claim_folder(*directory, name, key.topic); !claimed) {
    give_up(*directory, key, topic, claimed.error());
    return nullptr;
  }
  const LogDirectory::Checkpoints& known = directory->checkpoints();
  const auto known_of = [&name](const storage::OffsetCheckpoint& offsets) {
    const auto at = offsets.find(name);
    return at == offsets.end() ? Offset{0} : std::max(Offset{0}, at->second);
  };
  storage::LoadReport report;
  const storage::LogOpening opening{.now = env_.clock.now(),
                                    .clean_shutdown = directory->was_closed_cleanly(),
                                    .recovery_point = known_of(known.recovery),
                                    .log_start = known_of(known.starts),
                                    .cleaned_to = known_of(directory->cleaned()),
                                    .report = &report};
  auto log = storage::Log::open(directory->disk(), storage::folder_name(name), rules_of(topic).log,
                                opening);
  tell_damage(*directory, report);
  if (!log) {
    give_up(*directory, key, topic,
            fmt::format("Error while loading log dir {}: {}", directory->path(),
                        report.refusal.empty() ? storage::message(log.error()) : report.refusal));
    return nullptr;
  }
  if (const Offset watermark = known_of(known.watermarks); log->log_end() < watermark) {
    env_.probe.tell(probe::Noted{
        probe::Noted::Level::warning,
        fmt::format("{} ends at offset {}, below its high watermark {}: what was committed in "
                    "between is not on this broker any more",
                    storage::folder_name(name), log->log_end().value(), watermark.value())});
  }
  auto replica = std::make_unique<Replica>(key, topic, *directory, *std::move(log),
                                           known_of(known.watermarks));
  Replica* opened = replicas_.emplace(key, std::move(replica)).first->second.get();
  resume_move(*opened);
  return opened;
}

void Replicas::report_offline(const PartitionKey& key, const std::string& topic,
                              std::string_view why) {
  offline_[key] = std::string(why);
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::error,
                   fmt::format("{}-{} cannot be opened: {}", topic, key.index.value(), why)});
}

void Replicas::give_up(LogDirectory& directory, const PartitionKey& key, const std::string& topic,
                       const std::string& why) {
  report_offline(key, topic, why);
  directory.give_up(why);
}

void Replicas::tell_damage(const LogDirectory& directory, const storage::LoadReport& report) {
  for (const std::string& each : report.repairs) {
    env_.probe.tell(probe::Noted{probe::Noted::Level::warning,
                                 fmt::format("In {}: {}", directory.path(), each)});
  }
}

void Replicas::lead(Replica& replica, const metadata::Partition& partition) {
  const replication::Leadership leadership{.leader_epoch = partition.leader_epoch,
                                           .partition_epoch = partition.partition_epoch,
                                           .replicas = partition.replicas,
                                           .isr = partition.isr};
  note_moved(replica);
  if (replica.leader() != nullptr && replica.leader_epoch() == partition.leader_epoch) {
    replica.leader()->adopt(leadership);
    proposals_.erase(replica.key());
    if (replica.leader()->advance_high_watermark(env_.clock.now(), *this))
      after_leader_watermark(replica);
    return;
  }
  if (!replica.log().assign_epoch(partition.leader_epoch, replica.log_end())) {
    return report_offline(replica.key(), replica.topic(), "its leader epochs cannot be written");
  }
  replica.become_leader({.self = config_.node_id,
                         .lag_time_max = config_.millis("replica.lag.time.max.ms"),
                         .min_insync_replicas = rules_of(replica.topic()).min_insync},
                        leadership, env_.clock.now());
  proposals_.erase(replica.key());
  env_.probe.tell(probe::BecameLeader{.of = {replica.topic(), replica.key().index},
                                      .epoch = partition.leader_epoch,
                                      .start_offset = replica.log_end()});
  role_changes_.push_back({replica.key(), replica.topic(), RoleChange::To::leader});
  if (replica.leader()->advance_high_watermark(env_.clock.now(), *this))
    after_leader_watermark(replica);
}

void Replicas::follow(Replica& replica, const metadata::Partition& partition) {
  const FollowerState* before = replica.follower();
  const bool same = before != nullptr && before->leader == partition.leader &&
                    before->epoch == partition.leader_epoch;
  if (planted(Plant::truncate_to_high_watermark) && !same)
    truncate(replica, replica.high_watermark());
  replica.become_follower({.leader = partition.leader,
                           .epoch = partition.leader_epoch,
                           .partition_epoch = partition.partition_epoch});
  if (same) return;
  proposals_.erase(replica.key());
  note_moved(replica);
  env_.probe.tell(probe::BecameFollower{.of = {replica.topic(), replica.key().index},
                                        .epoch = partition.leader_epoch,
                                        .leader = partition.leader});
  role_changes_.push_back({replica.key(), replica.topic(), RoleChange::To::follower});
}

// What is offline stays so, as in ReplicaManager.stopPartitions: its files are still there, and if
// it were assigned to this broker again, a second log of it would come to be.
void Replicas::remove(const PartitionKey& key) {
  const auto at = replicas_.find(key);
  if (at == replicas_.end()) return;
  futures_.end(key, FutureLogs::Files::removed);
  // At once: a topic of the same name may come to be in this very change.
  delete_files(*at->second);
  retire(at);
}

std::map<PartitionKey, std::unique_ptr<Replica>>::iterator Replicas::retire(
    std::map<PartitionKey, std::unique_ptr<Replica>>::iterator at) {
  const auto& [key, replica] = *at;
  proposals_.erase(key);
  misplaced_.erase(key);
  flusher_.forget(key);
  role_changes_.push_back({key, replica->topic(), RoleChange::To::gone});
  std::erase(moved_, replica.get());
  removed_.push_back(std::move(at->second));
  return replicas_.erase(at);
}

void Replicas::directory_failed(const LogDirectory& directory) {
  std::vector<PartitionKey> stranded;
  for (const auto& [key, future] : futures_.all()) {
    const bool concerned =
        &future.directory == &directory || &future.replica.directory() == &directory;
    if (concerned) stranded.push_back(key);
  }
  for (const PartitionKey& key : stranded) cancel_move(key, FutureLogs::Files::left);
  for (auto at = replicas_.begin(); at != replicas_.end();) {
    if (&at->second->directory() != &directory) {
      ++at;
      continue;
    }
    offline_[at->first] = directory.failure().value_or("its log directory has failed");
    cleaner_.abandon(*at->second);
    at = retire(at);
  }
}

std::vector<std::unique_ptr<Replica>> Replicas::take_removed() {
  return std::exchange(removed_, {});
}

void Replicas::delete_files(Replica& replica) {
  LogDirectory& directory = replica.directory();
  forget_checkpoints(directory, {replica.topic(), replica.key().index});
  const std::string& folder = replica.log().folder();
  if (directory.disk().remove_folder(folder)) return;
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::warning, fmt::format("{} could not be deleted", folder)});
}

}  // namespace ottla::broker
