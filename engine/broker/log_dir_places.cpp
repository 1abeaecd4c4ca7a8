#include "engine/broker/log_dir_places.h"

#include <algorithm>
#include <string_view>

#include "engine/metadata/broker_config.h"

namespace ottla::broker {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Kafka's Csv.parseCsvList: what is empty does not count.
std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view entry = trimmed(text.substr(0, comma));
    if (!entry.empty()) entries.emplace_back(entry);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return entries;
}

std::string folder_of(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t begin = path.find_first_not_of('/');
  return begin == std::string_view::npos ? std::string() : std::string(path.substr(begin));
}

}  // namespace

LogDirPlaces log_dir_places(const metadata::ConfigValues& settings) {
  const std::string dirs = metadata::broker_config_value(settings, "log.dirs");
  const std::vector<std::string> paths =
      listed(dirs.empty() ? metadata::broker_config_value(settings, "log.dir") : dirs);
  std::string metadata = metadata::broker_config_value(settings, "metadata.log.dir");
  if (metadata.empty() && !paths.empty()) metadata = paths.front();
  const bool only_one = paths.size() == 1 && metadata == paths.front();
  const auto place = [&](const std::string& path) {
    return LogDirPlace{path, only_one ? std::string() : folder_of(path)};
  };
  LogDirPlaces places;
  for (const std::string& path : paths) places.logs.push_back(place(path));
  places.metadata = place(metadata);
  return places;
}

}  // namespace ottla::broker
