// What time it is for one node. The only source of time in the engine's deterministic modules.
#pragma once

#include "engine/base/time.h"

namespace ottla {

class Clock {
 public:
  virtual ~Clock() = default;
  // The node's own idea of the time, which a clock-skew fault may shift.
  [[nodiscard]] virtual Instant now() const = 0;
};

}  // namespace ottla
