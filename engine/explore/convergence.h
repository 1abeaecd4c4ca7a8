// Liveness: what a cluster still has to do after the last fault.
#pragma once

#include <string>

#include "engine/world/cluster.h"

namespace ottla::explore {

// What keeps the cluster from being at rest: nodes that do not serve, partitions without a leader
// or with replicas that lag, records that are under way, groups that have not read everything.
// Empty once nothing does. The producers make no records any more.
[[nodiscard]] std::string unfinished(world::Cluster& cluster);

}  // namespace ottla::explore
