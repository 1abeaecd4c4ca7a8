// What ListOffsets asks of one partition that this broker leads: the offset of a timestamp, or one
// of the ends of the log.
#pragma once

#include "engine/broker/data/replica.h"

namespace ottla::broker {

// What stands for a place rather than a time: the end (for read_committed the last stable offset),
// the start, the record with the largest timestamp (KIP-734), the local log's start (KIP-405), and
// the last tiered offset (KIP-1005), of which there is none.
inline constexpr std::int64_t latest_offset = -1;
inline constexpr std::int64_t earliest_offset = -2;
inline constexpr std::int64_t max_timestamp_offset = -3;
inline constexpr std::int64_t earliest_local_offset = -4;
inline constexpr std::int64_t latest_tiered_offset = -5;

struct OffsetQuery {
  std::int64_t timestamp = latest_offset;  // Milliseconds, or a place.
  bool from_consumer = true;  // Consumers see below the watermark, replicas all of the log.
  bool read_committed = false;
};

struct OffsetAnswer {
  Offset offset = no_offset;
  std::int64_t timestamp = -1;  // Of the record; -1 for an end.
  LeaderEpoch epoch = no_leader_epoch;
};

// Nothing but -1s where no record is that late. Fails with offset_not_available where the answer
// depends on an end that a new leader does not know yet.
[[nodiscard]] Result<OffsetAnswer, protocol::ErrorCode> find_offset(Replica& replica,
                                                                    const OffsetQuery& query);

}  // namespace ottla::broker
