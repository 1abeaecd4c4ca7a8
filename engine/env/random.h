// One node's own stream of random bits, split from the run's seed.
#pragma once

#include <cstdint>

namespace ottla {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

}  // namespace ottla
