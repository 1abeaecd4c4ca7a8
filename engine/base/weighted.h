// Draws among choices of which some are wanted more often than others.
#pragma once

#include <cstdint>
#include <utility>

#include "engine/base/prng.h"

namespace ottla {

// One of `choices`, pairs of a weight and a value, each as often as its weight says; null when all
// weights are 0, and then nothing is drawn.
template <class Choices>
[[nodiscard]] auto draw_weighted(Prng& prng, const Choices& choices) {
  using Value = typename Choices::value_type::second_type;
  std::uint64_t sum = 0;
  for (const auto& [weight, value] : choices) sum += weight;
  const Value* drawn = nullptr;
  if (sum == 0) return drawn;
  std::uint64_t at = prng.below(sum);
  for (const auto& [weight, value] : choices) {
    drawn = &value;
    if (at < weight) break;
    at -= weight;
  }
  return drawn;
}

}  // namespace ottla
