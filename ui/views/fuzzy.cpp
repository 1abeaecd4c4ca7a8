#include "ui/views/fuzzy.h"

#include <algorithm>
#include <limits>

namespace ottla::ui {
namespace {

constexpr int none = std::numeric_limits<int>::min() / 2;
constexpr int length_max = 128;  // Of a name: the table below is this times the letters typed.

int letter_score(const QString& name, int at) {
  if (at == 0) return 12;
  const QChar before = name[at - 1];
  if (!before.isLetterOrNumber()) return 10;
  if (before.isLower() && name[at].isUpper()) return 9;
  if (!before.isDigit() && name[at].isDigit()) return 6;
  return 1;
}

}  // namespace

std::optional<FuzzyMatch> fuzzy_match(const QString& typed, const QString& name) {
  QString wanted = typed.toLower();
  wanted.remove(QChar(' '));
  const QString lower = name.left(length_max).toLower();
  const auto letters = static_cast<int>(wanted.size());
  const auto length = static_cast<int>(lower.size());
  if (letters == 0) return FuzzyMatch{};
  if (letters > length) return std::nullopt;
  // best[i][j]: the score when letter i sits at j; from[i][j]: where letter i-1 sat then.
  const auto cell = [&](int i, int j) { return static_cast<std::size_t>(i * length + j); };
  std::vector<int> best(static_cast<std::size_t>(letters * length), none);
  std::vector<int> from(best.size(), -1);
  for (int i = 0; i < letters; ++i) {
    int before = none;
    int before_at = -1;
    for (int j = i; j < length; ++j) {
      if (i > 0 && j > 0 && best[cell(i - 1, j - 1)] > none) {
        // A gap costs a little for each letter skipped, so that near letters win.
        const int adjacent = best[cell(i - 1, j - 1)] + 8;
        if (best[cell(i - 1, j - 1)] >= before)
          before = best[cell(i - 1, j - 1)], before_at = j - 1;
        if (lower[j] == wanted[i]) {
          const bool run = adjacent >= before;
          best[cell(i, j)] = (run ? adjacent : before) + letter_score(name, j);
          from[cell(i, j)] = run ? j - 1 : before_at;
        }
        --before;
        continue;
      }
      if (i > 0) {
        if (before > none && lower[j] == wanted[i]) {
          best[cell(i, j)] = before + letter_score(name, j);
          from[cell(i, j)] = before_at;
        }
        if (before > none) --before;
      } else if (lower[j] == wanted[0]) {
        best[cell(0, j)] = letter_score(name, j) - std::min(j, 6);
      }
    }
  }
  const auto last = best.begin() + static_cast<std::ptrdiff_t>(cell(letters - 1, 0));
  const auto winner = std::max_element(last, last + length);
  if (*winner <= none) return std::nullopt;
  FuzzyMatch match;
  // Of two equal fits the shorter name is meant.
  match.score = *winner * 4 - length;
  int j = static_cast<int>(winner - last);
  for (int i = letters - 1; i >= 0; --i) {
    match.positions.insert(match.positions.begin(), j);
    j = from[cell(i, j)];
  }
  return match;
}

}  // namespace ottla::ui
