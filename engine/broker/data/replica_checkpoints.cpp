// The part of Replicas that reads and writes what a broker keeps beside its logs: the three offset
// checkpoints, and each partition's topic id.
#include <fmt/format.h>

#include "engine/broker/data/replicas.h"

namespace ottla::broker {

// A partition that is not open, because this broker has not caught up or its log cannot be opened,
// keeps what was written of it.
void Replicas::write_checkpoints() {
  for (const auto& [key, replica] : replicas_) {
    const storage::TopicPartition name{replica->topic(), key.index};
    LogDirectory::Checkpoints& known = replica->directory().checkpoints();
    known.watermarks[name] = replica->high_watermark();
    known.recovery[name] = replica->log().recovery_point();
    known.starts.erase(name);
    if (replica->log_start() > Offset{0}) known.starts[name] = replica->log_start();
  }
  for (LogDirectory* directory : directories_.online()) directory->write_checkpoints();
}

void Replicas::forget_checkpoints(LogDirectory& directory, const storage::TopicPartition& name) {
  directory.forget(name);
  cleaner_.forget(directory, name);
}

// As LogManager does with stray logs: they may be all that is left of somebody's records.
Result<void, std::string> Replicas::move_aside(LogDirectory& directory,
                                               const storage::TopicPartition& name,
                                               std::string_view why) {
  forget_checkpoints(directory, name);
  const std::string folder = storage::folder_name(name);
  const std::uint64_t high = env_.random.next();
  const std::string aside =
      fmt::format("{}.{:016x}{:016x}-stray", folder, high, env_.random.next());
  const auto moved = directory.disk().rename(folder, aside);
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::warning,
                   fmt::format("{} is a stray log: {}. {} {}", folder, why,
                               moved ? "It was moved to" : "It could not be moved to", aside)});
  if (!moved) return failure(std::string(describe(moved.error())));
  return {};
}

// A folder whose partition.metadata cannot be understood is left alone: its records may be this
// topic's. One without the file may hold anybody's (LogManager.isStrayKraftReplica).
Result<void, std::string> Replicas::claim_folder(LogDirectory& directory,
                                                 const storage::TopicPartition& name,
                                                 const TopicId& topic) {
  const std::string folder = storage::folder_name(name);
  const auto owner = directory.owner_of(folder);
  if (!owner) return failure(owner.error());
  if (*owner == topic) return {};
  const auto names = directory.disk().list(folder);
  if (!names) return failure(std::string(describe(names.error())));
  if (!names->empty()) {
    const auto moved =
        move_aside(directory, name,
                   *owner ? "its partition is not on this broker any more"
                          : "it has no partition.metadata, so it may be any topic's");
    if (!moved) return moved;
  }
  const auto written = storage::write_partition_metadata(directory.disk(), folder, topic);
  if (!written) return failure(std::string(storage::message(written.error())));
  return {};
}

void Replicas::move_strays_aside() {
  for (LogDirectory* directory : directories_.online()) {
    const auto names = directory->disk().list("");
    if (!names) continue;
    for (const std::string& name : *names) {
      if (name.empty() || name.back() != '/') continue;
      const auto owner = storage::parse_folder_name(name.substr(0, name.size() - 1));
      if (!owner || owner->topic == storage::cluster_metadata_topic) continue;
      // It has said so if it could not.
      if (is_stray(*directory, *owner))
        (void)move_aside(*directory, *owner, "its partition is not on this broker any more");
    }
  }
}

// As LogManager.loadLogs: what is in a log directory is a log, or the broker does not start.
void Replicas::check_folders() {
  for (LogDirectory* directory : directories_.online()) {
    const auto names = directory->disk().list("");
    if (!names) continue;
    for (const std::string& name : *names) {
      if (name.empty() || name.back() != '/') continue;
      const std::string_view folder = std::string_view(name).substr(0, name.size() - 1);
      switch (storage::kind_of_folder(folder)) {
        case storage::FolderKind::log: break;
        case storage::FolderKind::to_be_deleted:
          (void)directory->disk().remove_folder(folder);
          break;
        case storage::FolderKind::foreign:
          broken_ = fmt::format(
              "Found directory {0}/{1}, '{1}' is not in the form of topic-partition or "
              "topic-partition.uniqueId-delete (if marked for deletion). Kafka's log directories "
              "(and children) should only contain Kafka topic data.",
              directory->path(), folder);
      }
    }
  }
}

void Replicas::begin_close() {
  for (const auto& [key, replica] : replicas_) {
    if (const auto closed = replica->log().prepare_shutdown(); !closed) {
      report_offline(key, replica->topic(), storage::message(closed.error()));
    }
    flusher_.flush(*replica);
  }
}

void Replicas::finish_close() {
  write_checkpoints();
}

void Replicas::on_disk(DiskOperationId operation, const DiskResult<void>& result) {
  flusher_.on_disk(operation, result, [this](const PartitionKey& key) { return find(key); });
}

}  // namespace ottla::broker
