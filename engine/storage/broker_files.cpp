#include "engine/storage/broker_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/storage/checkpoint_text.h"

namespace ottla::storage {
namespace {

Result<std::optional<std::string>, DiskError> read_text(Disk& disk, std::string_view path) {
  const auto content = read_file(disk, path);
  if (content) return std::optional(std::string(content->text()));
  if (content.error() == DiskError::not_found) return std::optional<std::string>();
  return failure(content.error());
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

// The value of `key` among lines of "key=value", the last where there are several, as Java's
// Properties have it; nothing when no line names it.
std::optional<std::string_view> property(std::string_view text, std::string_view key) {
  std::optional<std::string_view> value;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t at = line.find('=');
    if (line.empty() || line.front() == '#' || at == std::string_view::npos) continue;
    if (trimmed(line.substr(0, at)) == key) value = trimmed(line.substr(at + 1));
  }
  return value;
}

// What MetaProperties.Builder makes of the text.
Result<MetaProperties, std::string> parse_meta_properties(std::string_view text) {
  const std::string_view version_text = property(text, "version").value_or("0");
  const auto version = parse_number<std::int32_t>(version_text);
  if (!version)
    return failure(fmt::format("Invalid meta.properties version string '{}'", version_text));
  if (*version != 0 && *version != 1)
    return failure(fmt::format("Unknown meta.properties version number {}", *version));
  const std::string_view node_key = *version == 0 ? "broker.id" : "node.id";
  const auto node = property(text, node_key);
  if (!node) return failure(fmt::format("{} was not found.", node_key));
  const auto node_id = parse_number<std::int32_t>(*node);
  if (!node_id) return failure(fmt::format("Unable to read {} as a base-10 number.", node_key));
  const auto cluster = property(text, "cluster.id");
  if (!cluster || cluster->empty()) return failure(std::string("cluster.id was not found."));
  MetaProperties properties{std::string(*cluster), BrokerId{*node_id}, Uuid()};
  if (const auto directory = property(text, "directory.id")) {
    const auto id = Uuid::parse(*directory);
    if (!id) return failure(fmt::format("Unable to read directory.id as a Uuid: {}", *directory));
    properties.directory_id = *id;
  }
  return properties;
}

// The second of a line's two words; nothing where it has another number of them.
std::optional<std::string_view> second_word(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view word = trimmed(line.substr(blank));
  if (word.empty() || word.find(' ') != std::string_view::npos) return std::nullopt;
  return word;
}

}  // namespace

Result<OffsetCheckpoint, std::string> read_offset_checkpoint(Disk& disk, std::string_view path) {
  const auto text = read_text(disk, path);
  if (!text) return failure(std::string(describe(text.error())));
  OffsetCheckpoint offsets;
  if (!*text) return offsets;
  const auto lines = parse_checkpoint(**text, 3, path);
  if (!lines) return failure(lines.error());
  for (const CheckpointLine& line : *lines) {
    const auto partition = parse_number<std::int32_t>(line.words[1]);
    const auto offset = parse_number<std::int64_t>(line.words[2]);
    if (!partition || !offset) return failure(malformed_line(path, line.text));
    offsets.insert_or_assign({std::string(line.words[0]), PartitionIndex{*partition}},
                             Offset{*offset});
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

Result<std::optional<MetaProperties>, std::string> read_meta_properties(Disk& disk) {
  const auto text = read_text(disk, meta_properties_name);
  if (!text) return failure(std::string(describe(text.error())));
  if (!*text) return std::optional<MetaProperties>();
  auto properties = parse_meta_properties(**text);
  if (!properties) return failure(std::move(properties.error()));
  return std::optional(*std::move(properties));
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
  if (!text) return disk_failure(text.error());
  if (!*text) return std::optional<CleanShutdown>();
  if (auto gone = disk.remove(clean_shutdown_name); !gone) return disk_failure(gone.error());
  CleanShutdown marker;
  constexpr std::string_view key = "\"brokerEpoch\":";
  const std::string_view object = trimmed(**text);
  const bool is_whole = object.starts_with('{') && object.ends_with('}');
  if (const std::size_t at = (*text)->find(key); is_whole && at != std::string::npos) {
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

Result<std::optional<TopicId>, std::string> read_partition_metadata(Disk& disk,
                                                                    std::string_view folder) {
  const std::string path = std::string(folder) + "/" + std::string(partition_metadata_name);
  const auto text = read_text(disk, path);
  if (!text) return failure(std::string(describe(text.error())));
  if (!*text) return std::optional<TopicId>();
  const std::string_view all = **text;
  const std::size_t first_end = std::min(all.find('\n'), all.size());
  const std::string_view first = all.substr(0, first_end);
  const std::string_view rest = all.substr(std::min(first_end + 1, all.size()));
  const std::string_view second = rest.substr(0, rest.find('\n'));
  const auto version_word = second_word(first);
  const auto version = version_word ? parse_number<std::int32_t>(*version_word) : std::nullopt;
  if (!version) return failure(malformed_line(path, first));
  if (*version < 0) {
    return failure(
        fmt::format("Unrecognized version of partition metadata file + ({}): {}", path, *version));
  }
  const auto id_word = second_word(second);
  const auto id = id_word ? Uuid::parse(*id_word) : std::nullopt;
  if (!id) return failure(malformed_line(path, second));
  if (id->is_zero())
    return failure(fmt::format("Invalid topic ID in partition metadata file ({})", path));
  return std::optional<TopicId>(*id);
}

Result<void, StorageError> write_partition_metadata(Disk& disk, std::string_view folder,
                                                    const TopicId& topic_id) {
  return write_text(disk, std::string(folder) + "/" + std::string(partition_metadata_name),
                    "version: 0\ntopic_id: " + topic_id.to_string() + "\n");
}

}  // namespace ottla::storage
