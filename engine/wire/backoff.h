// Waits that grow with failures, with jitter so that many nodes do not return at once: Kafka's
// `ExponentialBackoff` with its multiplier 2 and, where nothing else is said, jitter 0.2.
#pragma once

#include "engine/base/time.h"
#include "engine/env/random.h"

namespace ottla::wire {

struct Backoff {
  Duration initial;
  Duration max;
  std::int64_t jitter_permille = 200;

  // The wait after `failures` earlier ones: initial * 2^failures, more or less the jitter, never
  // over `max`.
  [[nodiscard]] Duration after(unsigned failures, Random& random) const;
};

}  // namespace ottla::wire
