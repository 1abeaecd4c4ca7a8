// How the speed slider's places mean speeds: 0.01x at the left, 1000x before the end, and as fast
// as it can at the end. Logarithmic between.
#pragma once

namespace ottla::ui {

inline constexpr int speed_steps = 100;

// The speed at a place of 0 to speed_steps; infinity at the last.
[[nodiscard]] double speed_at(int place);
[[nodiscard]] int place_of_speed(double speed);

}  // namespace ottla::ui
