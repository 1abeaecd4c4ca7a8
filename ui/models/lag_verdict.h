// Whether a consumer keeps up with one partition, judged over a window of samples as Burrow does:
// from how the committed position and the lag moved, not from a threshold on the lag.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::ui {

enum class LagVerdict : std::uint8_t {
  unknown,  // Too few samples, or nothing committed and nothing to read it by.
  ok,       // It was caught up at some moment of the window.
  warn,     // It moves, and was never caught up.
  rewind,   // The committed position went back.
  stall,    // A member owns it and commits nothing new, with records left to read.
  stop,     // Nobody owns it, and records are left to read.
};

// The worse of two: a group's verdict is the worst of its partitions'.
[[nodiscard]] constexpr LagVerdict worse(LagVerdict a, LagVerdict b) {
  return a < b ? b : a;
}
[[nodiscard]] const char* name(LagVerdict verdict);  // "OK", "WARN", "STALL", "STOP", "REWIND", "–"

struct LagSample {
  Instant at;
  std::optional<Offset> committed;
  std::int64_t lag = 0;
  std::optional<Duration> lag_time;
  bool owned = false;  // A member has it assigned.
};

// Lag below this is being caught up: records in flight and between two commits.
inline constexpr Duration caught_up_within = Duration::seconds(1);
inline constexpr Duration lag_window = Duration::seconds(30);
// With less than this in the window only lag of zero is judged.
inline constexpr Duration lag_window_min = Duration::seconds(5);

// `window` is in order of time.
[[nodiscard]] LagVerdict judge(std::span<const LagSample> window);

}  // namespace ottla::ui
