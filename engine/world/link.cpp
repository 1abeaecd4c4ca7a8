#include "engine/world/link.h"

#include <algorithm>

namespace ottla::world {
namespace {

constexpr std::size_t segment_bytes = 1448;  // Of a 1,500-byte Ethernet frame with TCP timestamps.

// The probability that at least one of `segments` is lost; by squaring, so that it is the same on
// every machine's mathematics library.
double any_lost(double loss, std::size_t segments) {
  double all_arrive = 1;
  double factor = 1 - loss;
  for (; segments > 0; segments /= 2) {
    if (segments % 2 == 1) all_arrive *= factor;
    factor *= factor;
  }
  return 1 - all_arrive;
}

}  // namespace

Instant Link::transmit(Instant now, std::size_t bytes, const Retransmission& retransmission) {
  Instant sent = now;
  if (spec_.bandwidth_bytes_per_s > 0) {
    const std::int64_t now_nanos = now.micros_since_epoch() * 1000;
    const auto nanos = static_cast<std::int64_t>(static_cast<std::uint64_t>(bytes) * 1'000'000'000 /
                                                 spec_.bandwidth_bytes_per_s);
    busy_until_nanos_ = std::max(now_nanos, busy_until_nanos_) + nanos;
    sent = Instant::from_micros(busy_until_nanos_ / 1000);
  }
  Instant arrives = sent + std::max(spec_.latency + draw(spec_.jitter, prng_), Duration());
  if (spec_.loss > 0) arrives += retransmission_delay(bytes, retransmission);
  return arrives;
}

Duration Link::retransmission_delay(std::size_t bytes, const Retransmission& retransmission) {
  Duration delay;
  Duration timeout = retransmission.timeout;
  double lost = any_lost(spec_.loss, 1 + bytes / segment_bytes);
  // A link that loses everything is a cut, not an endless loop.
  constexpr int attempts_max = 15;  // tcp_retries2
  for (int attempt = 0; attempt < attempts_max && prng_.chance(lost); ++attempt) {
    delay += timeout;
    timeout = std::min(timeout * 2, retransmission.timeout_max);
    lost = spec_.loss;  // Only what was lost is sent again: about one segment.
  }
  return delay;
}

void Link::count(std::size_t bytes, std::int16_t api_key) {
  const auto key = std::min(static_cast<std::size_t>(static_cast<std::uint16_t>(api_key)),
                            LinkStatistics::api_keys - 1);
  for (TrafficCount* count : {&statistics_.total, &statistics_.by_api[key]}) {
    ++count->messages;
    count->bytes += bytes;
  }
}

}  // namespace ottla::world
