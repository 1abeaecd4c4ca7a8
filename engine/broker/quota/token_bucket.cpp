#include "engine/broker/quota/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace ottla::broker {

TokenBucket::TokenBucket(SampleWindow window)
    : window_seconds_(window.samples * window.span.count_seconds()) {}

void TokenBucket::refill(double rate, Instant now) {
  const std::int64_t now_ms = now.millis_since_epoch();
  const double arrived = rate * (static_cast<double>(now_ms - refilled_ms_) / 1000.0);
  tokens_ = std::min(window_seconds_ * rate, tokens_ + arrived);
  refilled_ms_ = now_ms;
}

double TokenBucket::tokens(double rate, Instant now) {
  refill(rate, now);
  return tokens_;
}

void TokenBucket::take(double tokens, double rate, Instant now) {
  refill(rate, now);
  tokens_ = std::min(window_seconds_ * rate, tokens_ - tokens);
}

Duration time_to_pay(double tokens, double rate) {
  if (tokens >= 0) return {};
  return Duration::millis(static_cast<std::int64_t>(std::floor(-tokens / rate * 1000.0 + 0.5)));
}

}  // namespace ottla::broker
