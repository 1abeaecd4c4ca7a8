#include "engine/wire/backoff.h"

#include <algorithm>

namespace ottla::wire {

Duration Backoff::after(unsigned failures, Random& random) const {
  Duration base = initial;
  for (unsigned i = 0; i < failures && base < max; ++i) base = base * 2;
  base = std::min(base, max);
  // Integers only, so that a draw means the same in every build.
  const auto range = static_cast<std::uint64_t>(2 * jitter_permille + 1);
  const std::int64_t permille =
      1000 - jitter_permille + static_cast<std::int64_t>(random.next() % range);
  return std::min(base * permille / 1000, max);
}

}  // namespace ottla::wire
