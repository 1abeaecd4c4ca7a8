#include "engine/client/rate_meter.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ottla::client {

void RateMeter::add(Instant now, std::int64_t records, std::int64_t bytes) {
  const std::int64_t number = now.micros_since_epoch() / slot_micros;
  Slot& slot = slots_[static_cast<std::size_t>(number) % slot_count];
  if (slot.number != number) slot = Slot{number, 0, 0};
  slot.records += records;
  slot.bytes += bytes;
}

RateMeter::Rates RateMeter::rates(Instant now) const {
  const std::int64_t number = now.micros_since_epoch() / slot_micros;
  Rates sum;
  // Ten whole slots are a second; the one that fills does not count yet.
  for (const Slot& slot : slots_) {
    if (slot.number < number - 10 || slot.number >= number) continue;
    sum.records_per_s += static_cast<double>(slot.records);
    sum.bytes_per_s += static_cast<double>(slot.bytes);
  }
  return sum;
}

// Values below 16 have a bucket each; above, an octave has 16.
std::size_t LatencyMeter::bucket_of(std::int64_t micros) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  if (value < 16) return static_cast<std::size_t>(value);
  const auto octave = static_cast<unsigned>(std::bit_width(value)) - 5;
  const auto bucket = static_cast<std::size_t>(octave * 16 + (value >> octave));
  return std::min(bucket, bucket_count - 1);
}

std::int64_t LatencyMeter::upper_bound_of(std::size_t bucket) {
  if (bucket < 32) return static_cast<std::int64_t>(bucket);
  const std::size_t octave = bucket / 16 - 1;
  const std::size_t mantissa = bucket - octave * 16;
  return static_cast<std::int64_t>(((mantissa + 1) << octave) - 1);
}

void LatencyMeter::add(Instant now, Duration latency, std::int64_t count) {
  const std::int64_t number = now.micros_since_epoch() / slot_micros;
  Slot& slot = slots_[static_cast<std::size_t>(number) % slot_count];
  if (slot.number != number) {
    slot.number = number;
    slot.counts.fill(0);
  }
  slot.counts[bucket_of(latency.count_micros())] += static_cast<std::uint32_t>(count);
}

std::optional<Duration> LatencyMeter::quantile(Instant now, double share) const {
  const std::int64_t number = now.micros_since_epoch() / slot_micros;
  const auto slot_count_signed = static_cast<std::int64_t>(slot_count);
  std::array<std::uint64_t, bucket_count> sums{};
  std::uint64_t total = 0;
  for (const Slot& slot : slots_) {
    if (slot.number <= number - slot_count_signed || slot.number > number) continue;
    for (std::size_t i = 0; i < bucket_count; ++i) {
      sums[i] += slot.counts[i];
      total += slot.counts[i];
    }
  }
  if (total == 0) return std::nullopt;
  const auto rank = std::max<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total))), 1);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    below += sums[i];
    if (below >= rank) return Duration::micros(upper_bound_of(i));
  }
  return Duration::micros(upper_bound_of(bucket_count - 1));
}

}  // namespace ottla::client
