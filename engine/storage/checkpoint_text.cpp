#include "engine/storage/checkpoint_text.h"

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

std::optional<std::vector<std::vector<std::string_view>>> parse_checkpoint(
    std::string_view text, std::size_t words_per_entry) {
  const auto version = take_line(text);
  if (!version || *version != "0") return std::nullopt;
  const auto count_line = take_line(text);
  const auto count = count_line ? parse_number<std::size_t>(*count_line) : std::nullopt;
  if (!count) return std::nullopt;
  std::vector<std::vector<std::string_view>> entries;
  while (const auto line = take_line(text)) {
    entries.push_back(words_of(*line));
    if (entries.back().size() != words_per_entry) return std::nullopt;
  }
  if (entries.size() != *count) return std::nullopt;
  return entries;
}

std::string encode_checkpoint(const std::vector<std::string>& entries) {
  std::string text = "0\n" + std::to_string(entries.size()) + "\n";
  for (const std::string& entry : entries) text += entry + "\n";
  return text;
}

}  // namespace ottla::storage
