// What a client measures of itself: how much passed in the last second, and how long it took over
// the last five. Fixed in size; reading changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/time.h"

namespace ottla::client {

// Sums of the last second, in slots of 100 ms.
class RateMeter {
 public:
  void add(Instant now, std::int64_t records, std::int64_t bytes);

  struct Rates {
    double records_per_s = 0;
    double bytes_per_s = 0;
  };
  [[nodiscard]] Rates rates(Instant now) const;

 private:
  static constexpr std::int64_t slot_micros = 100'000;
  static constexpr std::size_t slot_count = 11;  // Ten whole ones and the one that fills.
  struct Slot {
    std::int64_t number = -1;
    std::int64_t records = 0;
    std::int64_t bytes = 0;
  };
  std::array<Slot, slot_count> slots_;
};

// Latencies of the last five seconds, in buckets that are at most 1/16 wide, a second a slot.
class LatencyMeter {
 public:
  void add(Instant now, Duration latency, std::int64_t count);
  // The latency below which `share` of the records lie; nothing when there were none.
  [[nodiscard]] std::optional<Duration> quantile(Instant now, double share) const;

 private:
  static constexpr std::int64_t slot_micros = 1'000'000;
  static constexpr std::size_t slot_count = 5;
  static constexpr std::size_t bucket_count = 16 * 36;
  static std::size_t bucket_of(std::int64_t micros);
  static std::int64_t upper_bound_of(std::size_t bucket);

  struct Slot {
    std::int64_t number = -1;
    std::array<std::uint32_t, bucket_count> counts{};
  };
  std::array<Slot, slot_count> slots_;
};

}  // namespace ottla::client
