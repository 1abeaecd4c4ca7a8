#include "engine/broker/data/log_directory.h"

#include <fmt/format.h>

#include <utility>

namespace ottla::broker {
namespace {

std::string shown_path(Disk& node_disk, const LogDirPlace& place) {
  const auto volume = node_disk.volume();
  if (!volume || volume->root.empty()) return place.path;
  return place.folder.empty() ? volume->root : volume->root + "/" + place.folder;
}

}  // namespace

LogDirectory::LogDirectory(Disk& node_disk, probe::Probe& probe, const LogDirPlace& place)
    : folder_(node_disk, place.folder), probe_(probe), path_(shown_path(node_disk, place)) {}

Result<std::optional<TopicId>, std::string> LogDirectory::owner_of(std::string_view folder) {
  auto owner = storage::read_partition_metadata(disk_, folder);
  if (owner) return owner;
  const std::string why =
      fmt::format("Error while reading partition metadata file {}/{}/{}: {}", path_, folder,
                  storage::partition_metadata_name, owner.error());
  give_up(why);
  return ottla::failure(why);
}

storage::OffsetCheckpoint LogDirectory::load(std::string_view path) {
  auto offsets = storage::read_offset_checkpoint(disk_, path);
  if (offsets) return *std::move(offsets);
  give_up(
      fmt::format("Error while reading checkpoint file {}/{}: {}", path_, path, offsets.error()));
  return {};
}

void LogDirectory::load_checkpoints() {
  checkpoints_.watermarks = load(storage::high_watermark_checkpoint);
  checkpoints_.recovery = load(storage::recovery_point_checkpoint);
  checkpoints_.starts = load(storage::log_start_checkpoint);
}

void LogDirectory::load_cleaned() {
  cleaned_ = load(storage::cleaner_checkpoint);
}

void LogDirectory::write(std::string_view path, const storage::OffsetCheckpoint& offsets) {
  const auto written = storage::write_offset_checkpoint(disk_, path, offsets);
  if (written) return;
  probe_.tell(probe::Noted{
      probe::Noted::Level::error,
      fmt::format("{} cannot be written: {}", path, storage::message(written.error()))});
}

void LogDirectory::write_checkpoints() {
  write(storage::high_watermark_checkpoint, checkpoints_.watermarks);
  write(storage::recovery_point_checkpoint, checkpoints_.recovery);
  write(storage::log_start_checkpoint, checkpoints_.starts);
}

void LogDirectory::write_cleaned() {
  write(storage::cleaner_checkpoint, cleaned_);
}

void LogDirectory::forget(const storage::TopicPartition& name) {
  checkpoints_.watermarks.erase(name);
  checkpoints_.recovery.erase(name);
  checkpoints_.starts.erase(name);
}

}  // namespace ottla::broker
