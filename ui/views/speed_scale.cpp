#include "ui/views/speed_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ottla::ui {
namespace {

constexpr int last_finite = speed_steps - 5;
constexpr double decades = 5;  // 10^-2 to 10^3.

// Two figures, so that a place reads as a number a person would say; 1x is met exactly.
double rounded(double speed) {
  const double unit = std::pow(10, std::floor(std::log10(speed)) - 1);
  return std::round(speed / unit) * unit;
}

}  // namespace

double speed_at(int place) {
  if (place > last_finite) return std::numeric_limits<double>::infinity();
  return rounded(std::pow(10, -2 + decades * std::max(0, place) / last_finite));
}

int place_of_speed(double speed) {
  if (!std::isfinite(speed)) return speed_steps;
  const double bounded = std::clamp(speed, 0.01, 1000.0);
  return static_cast<int>(std::lround((std::log10(bounded) + 2) / decades * last_finite));
}

}  // namespace ottla::ui
