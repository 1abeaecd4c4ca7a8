// Virtual time to pixels, for the timeline, the Gantt and the strips over charts.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/time.h"

namespace ottla::ui {

struct TimeScale {
  static constexpr double px_per_second_min = 0.02;  // A day on 1 700 pixels.
  static constexpr double px_per_second_max = 40'000;

  Instant left;   // The moment at x0.
  double x0 = 0;  // Where the axis begins.
  double px_per_second = 24;

  [[nodiscard]] double x(Instant at) const {
    return x0 + (at - left).count_seconds() * px_per_second;
  }
  [[nodiscard]] Instant at(double x_of) const {
    return left + Duration::micros(std::llround((x_of - x0) / px_per_second * 1e6));
  }
  [[nodiscard]] double width(Duration span) const { return span.count_seconds() * px_per_second; }

  // Zoomed by `factor`, with the moment under `around_x` staying where it is.
  [[nodiscard]] TimeScale zoomed(double factor, double around_x) const {
    TimeScale scale = *this;
    scale.px_per_second = std::clamp(px_per_second * factor, px_per_second_min, px_per_second_max);
    scale.left =
        at(around_x) - Duration::micros(std::llround((around_x - x0) / scale.px_per_second * 1e6));
    return scale;
  }

  // The finest of the steps that people count in which is at least `px_min` wide.
  [[nodiscard]] Duration step(double px_min) const {
    constexpr std::array<std::int64_t, 25> steps_ms{
        1,       2,       5,         10,        20,        50,         100,       200,     500,
        1'000,   2'000,   5'000,     10'000,    15'000,    30'000,     60'000,    120'000, 300'000,
        600'000, 900'000, 1'800'000, 3'600'000, 7'200'000, 21'600'000, 86'400'000};
    for (const std::int64_t ms : steps_ms) {
      if (width(Duration::millis(ms)) >= px_min) return Duration::millis(ms);
    }
    return Duration::millis(steps_ms.back());
  }
  // The first multiple of `step` since `start` that is at `from` or later.
  [[nodiscard]] static Instant first_tick(Instant start, Instant from, Duration step) {
    const std::int64_t past = (from - start).count_micros();
    const std::int64_t size = step.count_micros();
    const std::int64_t floor = past >= 0 ? past / size : -((-past + size - 1) / size);
    const std::int64_t at = floor * size == past ? floor : floor + 1;
    return start + Duration::micros(at * size);
  }
};

}  // namespace ottla::ui
