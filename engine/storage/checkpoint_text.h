// The form that all of Kafka's checkpoint files share (CheckpointFile): a line with the version, 0;
// a line with the number of entries; and a line of words for each entry.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ottla::storage {

// The words of every entry. Nothing when version, count or the number of words is not as it must
// be.
[[nodiscard]] std::optional<std::vector<std::vector<std::string_view>>> parse_checkpoint(
    std::string_view text, std::size_t words_per_entry);
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
