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

void Replicas::write_checkpoints() {
  storage::OffsetCheckpoint watermarks;
  storage::OffsetCheckpoint recovery;
  storage::OffsetCheckpoint starts;
  for (const auto& [key, replica] : replicas_) {
    const storage::TopicPartition name{replica->topic(), key.index};
    watermarks[name] = replica->high_watermark();
    recovery[name] = replica->log().recovery_point();
    if (replica->log_start() > Offset{0}) starts[name] = replica->log_start();
  }
  const auto write = [&](std::string_view path, const storage::OffsetCheckpoint& offsets) {
    const auto written = storage::write_offset_checkpoint(env_.disk, path, offsets);
    if (written) return;
    env_.probe.tell(probe::Noted{
        probe::Noted::Level::error,
        fmt::format("{} cannot be written: {}", path, storage::message(written.error()))});
  };
  write(storage::high_watermark_checkpoint, watermarks);
  write(storage::recovery_point_checkpoint, recovery);
  write(storage::log_start_checkpoint, starts);
}

// A folder whose partition.metadata cannot be understood is left alone: its records may be this
// topic's.
Result<void, storage::StorageError> Replicas::claim_folder(const std::string& folder,
                                                           const TopicId& topic) {
  const auto owner = storage::read_partition_metadata(env_.disk, folder);
  if (!owner) return failure(owner.error());
  if (*owner == topic) return {};
  // Another topic had that name, and this broker was away when it was deleted.
  if (*owner) {
    if (const auto gone = env_.disk.remove_folder(folder); !gone) {
      return storage::disk_failure(gone.error());
    }
  }
  return storage::write_partition_metadata(env_.disk, folder, topic);
}

void Replicas::remove_strays() {
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
    const bool gone = env_.disk.remove_folder(folder).has_value();
    env_.probe.tell(probe::Noted{
        gone ? probe::Noted::Level::info : probe::Noted::Level::warning,
        fmt::format("{} is a stray log: its partition is not on this broker any more. {}", folder,
                    gone ? "It was deleted" : "It could not be deleted")});
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
