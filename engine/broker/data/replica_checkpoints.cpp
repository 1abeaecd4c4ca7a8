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
Result<void, storage::StorageError> Replicas::move_aside(LogDirectory& directory,
                                                         const storage::TopicPartition& name) {
  forget_checkpoints(directory, name);
  const std::string folder = storage::folder_name(name);
  const std::uint64_t high = env_.random.next();
  const std::string aside =
      fmt::format("{}.{:016x}{:016x}-stray", folder, high, env_.random.next());
  const auto moved = directory.disk().rename(folder, aside);
  env_.probe.tell(probe::Noted{
      probe::Noted::Level::warning,
      fmt::format("{} is a stray log: its partition is not on this broker any more. {} {}", folder,
                  moved ? "It was moved to" : "It could not be moved to", aside)});
  if (!moved) return storage::disk_failure(moved.error());
  return {};
}

// A folder whose partition.metadata cannot be understood is left alone: its records may be this
// topic's.
Result<void, storage::StorageError> Replicas::claim_folder(LogDirectory& directory,
                                                           const storage::TopicPartition& name,
                                                           const TopicId& topic) {
  const std::string folder = storage::folder_name(name);
  const auto owner = storage::read_partition_metadata(directory.disk(), folder);
  if (!owner) return failure(owner.error());
  if (*owner == topic) return {};
  // Another topic had that name, and this broker was away when it was deleted.
  if (*owner) {
    if (const auto moved = move_aside(directory, name); !moved) return moved;
  }
  return storage::write_partition_metadata(directory.disk(), folder, topic);
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
      if (is_stray(*directory, *owner)) (void)move_aside(*directory, *owner);
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
