#include "engine/metadata/manual_assignment.h"

#include <fmt/format.h>

#include <algorithm>

namespace ottla::metadata {

ApiError refuse_assignment(const Image& image, const std::vector<BrokerId>& replicas,
                           std::optional<std::size_t> replication_factor) {
  const auto invalid = [](std::string why) {
    return ApiError{protocol::ErrorCode::invalid_replica_assignment, std::move(why)};
  };
  if (replicas.empty()) {
    return invalid("The manual partition assignment includes an empty replica list.");
  }
  std::vector<BrokerId> sorted = replicas;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (image.broker(sorted[i]) == nullptr) {
      return invalid(fmt::format(
          "The manual partition assignment includes broker {}, but no such broker is registered.",
          sorted[i].value()));
    }
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return invalid(
          fmt::format("The manual partition assignment includes the broker {} more than once.",
                      sorted[i].value()));
    }
  }
  if (replication_factor && *replication_factor != replicas.size()) {
    return invalid(
        fmt::format("The manual partition assignment includes a partition with {} replica(s), "
                    "but this is not consistent with previous partitions, which have {} "
                    "replica(s).",
                    replicas.size(), *replication_factor));
  }
  return {};
}

}  // namespace ottla::metadata
