// The part of Replicas that reads and writes what a broker keeps beside its logs: the three offset
// checkpoints, each partition's topic id, and the id of the disk itself.
#include <fmt/format.h>

#include "engine/broker/data/replicas.h"
#include "engine/broker/meta_properties.h"
#include "engine/storage/checkpoint_text.h"

namespace ottla::broker {
namespace {

constexpr std::string_view watermark_file = "replication-offset-checkpoint";
constexpr std::string_view recovery_file = "recovery-point-offset-checkpoint";
constexpr std::string_view log_start_file = "log-start-offset-checkpoint";
constexpr std::size_t words_per_entry = 3;

std::map<storage::TopicPartition, Offset> read_checkpoint(Disk& disk, std::string_view path) {
  std::map<storage::TopicPartition, Offset> offsets;
  const auto content = read_file(disk, path);
  if (!content) return offsets;
  const auto entries = storage::parse_checkpoint(content->text(), words_per_entry);
  if (!entries) return offsets;  // As good as none: logs are checked from their start.
  for (const auto& words : *entries) {
    const auto partition = storage::parse_number<std::int32_t>(words[1]);
    const auto offset = storage::parse_number<std::int64_t>(words[2]);
    if (!partition || !offset) return {};
    offsets[{std::string(words[0]), PartitionIndex{*partition}}] = Offset{*offset};
  }
  return offsets;
}

}  // namespace

void Replicas::load_checkpoints() {
  checkpointed_watermarks_ = read_checkpoint(env_.disk, watermark_file);
  checkpointed_recovery_ = read_checkpoint(env_.disk, recovery_file);
  checkpointed_starts_ = read_checkpoint(env_.disk, log_start_file);
  if (const auto properties = read_meta_properties(env_.disk))
    directory_id_ = properties->directory_id;
}

void Replicas::write_checkpoints() {
  std::vector<std::string> watermarks;
  std::vector<std::string> recovery;
  std::vector<std::string> starts;
  for (const auto& [key, replica] : replicas_) {
    const auto entry = [&](Offset offset) {
      return fmt::format("{} {} {}", replica->topic(), key.index.value(), offset.value());
    };
    watermarks.push_back(entry(replica->high_watermark()));
    recovery.push_back(entry(replica->log().recovery_point()));
    if (replica->log_start() > Offset{0}) starts.push_back(entry(replica->log_start()));
  }
  const auto write = [&](std::string_view path, const std::vector<std::string>& entries) {
    const auto written =
        replace_file(env_.disk, path, Bytes::copy_of(storage::encode_checkpoint(entries)));
    if (written) return;
    env_.probe.tell(
        probe::Noted{probe::Noted::Level::error,
                     fmt::format("{} cannot be written: {}", path, describe(written.error()))});
  };
  write(watermark_file, watermarks);
  write(recovery_file, recovery);
  write(log_start_file, starts);
}

bool Replicas::claim_folder(const std::string& folder, const TopicId& topic) {
  const std::string path = fmt::format("{}/{}", folder, storage::partition_metadata_name);
  const std::string content = fmt::format("version: 0\ntopic_id: {}", topic.to_string());
  const auto found = read_file(env_.disk, path);
  if (found && found->text() == content) return true;
  // Another topic had that name, and this broker was away when it was deleted.
  if (found && !env_.disk.remove_folder(folder)) return false;
  const auto written = replace_file(env_.disk, path, Bytes::copy_of(content));
  if (!written) {
    env_.probe.tell(
        probe::Noted{probe::Noted::Level::error,
                     fmt::format("{} cannot be written: {}", path, describe(written.error()))});
  }
  return written.has_value();
}

void Replicas::close_cleanly() {
  for (const auto& [key, replica] : replicas_) {
    if (const auto closed = replica->log().prepare_shutdown(); !closed) {
      report_offline(key, replica->topic(), storage::message(closed.error()));
    }
  }
  write_checkpoints();
}

}  // namespace ottla::broker
