// The broker configs that rule groups, named after Kafka's, with Kafka's defaults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/base/time.h"

namespace ottla::coordinator {

struct GroupConfig {
  Duration initial_rebalance_delay = Duration::millis(3000);   // group.initial.rebalance.delay.ms
  Duration session_timeout_min = Duration::millis(6000);       // group.min.session.timeout.ms
  Duration session_timeout_max = Duration::millis(1'800'000);  // group.max.session.timeout.ms
  std::int32_t max_size = std::numeric_limits<std::int32_t>::max();  // group.max.size
  std::size_t offset_metadata_max_size = 4096;                       // offset.metadata.max.bytes
  Duration offsets_retention = Duration::seconds(7 * 24 * 3600);     // offsets.retention.minutes
  Duration offsets_retention_check_interval = Duration::millis(600'000);
  Duration commit_timeout = Duration::millis(5000);  // offsets.commit.timeout.ms
  // A new member's parked join ends after this; Kafka fixes it, since such a member cannot send
  // heartbeats.
  Duration new_member_join_timeout = Duration::millis(300'000);
};

}  // namespace ottla::coordinator
