// The part of Replicas that reads and writes what a broker keeps beside its logs: the three offset
// checkpoints, and each partition's topic id.
#include <fmt/format.h>

#include "engine/broker/data/replicas.h"

namespace ottla::broker {

storage::OffsetCheckpoint Replicas::load_checkpoint(std::string_view path) {
  auto offsets = storage::read_offset_checkpoint(env_.disk, path);
  if (offsets) return *std::move(offsets);
  // As good as none: logs are checked from their start, and watermarks come from the leaders.
  env_.probe.tell(
      probe::Noted{probe::Noted::Level::warning,
                   fmt::format("{} cannot be read: {}", path, storage::message(offsets.error()))});
  return {};
}

void Replicas::load_checkpoints() {
  checkpointed_watermarks_ = load_checkpoint(storage::high_watermark_checkpoint);
  checkpointed_recovery_ = load_checkpoint(storage::recovery_point_checkpoint);
  checkpointed_starts_ = load_checkpoint(storage::log_start_checkpoint);
}

// A partition that is not open, because this broker has not caught up or its log cannot be opened,
// keeps what was written of it.
void Replicas::write_checkpoints() {
  for (const auto& [key, replica] : replicas_) {
    const storage::TopicPartition name{replica->topic(), key.index};
    checkpointed_watermarks_[name] = replica->high_watermark();
    checkpointed_recovery_[name] = replica->log().recovery_point();
    checkpointed_starts_.erase(name);
    if (replica->log_start() > Offset{0}) checkpointed_starts_[name] = replica->log_start();
  }
  const auto write = [&](std::string_view path, const storage::OffsetCheckpoint& offsets) {
    const auto written = storage::write_offset_checkpoint(env_.disk, path, offsets);
    if (written) return;
    env_.probe.tell(probe::Noted{
        probe::Noted::Level::error,
        fmt::format("{} cannot be written: {}", path, storage::message(written.error()))});
  };
  write(storage::high_watermark_checkpoint, checkpointed_watermarks_);
  write(storage::recovery_point_checkpoint, checkpointed_recovery_);
  write(storage::log_start_checkpoint, checkpointed_starts_);
}

void Replicas::forget_checkpoints(const storage::TopicPartition& name) {
  checkpointed_watermarks_.erase(name);
  checkpointed_recovery_.erase(name);
  checkpointed_starts_.erase(name);
  cleaner_.forget(name);
}

// As LogManager does with stray logs: they may be all that is left of somebody's records.
Result<void, storage::StorageError> Replicas::move_aside(const storage::TopicPartition& name) {
  forget_checkpoints(name);
  const std::string folder = storage::folder_name(name);
  const std::uint64_t high = env_.random.next();
  const std::string aside =
      fmt::format("{}.{:016x}{:016x}-stray", folder, high, env_.random.next());
  const auto moved = env_.disk.rename(folder, aside);
  env_.probe.tell(probe::Noted{
      probe::Noted::Level::warning,
      fmt::format("{} is a stray log: its partition is not on this broker any more. {} {}", folder,
                  moved ? "It was moved to" : "It could not be moved to", aside)});
  if (!moved) return storage::disk_failure(moved.error());
  return {};
}

// A folder whose partition.metadata cannot be understood is left alone: its records may be this
// topic's.
Result<void, storage::StorageError> Replicas::claim_folder(const storage::TopicPartition& name,
                                                           const TopicId& topic) {
  const std::string folder = storage::folder_name(name);
  const auto owner = storage::read_partition_metadata(env_.disk, folder);
  if (!owner) return failure(owner.error());
  if (*owner == topic) return {};
  // Another topic had that name, and this broker was away when it was deleted.
  if (*owner) {
    if (const auto moved = move_aside(name); !moved) return moved;
  }
  return storage::write_partition_metadata(env_.disk, folder, topic);
}

void Replicas::move_strays_aside() {
  const auto names = env_.disk.list("");
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.empty() || name.back() != '/') continue;
    const std::string folder = name.substr(0, name.size() - 1);
    const auto owner = storage::parse_folder_name(folder);
    if (!owner || owner->topic == storage::cluster_metadata_topic) continue;
    const metadata::Topic* topic = image_.topic(owner->topic);
    if (topic != nullptr) {
      const auto partition = topic->partitions.find(owner->partition);
      if (partition != topic->partitions.end() &&
          metadata::contains(partition->second.replicas, config_.node_id))
        continue;
    }
    (void)move_aside(*owner);  // It has said so if it could not.
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
