#include "engine/storage/broker_files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/storage/checkpoint_text.h"

namespace ottla::storage {
namespace {

Result<std::optional<std::string>, StorageError> read_text(Disk& disk, std::string_view path) {
  const auto content = read_file(disk, path);
  if (content) return std::optional(std::string(content->text()));
  if (content.error() == DiskError::not_found) return std::optional<std::string>();
  return disk_failure(content.error());
}

Result<void, StorageError> write_text(Disk& disk, std::string_view path, std::string_view text) {
  if (auto written = replace_file(disk, path, Bytes::copy_of(text)); !written) {
    return disk_failure(written.error());
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\f";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// The value of `key` among lines of "key<separator>value"; nothing when no line names it.
std::optional<std::string_view> value_of(std::string_view text, std::string_view key,
                                         char separator) {
  while (!text.empty()) {
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), text.find('\n') == std::string_view::npos
                                                 ? text.size()
                                                 : text.find('\n') + 1));
    const std::size_t at = line.find(separator);
    if (line.empty() || line.front() == '#' || at == std::string_view::npos) continue;
    if (trimmed(line.substr(0, at)) == key) return trimmed(line.substr(at + 1));
  }
  return std::nullopt;
}

}  // namespace

Result<OffsetCheckpoint, StorageError> read_offset_checkpoint(Disk& disk, std::string_view path) {
  const auto text = read_text(disk, path);
  if (!text) return failure(text.error());
  OffsetCheckpoint offsets;
  // Kafka makes a new one without a byte.
  if (!*text || (*text)->empty()) return offsets;
  const auto lines = parse_checkpoint(**text, 3);
  if (!lines) return failure(StorageError::corrupt);
  for (const auto& words : *lines) {
    const auto partition = parse_number<std::int32_t>(words[1]);
    const auto offset = parse_number<std::int64_t>(words[2]);
    if (!partition || !offset) return failure(StorageError::corrupt);
    offsets.insert_or_assign({std::string(words[0]), PartitionIndex{*partition}}, Offset{*offset});
  }
  return offsets;
}

Result<void, StorageError> write_offset_checkpoint(Disk& disk, std::string_view path,
                                                   const OffsetCheckpoint& offsets) {
  std::vector<std::string> lines;
  lines.reserve(offsets.size());
  for (const auto& [of, offset] : offsets) {
    lines.push_back(of.topic + " " + std::to_string(of.partition.value()) + " " +
                    std::to_string(offset.value()));
  }
  return write_text(disk, path, encode_checkpoint(lines));
}

Result<std::optional<MetaProperties>, StorageError> read_meta_properties(Disk& disk) {
  const auto text = read_text(disk, meta_properties_name);
  if (!text) return failure(text.error());
  if (!*text) return std::optional<MetaProperties>();
  const auto version = value_of(**text, "version", '=');
  const auto cluster = value_of(**text, "cluster.id", '=');
  const auto node = value_of(**text, "node.id", '=');
  const auto node_id = node ? parse_number<std::int32_t>(*node) : std::nullopt;
  if (version != "1" || !cluster || cluster->empty() || !node_id)
    return failure(StorageError::corrupt);
  MetaProperties properties{std::string(*cluster), BrokerId{*node_id}, Uuid()};
  if (const auto directory = value_of(**text, "directory.id", '=')) {
    const auto id = Uuid::parse(*directory);
    if (!id) return failure(StorageError::corrupt);
    properties.directory_id = *id;
  }
  return std::optional(std::move(properties));
}

Result<void, StorageError> write_meta_properties(Disk& disk, const MetaProperties& properties) {
  std::string text = "#\n";
  text += "cluster.id=" + properties.cluster_id + "\n";
  text += "directory.id=" + properties.directory_id.to_string() + "\n";
  text += "node.id=" + std::to_string(properties.node_id.value()) + "\n";
  text += "version=1\n";
  return write_text(disk, meta_properties_name, text);
}

Result<std::optional<CleanShutdown>, StorageError> take_clean_shutdown(Disk& disk) {
  const auto text = read_text(disk, clean_shutdown_name);
  if (!text) return failure(text.error());
  if (!*text) return std::optional<CleanShutdown>();
  if (auto gone = disk.remove(clean_shutdown_name); !gone) return disk_failure(gone.error());
  CleanShutdown marker;
  constexpr std::string_view key = "\"brokerEpoch\":";
  if (const std::size_t at = (*text)->find(key); at != std::string::npos) {
    std::string_view value = std::string_view(**text).substr(at + key.size());
    value = trimmed(value.substr(0, value.find_first_of(",}")));
    marker.broker_epoch = BrokerEpoch{parse_number<std::int64_t>(value).value_or(-1)};
  }
  return std::optional(marker);
}

Result<void, StorageError> write_clean_shutdown(Disk& disk, const CleanShutdown& marker) {
  return write_text(
      disk, clean_shutdown_name,
      "{\"version\":0,\"brokerEpoch\":" + std::to_string(marker.broker_epoch.value()) + "}");
}

Result<std::optional<TopicId>, StorageError> read_partition_metadata(Disk& disk,
                                                                     std::string_view folder) {
  const auto text =
      read_text(disk, std::string(folder) + "/" + std::string(partition_metadata_name));
  if (!text) return failure(text.error());
  if (!*text) return std::optional<TopicId>();
  const auto version = value_of(**text, "version", ':');
  const auto id_text = value_of(**text, "topic_id", ':');
  if (version != "0" || !id_text) return failure(StorageError::corrupt);
  const auto id = Uuid::parse(*id_text);
  if (!id || id->is_zero()) return failure(StorageError::corrupt);
  return std::optional<TopicId>(*id);
}

Result<void, StorageError> write_partition_metadata(Disk& disk, std::string_view folder,
                                                    const TopicId& topic_id) {
  return write_text(disk, std::string(folder) + "/" + std::string(partition_metadata_name),
                    "version: 0\ntopic_id: " + topic_id.to_string() + "\n");
}

}  // namespace ottla::storage
