// What Metadata and DescribeTopicPartitions both say of partitions and of what a caller may do.
#pragma once

#include <vector>

#include "engine/metadata/image.h"
#include "engine/protocol/error_code.h"

namespace ottla::broker {

// Without an authorizer everything is allowed: the AclOperation codes of each resource as bits
// (org.apache.kafka.server.authorizer; Utils.to32BitField).
inline constexpr std::int32_t all_topic_operations = 0x0DF8;  // READ .. DESCRIBE, configs.
inline constexpr std::int32_t all_cluster_operations =
    0x1FA0;                                                   // CREATE, ALTER .. IDEMPOTENT_WRITE.
inline constexpr std::int32_t all_group_operations = 0x0D48;  // READ, DELETE, DESCRIBE, configs.

// The partition's leader where it is alive, with the error Metadata gives for one that is not.
struct LeaderView {
  BrokerId leader = no_broker;
  protocol::ErrorCode error = protocol::ErrorCode::none;
};
[[nodiscard]] LeaderView leader_view(const metadata::Image& image,
                                     const metadata::Partition& partition);
// The replicas whose brokers are not alive.
[[nodiscard]] std::vector<BrokerId> offline_replicas(const metadata::Image& image,
                                                     const metadata::Partition& partition);

}  // namespace ottla::broker
