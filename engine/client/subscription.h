// The partitions that a consumer owns, and where it stands in each: Kafka's SubscriptionState.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/client/metadata_cache.h"

namespace ottla::client {

using TopicPartition = std::pair<std::string, PartitionIndex>;

// The follower that the partition's leader has sent this consumer to (KIP-392). It is read from
// until its time is over or the leader has changed; then the leader is asked again.
struct PreferredReplica {
  BrokerId broker;
  Instant until;
  PartitionLeader by;
};

struct OwnedPartition {
  std::optional<Offset> position;  // The next record that the application gets.
  bool reset_wanted = false;  // Nothing is committed, or it is gone: ask for the earliest offset.
  Instant not_before;         // The back-off after an error.
  std::optional<PreferredReplica> preferred;
};

using OwnedPartitions = std::map<TopicPartition, OwnedPartition>;

}  // namespace ottla::client
