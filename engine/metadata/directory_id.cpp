#include "engine/metadata/directory_id.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ottla::metadata {

bool is_online_directory(const Uuid& id, const std::vector<Uuid>& online) {
  if (id == unassigned_directory || id == migrating_directory) return true;
  if (id == lost_directory) return false;
  return online.empty() || std::find(online.begin(), online.end(), id) != online.end();
}

std::vector<Uuid> sorted_directories(std::vector<Uuid> ids) {
  const auto halves = [](const Uuid& id) {
    return std::pair(static_cast<std::int64_t>(id.high()), static_cast<std::int64_t>(id.low()));
  };
  std::sort(ids.begin(), ids.end(),
            [&](const Uuid& a, const Uuid& b) { return halves(a) < halves(b); });
  return ids;
}

}  // namespace ottla::metadata
