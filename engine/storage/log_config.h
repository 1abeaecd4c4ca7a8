// The topic and broker configs that a log obeys, by Kafka's names and defaults.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "engine/protocol/records/batch_header.h"

namespace ottla::storage {

struct LogConfig {
  std::uint32_t segment_bytes = 1'073'741'824;                             // segment.bytes
  Duration segment_time = Duration::millis(604'800'000);                   // segment.ms
  std::uint32_t index_interval_bytes = 4096;                               // index.interval.bytes
  std::uint32_t index_bytes_max = 10'485'760;                              // segment.index.bytes
  std::optional<Duration> retention_time = Duration::millis(604'800'000);  // retention.ms; none: -1
  std::optional<std::uint64_t> retention_bytes;  // retention.bytes; none: -1
  protocol::TimestampType timestamp_type =
      protocol::TimestampType::create_time;  // message.timestamp.type
  bool delete_old = true;                    // cleanup.policy has delete.
  bool compact = false;                      // cleanup.policy has compact: offsets may have gaps.
  Duration delete_retention = Duration::millis(86'400'000);  // delete.retention.ms
  Duration min_compaction_lag;                               // min.compaction.lag.ms
  std::optional<Duration> max_compaction_lag;                // max.compaction.lag.ms; none: never
  double min_cleanable_ratio = 0.5;                          // min.cleanable.dirty.ratio
  Duration producer_expiration = Duration::millis(86'400'000);  // producer.id.expiration.ms
};

}  // namespace ottla::storage
