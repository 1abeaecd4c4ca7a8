#include "engine/gateway/time_text.h"

#include <fmt/format.h>

#include <chrono>

namespace ottla::gateway {

std::string iso_8601(Instant at) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  const std::chrono::sys_time<std::chrono::microseconds> exact{
      std::chrono::microseconds(at.micros_since_epoch())};
  const auto time = std::chrono::floor<milliseconds>(exact);
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace ottla::gateway
