// One-shot timers of one node. They end when the process does.
#pragma once

#include <cstdint>

#include "engine/base/strong_id.h"
#include "engine/base/time.h"

namespace ottla {

using TimerId = StrongId<struct TimerIdTag, std::uint64_t>;

class Timers {
 public:
  virtual ~Timers() = default;
  // Calls Node::on_timer once, `after` from now. Never returns TimerId{0}, which may stand for
  // "none".
  [[nodiscard]] virtual TimerId arm(Duration after) = 0;
  // A cancelled timer is never delivered. An unknown or fired one is ignored.
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace ottla
