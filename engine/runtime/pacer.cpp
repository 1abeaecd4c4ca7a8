#include "engine/runtime/pacer.h"

#include <cmath>

namespace ottla::runtime {

void Pacer::set(bool running, double speed, Instant now, Instant wall) {
  running_ = running;
  speed_ = speed;
  base_ = now;
  base_wall_ = wall;
}

Instant Pacer::target(Instant wall) const {
  if (!running_) return base_;
  const double elapsed = static_cast<double>((wall - base_wall_).count_micros());
  return base_ + Duration::micros(std::llround(elapsed * speed_));
}

std::optional<Instant> Pacer::wall_time_of(Instant virtual_time) const {
  if (!running_) return std::nullopt;
  const double ahead = static_cast<double>((virtual_time - base_).count_micros());
  return base_wall_ + Duration::micros(static_cast<std::int64_t>(std::ceil(ahead / speed_)));
}

}  // namespace ottla::runtime
