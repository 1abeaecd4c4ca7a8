#include "engine/metadata/config_list_edit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace ottla::metadata {

namespace {

// As java.lang.String.split(","): empty parts at the end are left out, but the empty text is one.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  if (text.find(',') == std::string_view::npos) return {std::string(text)};
  while (true) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

}  // namespace

std::string edited_list(std::string_view present, std::string_view items, ListEdit edit) {
  std::vector<std::string> list = parts_of(present);
  std::erase(list, std::string());
  for (const std::string& item : parts_of(items)) {
    const auto found = std::find(list.begin(), list.end(), item);
    if (edit == ListEdit::append && found == list.end()) list.push_back(item);
    if (edit == ListEdit::subtract && found != list.end()) list.erase(found);
  }
  return fmt::format("{}", fmt::join(list, ","));
}

}  // namespace ottla::metadata
