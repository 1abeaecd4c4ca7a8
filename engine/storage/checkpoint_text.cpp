#include "engine/storage/checkpoint_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace ottla::storage {
namespace {

// Takes the next line off the front; nothing at the end. A last line needs no line end.
std::optional<std::string_view> take_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::string_view word = line.substr(0, line.find(' '));
    words.push_back(word);
    line.remove_prefix(word.size());
  }
}

}  // namespace

std::string malformed_line(std::string_view path, std::string_view line) {
  return fmt::format("Malformed line in checkpoint file [{}]: {}", path, line);
}

Result<std::vector<CheckpointLine>, std::string> parse_checkpoint(std::string_view text,
                                                                  std::size_t words_per_entry,
                                                                  std::string_view path) {
  std::vector<CheckpointLine> entries;
  const auto version_line = take_line(text);
  if (!version_line) return entries;
  const auto version = parse_number<std::int32_t>(*version_line);
  if (!version) return failure(malformed_line(path, *version_line));
  if (*version != 0) {
    return failure(fmt::format(
        "Unrecognised version:{}, expected version: 0 in checkpoint file at: {}", *version, path));
  }
  const auto count_line = take_line(text);
  if (!count_line) return entries;
  const auto count = parse_number<std::int32_t>(*count_line);
  if (!count) return failure(malformed_line(path, *count_line));
  while (const auto line = take_line(text)) {
    entries.push_back({*line, words_of(*line)});
    if (entries.back().words.size() != words_per_entry) return failure(malformed_line(path, *line));
  }
  if (std::cmp_equal(entries.size(), *count)) return entries;
  return failure(fmt::format("Expected [{}] entries in checkpoint file [{}], but found only [{}]",
                             *count, path, entries.size()));
}

std::string encode_checkpoint(const std::vector<std::string>& entries) {
  std::string text = "0\n" + std::to_string(entries.size()) + "\n";
  for (const std::string& entry : entries) text += entry + "\n";
  return text;
}

}  // namespace ottla::storage
