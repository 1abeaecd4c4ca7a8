// Tokens that come at a steady rate and are taken in bursts: Kafka's TokenBucket (KIP-599). More
// may be taken than there are; then nothing is given until the debt is paid.
#pragma once

#include <cstdint>

#include "engine/base/time.h"
#include "engine/broker/quota/windowed_rate.h"

namespace ottla::broker {

class TokenBucket {
 public:
  // Holds at most what comes in all samples of the window; full when first looked at.
  explicit TokenBucket(SampleWindow window);

  // `rate`: tokens a second.
  [[nodiscard]] double tokens(double rate, Instant now);
  void take(double tokens, double rate, Instant now);

 private:
  void refill(double rate, Instant now);

  double window_seconds_;
  double tokens_ = 0;
  std::int64_t refilled_ms_ = 0;
};

// How long it takes until a debt is paid; nothing while there is none.
[[nodiscard]] Duration time_to_pay(double tokens, double rate);

}  // namespace ottla::broker
