// The rules under which a topic's partitions change, as the cluster's state and configs set them.
#pragma once

#include "engine/metadata/partition_change.h"

namespace ottla::metadata {

// Whether eligible leader replicas are in force (KIP-966).
[[nodiscard]] bool has_eligible_leader_replicas(const Image& image);
// Whether the metadata log says in which directories replicas lie (KIP-858).
[[nodiscard]] bool supports_directory_assignment(const Image& image);

// The rules for `topic`'s partitions. They refer to `image`: they hold until it changes. `settings`
// are the controller's own properties.
[[nodiscard]] PartitionRules partition_rules(const Image& image, const ConfigValues& settings,
                                             const Topic& topic);

// The directory of a new replica: the broker's only one; where it has several it says later which
// one it chose, and until then, as for a broker that is not registered, there is none.
[[nodiscard]] Uuid default_directory(const Image& image, BrokerId broker);

}  // namespace ottla::metadata
