// The form that all of Kafka's checkpoint files share (CheckpointFile): a line with the version, 0;
// a line with the number of entries; and a line of words for each entry.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace ottla::storage {

struct CheckpointLine {
  std::string_view text;
  std::vector<std::string_view> words;
};

// Every entry; none in a file without content, as Kafka makes a new one. Where version, count or
// the number of words is not as it must be, the error is Kafka's sentence about the file at `path`.
[[nodiscard]] Result<std::vector<CheckpointLine>, std::string> parse_checkpoint(
    std::string_view text, std::size_t words_per_entry, std::string_view path);
[[nodiscard]] std::string malformed_line(std::string_view path, std::string_view line);
[[nodiscard]] std::string encode_checkpoint(const std::vector<std::string>& entries);

// A whole word as a number; nothing when it is none, or too large.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace ottla::storage
