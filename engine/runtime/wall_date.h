// The date of this machine's clock, for a cluster whose time begins now.
#pragma once

#include <chrono>

#include "engine/base/time.h"

namespace ottla::runtime {

[[nodiscard]] inline Instant wall_date() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return Instant::from_micros(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace ottla::runtime
