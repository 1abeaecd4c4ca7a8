// Replicas as an administrator assigns them: by CreateTopics, CreatePartitions and
// AlterPartitionReassignments.
#pragma once

#include <optional>
#include <vector>

#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"

namespace ottla::metadata {

// INVALID_REPLICA_ASSIGNMENT where the list is empty, names a broker that is not registered, or one
// twice, or is not as long as `replication_factor` says.
[[nodiscard]] ApiError refuse_assignment(const Image& image, const std::vector<BrokerId>& replicas,
                                         std::optional<std::size_t> replication_factor);

}  // namespace ottla::metadata
