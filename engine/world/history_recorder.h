// Measured series over the whole run, kept small: 100 ms apart for the last minutes and 1 s before
// that.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/observe/history.h"

namespace ottla::world {

class HistoryRecorder {
 public:
  static constexpr Duration interval = Duration::millis(100);
  static constexpr Duration fine_for = Duration::seconds(180);
  static constexpr Duration coarse_interval = Duration::seconds(1);
  static constexpr Duration kept_for = Duration::seconds(3600);

  // Adds a point. `label` and `unit` are taken when the series begins.
  void add(std::string_view key, std::string_view label, std::string_view unit, Instant at,
           double value);

  // All series; the same object until a point was added.
  [[nodiscard]] std::shared_ptr<const observe::History> history();

 private:
  struct Kept {
    observe::Series series;
    std::size_t coarse = 0;  // How many points at the front are already coarse.
  };
  static void thin_out(Kept& kept, Instant now);

  std::map<std::string, Kept, std::less<>> series_;
  std::shared_ptr<const observe::History> published_;
};

}  // namespace ottla::world
