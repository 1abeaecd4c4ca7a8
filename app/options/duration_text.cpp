#include "app/options/duration_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace ottla::command_line {
namespace {

struct Unit {
  std::string_view name;
  double micros;
};
constexpr std::array units{Unit{"ms", 1e3}, Unit{"s", 1e6}, Unit{"m", 60e6}, Unit{"h", 3600e6}};
constexpr double micros_max = 24.0 * 365 * 3600e6;  // A year.

}  // namespace

Result<Duration, std::string> parse_duration(std::string_view text) {
  const std::string wrong =
      fmt::format("\"{}\" is not a time: write 500ms, 30s, 2m or 1h, up to a year", text);
  double count = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), count, std::chars_format::fixed);
  if (error != std::errc()) return failure(wrong);
  const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (unit.name != unit_name) continue;
    const double micros = count * unit.micros;
    if (!(micros >= 0 && micros <= micros_max)) return failure(wrong);
    return Duration::micros(std::llround(micros));
  }
  return failure(wrong);
}

}  // namespace ottla::command_line
