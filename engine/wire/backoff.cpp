#include "engine/wire/backoff.h"

#include <algorithm>

namespace ottla::wire {

Duration Backoff::after(unsigned failures, Random& random) const {
  Duration base = initial;
  for (unsigned i = 0; i < failures && base < max; ++i) base = base * 2;
  base = std::min(base, max);
  // Integers only, so that a draw means the same in every build: 80.0 % to 120.0 % in steps of a
  // thousandth.
  const auto permille = static_cast<std::int64_t>(800 + random.next() % 401);
  return std::min(base * permille / 1000, max);
}

}  // namespace ottla::wire
