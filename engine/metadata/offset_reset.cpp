#include "engine/metadata/offset_reset.h"

#include <regex>
#include <string>

#include "engine/metadata/java_double.h"

namespace ottla::metadata {

namespace {

// A part of a duration, such as "-3H": its number, which may have a sign.
double signed_part(const std::ssub_match& part) {
  return part.matched ? parse_java_double(part.str()).value_or(0.0) : 0.0;
}

// java.time.Duration.parse, in seconds; negative also where nothing can be read.
double duration_seconds(const std::string& text) {
  static const std::regex form(
      "([-+]?)P(?:([-+]?[0-9]+)D)?"
      "(T(?:([-+]?[0-9]+)H)?(?:([-+]?[0-9]+)M)?(?:([-+]?[0-9]+(?:\\.[0-9]{0,9})?)S)?)?",
      std::regex::icase);
  constexpr double unreadable = -1;
  std::smatch part;
  if (!std::regex_match(text, part, form)) return unreadable;
  const bool has_time = part[4].matched || part[5].matched || part[6].matched;
  if ((part[3].matched && !has_time) || (!part[2].matched && !has_time)) return unreadable;
  constexpr double minute = 60, hour = 60 * minute, day = 24 * hour;
  const double seconds = signed_part(part[2]) * day + signed_part(part[4]) * hour +
                         signed_part(part[5]) * minute + signed_part(part[6]);
  return part[1].str() == "-" ? -seconds : seconds;
}

}  // namespace

bool is_offset_reset(std::string_view text) {
  if (text == "earliest" || text == "latest") return true;
  constexpr std::string_view by_duration = "by_duration:";
  if (!text.starts_with(by_duration)) return false;
  constexpr std::size_t length_max = 64;  // Longer than any duration that Java can hold.
  text.remove_prefix(by_duration.size());
  return text.size() <= length_max && duration_seconds(std::string(text)) >= 0;
}

}  // namespace ottla::metadata
