#include "engine/metadata/topic_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace ottla::metadata {

namespace {

constexpr std::size_t name_length_max = 249;

bool legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::optional<std::string> refuse_topic_name(std::string_view name) {
  const auto invalid = [](std::string why) { return "Topic name is invalid: " + why; };
  if (name.empty()) return invalid("the empty string is not allowed");
  if (name == ".") return invalid("'.' is not allowed");
  if (name == "..") return invalid("'..' is not allowed");
  if (name.size() > name_length_max) {
    return invalid(fmt::format("the length of '{}' is longer than the max allowed length {}", name,
                               name_length_max));
  }
  if (!std::all_of(name.begin(), name.end(), legal)) {
    return invalid(fmt::format(
        "'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        name));
  }
  return std::nullopt;
}

std::string collision_form(std::string_view name) {
  std::string form(name);
  std::replace(form.begin(), form.end(), '.', '_');
  return form;
}

bool has_collision_characters(std::string_view name) {
  return name.find_first_of("._") != std::string_view::npos;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

}  // namespace ottla::metadata
