#include "engine/gateway/nearest_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace ottla::gateway {
namespace {

// Longer words come from nobody's keyboard, and the distance costs their product.
constexpr std::size_t word_length_max = 64;

// The optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> words) {
  if (word.empty() || word.size() > word_length_max) return {};
  std::string_view nearest;
  std::size_t best = std::max<std::size_t>(word.size() / 3, 1) + 1;  // Farther is another word.
  for (const std::string_view candidate : words) {
    const std::size_t edits = distance(word, candidate);
    if (edits >= best) continue;
    best = edits;
    nearest = candidate;
  }
  return nearest;
}

std::string joined(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words.begin(), words.end(), ", "));
}

std::string unknown_word(std::string_view kind, std::string_view plural, std::string_view word,
                         std::span<const std::string_view> words) {
  const std::string_view shown = word.substr(0, word_length_max);
  const std::string_view nearest = nearest_word(word, words);
  const std::string hint = nearest.empty() ? "." : fmt::format("; did you mean \"{}\"?", nearest);
  return fmt::format("unknown {} \"{}\"{} {}: {}", kind, shown, hint, plural, joined(words));
}

}  // namespace ottla::gateway
