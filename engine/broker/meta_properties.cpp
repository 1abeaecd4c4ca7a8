#include "engine/broker/meta_properties.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <string_view>

namespace ottla::broker {
namespace {

constexpr std::string_view path = "meta.properties";

std::map<std::string, std::string, std::less<>> parse(std::string_view text) {
  std::map<std::string, std::string, std::less<>> values;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
    values.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return values;
}

}  // namespace

std::optional<MetaProperties> read_meta_properties(Disk& disk) {
  const auto content = read_file(disk, path);
  if (!content) return std::nullopt;
  const auto values = parse(content->text());
  const auto cluster = values.find("cluster.id");
  const auto node = values.find("node.id");
  const auto directory = values.find("directory.id");
  if (cluster == values.end() || node == values.end() || directory == values.end())
    return std::nullopt;
  std::int32_t id = 0;
  const auto [end, error] =
      std::from_chars(node->second.data(), node->second.data() + node->second.size(), id);
  const auto directory_id = Uuid::parse(directory->second);
  if (error != std::errc() || !directory_id) return std::nullopt;
  return MetaProperties{cluster->second, BrokerId{id}, *directory_id};
}

DiskResult<void> write_meta_properties(Disk& disk, const MetaProperties& properties) {
  const std::string text =
      fmt::format("cluster.id={}\ndirectory.id={}\nnode.id={}\nversion=1\n", properties.cluster_id,
                  properties.directory_id.to_string(), properties.node_id.value());
  return replace_file(disk, path, Bytes::copy_of(text));
}

}  // namespace ottla::broker
