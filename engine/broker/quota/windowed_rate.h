// How much was recorded in a second, over the last samples: Kafka's Rate over a WindowedSum, and
// its SimpleRate. Time counts in whole milliseconds, as there.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/time.h"

namespace ottla::broker {

// `quota.window.num` samples of `quota.window.size.seconds` each.
struct SampleWindow {
  std::int32_t samples = 11;
  Duration span = Duration::seconds(1);
};

class WindowedRate {
 public:
  // What the sum is divided by: never less than all samples but one, so that a burst after silence
  // counts as the little that it is (Rate); or the time that the samples cover (SimpleRate).
  enum class Divisor : std::uint8_t { full_window, covered_time };

  explicit WindowedRate(SampleWindow window, Divisor divisor = Divisor::full_window);

  // Negative values take back what was recorded.
  void record(double value, Instant now);
  [[nodiscard]] double per_second(Instant now);
  // What per_second() divides by.
  [[nodiscard]] Duration window(Instant now);

 private:
  struct Sample {
    std::int64_t started_ms;
    std::int64_t last_event_ms;
    double value = 0;
  };

  Sample& current(std::int64_t now_ms);
  void advance(std::int64_t now_ms);
  void purge(std::int64_t now_ms);
  [[nodiscard]] std::int64_t window_ms(std::int64_t now_ms);

  // Constant after construction.
  std::int64_t span_ms_;
  std::int32_t sample_count_;
  Divisor divisor_;

  std::vector<Sample> samples_;  // One more than sample_count_ at most, used in turn.
  std::size_t current_ = 0;
};

// How long nothing may be added until a rate above its bound is back at it (QuotaUtils): with a
// rate R over a window W it takes W x (R - bound) / bound. In whole milliseconds.
[[nodiscard]] Duration throttle_time(double rate, double bound, Duration window);

}  // namespace ottla::broker
