// Where the replicas of new partitions go: Kafka's StripedReplicaPlacer. Replicas of a partition
// are spread over racks in turn and, inside a rack, over its brokers; unfenced brokers come before
// fenced ones, and the first replica, which will lead, is always unfenced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/prng.h"
#include "engine/base/result.h"

namespace ottla::metadata {

struct UsableBroker {
  BrokerId id;
  std::optional<std::string> rack;
  bool fenced = false;
};

using Placement = std::vector<std::vector<BrokerId>>;

// The replicas of each of `partitions` new partitions. The failure is Kafka's message of
// INVALID_REPLICATION_FACTOR.
[[nodiscard]] Result<Placement, std::string> place_replicas(
    const std::vector<UsableBroker>& brokers, std::int32_t partitions,
    std::int32_t replication_factor, Prng& random);

}  // namespace ottla::metadata
