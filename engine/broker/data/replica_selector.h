// Which replica a consumer is sent to (KIP-392, `replica.selector.class`).
#pragma once

#include <string_view>

#include "engine/broker/data/replica.h"
#include "engine/metadata/image.h"

namespace ottla::broker {

inline constexpr std::string_view rack_aware_replica_selector =
    "org.apache.kafka.common.replica.RackAwareReplicaSelector";

// What RackAwareReplicaSelector says to a consumer in `client_rack` that is at `fetch_offset` of a
// partition that `self` leads: of the replicas in sync that have the offset and stand in that rack,
// the one that has caught up most. no_broker: the leader itself, since it stands in that rack or no
// other replica does.
[[nodiscard]] BrokerId preferred_read_replica(const Replica& replica, BrokerId self,
                                              const metadata::Image& image,
                                              std::string_view client_rack, Offset fetch_offset);

}  // namespace ottla::broker
