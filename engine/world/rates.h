// How much counters grew in the last second, by name, from samples of them
// HistoryRecorder::interval apart.
//
//   rates.add("records.orders-0", log_end, leader_epoch);  // Each counter that there is, then
//   rates.end_sample();                                     // the sample is whole.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "engine/world/history_recorder.h"

namespace ottla::world {

class Rates {
 public:
  // A counter's value now, and what it grew in the last second. Where it has another `origin` than
  // before (another leader counts), or fell (its process began anew), it is counted on from here:
  // what it has from elsewhere or before is not growth.
  double add(const std::string& key, double counter, std::int64_t origin = 0);
  // Forgets what was not added since the last call: a counter that is gone has no rate.
  void end_sample();
  // Zero for what is not counted.
  [[nodiscard]] double of(const std::string& key) const;

 private:
  static constexpr std::size_t samples_a_second = 1000 / HistoryRecorder::interval.count_millis();
  struct Rate {
    double counter = 0;
    std::int64_t origin = 0;
    std::array<double, samples_a_second> grown{};  // A ring; counters are whole, so sums are exact.
    std::size_t next = 0;
    double per_s = 0;
    std::uint64_t sample = 0;  // The last that it was added in.
  };

  std::map<std::string, Rate> rates_;
  std::uint64_t sample_ = 1;
};

}  // namespace ottla::world
