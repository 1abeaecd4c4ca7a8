// The partitions that a consumer owns, and where it stands in each: Kafka's SubscriptionState.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::client {

using TopicPartition = std::pair<std::string, PartitionIndex>;

struct OwnedPartition {
  std::optional<Offset> position;  // The next record that the application gets.
  bool reset_wanted = false;  // Nothing is committed, or it is gone: ask for the earliest offset.
  Instant not_before;         // The back-off after an error.
};

using OwnedPartitions = std::map<TopicPartition, OwnedPartition>;

}  // namespace ottla::client
