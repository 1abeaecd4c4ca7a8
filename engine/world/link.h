// The directed link from one process to another: how slow, narrow, lossy or broken it is. All
// connections between the two share it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/jitter.h"
#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/world/process_id.h"

namespace ottla::world {

struct LinkSpec {
  Duration latency = Duration::micros(200);
  Jitter jitter = {Duration::micros(50)};               // On top of the latency.
  std::uint64_t bandwidth_bytes_per_s = 1'250'000'000;  // 0: without limit.
  double loss = 0;  // Of one TCP segment; shows as retransmission delay.
  bool operator==(const LinkSpec&) const = default;
};

struct TrafficCount {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

// What was sent over a link since the world began; responses count under their request's API.
struct LinkStatistics {
  static constexpr std::size_t api_keys = 96;  // The last one stands for every key beyond.
  TrafficCount total;
  std::array<TrafficCount, api_keys> by_api{};
};

struct Retransmission {
  Duration timeout = Duration::millis(200);  // TCP's minimal RTO; doubles with each loss in a row.
  Duration timeout_max = Duration::seconds(120);  // TCP_RTO_MAX.
};

class Link {
 public:
  Link(ProcessId from, ProcessId to, const LinkSpec& spec, Prng prng)
      : from_(from), to_(to), spec_(spec), prng_(prng) {}

  [[nodiscard]] ProcessId from() const { return from_; }
  [[nodiscard]] ProcessId to() const { return to_; }
  [[nodiscard]] const LinkSpec& spec() const { return spec_; }
  void set_spec(const LinkSpec& spec) { spec_ = spec; }
  [[nodiscard]] bool is_cut() const { return cut_; }
  void set_cut(bool cut) { cut_ = cut; }
  [[nodiscard]] const LinkStatistics& statistics() const { return statistics_; }

  // When `bytes` that are handed over at `now` arrive. Occupies the link's bandwidth.
  [[nodiscard]] Instant transmit(Instant now, std::size_t bytes,
                                 const Retransmission& retransmission);
  // Counts one message.
  void count(std::size_t bytes, std::int16_t api_key);

 private:
  [[nodiscard]] Duration retransmission_delay(std::size_t bytes,
                                              const Retransmission& retransmission);

  // Constant after construction.
  ProcessId from_;
  ProcessId to_;

  LinkSpec spec_;
  bool cut_ = false;
  Prng prng_;                          // Drawn from only where jitter or loss ask for it.
  std::int64_t busy_until_nanos_ = 0;  // Finer than Instant, so that small frames add up.
  LinkStatistics statistics_;
};

}  // namespace ottla::world
