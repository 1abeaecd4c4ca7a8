// How well a few typed letters fit a name: every letter in order, the beginnings of words and runs
// of letters counting most.
#pragma once

#include <QString>
#include <optional>
#include <vector>

namespace ottla::ui {

struct FuzzyMatch {
  int score = 0;               // More is better.
  std::vector<int> positions;  // The letters of `name` that matched, ascending.
};

// Nothing when a letter of `typed` has no place. Case and spaces of `typed` do not count.
[[nodiscard]] std::optional<FuzzyMatch> fuzzy_match(const QString& typed, const QString& name);

}  // namespace ottla::ui
