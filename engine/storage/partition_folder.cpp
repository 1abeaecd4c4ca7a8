#include "engine/storage/partition_folder.h"

#include <algorithm>

#include "engine/storage/checkpoint_text.h"

namespace ottla::storage {
namespace {

constexpr std::size_t offset_digits = 20;

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string folder_name(const TopicPartition& of) {
  return of.topic + "-" + std::to_string(of.partition.value());
}

std::optional<TopicPartition> parse_folder_name(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || !all_digits(name.substr(dash + 1))) {
    return std::nullopt;
  }
  const auto partition = parse_number<std::int32_t>(name.substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, dash)), PartitionIndex{*partition}};
}

FolderKind kind_of_folder(std::string_view name) {
  if (name == "remote-log-index-cache") return FolderKind::log;
  for (const std::string_view ending : {"-delete", "-future", "-stray"}) {
    if (!name.ends_with(ending)) continue;
    const std::string_view marked = name.substr(0, name.size() - ending.size());
    const std::size_t dot = marked.rfind('.');
    const bool is_unique = dot != std::string_view::npos && dot + 1 < marked.size();
    if (!is_unique || !parse_folder_name(marked.substr(0, dot))) return FolderKind::foreign;
    return ending == "-delete" ? FolderKind::to_be_deleted : FolderKind::log;
  }
  return parse_folder_name(name) ? FolderKind::log : FolderKind::foreign;
}

std::string offset_file_name(Offset offset, std::string_view suffix) {
  const std::string digits = std::to_string(offset.value());
  return std::string(offset_digits - digits.size(), '0') + digits + std::string(suffix);
}

std::optional<Offset> parse_offset_file_name(std::string_view name, std::string_view suffix) {
  if (name.size() != offset_digits + suffix.size() || name.substr(offset_digits) != suffix ||
      !all_digits(name.substr(0, offset_digits))) {
    return std::nullopt;
  }
  const auto offset = parse_number<std::int64_t>(name.substr(0, offset_digits));
  if (!offset) return std::nullopt;
  return Offset{*offset};
}

}  // namespace ottla::storage
