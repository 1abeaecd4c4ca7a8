#include "engine/broker/quota/windowed_rate.h"

#include <algorithm>
#include <cmath>

namespace ottla::broker {

WindowedRate::WindowedRate(SampleWindow window, Divisor divisor)
    : span_ms_(window.span.count_millis()), sample_count_(window.samples), divisor_(divisor) {}

WindowedRate::Sample& WindowedRate::current(std::int64_t now_ms) {
  if (samples_.empty()) samples_.push_back({.started_ms = now_ms, .last_event_ms = now_ms});
  return samples_[current_];
}

// One sample more than the window has is kept: the oldest may lie in the window with a part of it.
void WindowedRate::advance(std::int64_t now_ms) {
  current_ = (current_ + 1) % (static_cast<std::size_t>(sample_count_) + 1);
  const Sample fresh{.started_ms = now_ms, .last_event_ms = now_ms};
  if (current_ >= samples_.size()) {
    samples_.push_back(fresh);
  } else {
    samples_[current_] = fresh;
  }
}

void WindowedRate::record(double value, Instant now) {
  const std::int64_t now_ms = now.millis_since_epoch();
  if (now_ms - current(now_ms).started_ms >= span_ms_) advance(now_ms);
  Sample& sample = current(now_ms);
  sample.value += value;
  sample.last_event_ms = now_ms;
}

void WindowedRate::purge(std::int64_t now_ms) {
  for (Sample& sample : samples_) {
    const bool obsolete = now_ms - sample.last_event_ms >= sample_count_ * span_ms_;
    if (obsolete) sample = {.started_ms = now_ms, .last_event_ms = now_ms};
  }
}

std::int64_t WindowedRate::window_ms(std::int64_t now_ms) {
  purge(now_ms);
  (void)current(now_ms);
  const auto oldest = std::min_element(
      samples_.begin(), samples_.end(),
      [](const Sample& a, const Sample& b) { return a.started_ms < b.started_ms; });
  const std::int64_t covered = now_ms - oldest->started_ms;
  if (divisor_ == Divisor::covered_time) return std::max(covered, span_ms_);
  const std::int64_t lacking = std::max<std::int64_t>(sample_count_ - 1 - covered / span_ms_, 0);
  return std::max<std::int64_t>(covered + lacking * span_ms_, 1);
}

double WindowedRate::per_second(Instant now) {
  const std::int64_t now_ms = now.millis_since_epoch();
  const std::int64_t window = window_ms(now_ms);
  double sum = 0;
  for (const Sample& sample : samples_) sum += sample.value;
  return sum / (static_cast<double>(window) / 1000.0);
}

Duration WindowedRate::window(Instant now) {
  return Duration::millis(window_ms(now.millis_since_epoch()));
}

Duration throttle_time(double rate, double bound, Duration window) {
  const double millis = (rate - bound) / bound * static_cast<double>(window.count_millis());
  return Duration::millis(static_cast<std::int64_t>(std::floor(millis + 0.5)));
}

}  // namespace ottla::broker
