#include "engine/base/jitter.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ottla {
namespace {

// The sum of twelve uniform draws has the variance 1, and is as good as normal here.
double normal_draw(Prng& prng) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += prng.unit();
  return sum;
}

// Lomax with the shape 2. A square root is the same on every machine.
double pareto_draw(Prng& prng) {
  return 1 / std::sqrt(1 - prng.unit()) - 1;
}

double factor(JitterShape shape, Prng& prng) {
  switch (shape) {
    case JitterShape::uniform: return prng.unit();
    case JitterShape::normal: return normal_draw(prng);
    case JitterShape::exponential: return prng.exponential(1);
    case JitterShape::pareto: return pareto_draw(prng);
  }
  return 0;
}

}  // namespace

std::optional<JitterShape> jitter_shape_of(std::string_view name) {
  const auto at = std::ranges::find(jitter_shape_names, name);
  if (at == jitter_shape_names.end()) return std::nullopt;
  return static_cast<JitterShape>(at - jitter_shape_names.begin());
}

Duration draw(const Jitter& jitter, Prng& prng) {
  constexpr double factor_max = 100;
  if (jitter.size <= Duration()) return {};
  const auto size = static_cast<double>(jitter.size.count_micros());
  return Duration::micros(
      static_cast<std::int64_t>(size * std::min(factor(jitter.shape, prng), factor_max)));
}

}  // namespace ottla
