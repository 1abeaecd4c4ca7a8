// Virtual time against wall time: where the world should be by now at the speed asked for, and how
// fast it really went. Pure; the wall clock is passed in.
#pragma once

#include <optional>

#include "engine/base/time.h"

namespace ottla::runtime {

class Pacer {
 public:
  // Speeds at or above this run as fast as they can.
  static constexpr double unlimited = 1000;

  // From here on the world runs (or not) at `speed`, virtual `now` at wall `wall`.
  void set(bool running, double speed, Instant now, Instant wall);

  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] double speed() const { return speed_; }
  [[nodiscard]] bool is_unlimited() const { return speed_ >= unlimited; }

  // How far the world may go by `wall`.
  [[nodiscard]] Instant target(Instant wall) const;
  // When, by the wall, the world may reach `virtual_time`; nothing while paused.
  [[nodiscard]] std::optional<Instant> wall_time_of(Instant virtual_time) const;
  // The world could not keep up: forget the lost time rather than race after it.
  void fell_behind(Instant now, Instant wall) { set(running_, speed_, now, wall); }

 private:
  bool running_ = false;
  double speed_ = 1;
  Instant base_;
  Instant base_wall_;
};

}  // namespace ottla::runtime
