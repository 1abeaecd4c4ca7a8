#include "engine/broker/data/offset_query.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

Offset readable_end(const Replica& replica, const OffsetQuery& query) {
  if (!query.from_consumer) return replica.log_end();
  return query.read_committed ? replica.last_stable_offset() : replica.high_watermark();
}

// A new leader's watermark may be behind what consumers have read from the one before, and an end
// that moves back would have them read again. It is known once it has passed the epoch's start
// (KIP-207).
bool end_is_known(const Replica& replica, const OffsetQuery& query) {
  return !query.from_consumer || replica.leader()->epoch_start() <= replica.high_watermark();
}

Result<OffsetAnswer, ErrorCode> find_timestamp(Replica& replica, const OffsetQuery& query) {
  const auto found = query.timestamp == max_timestamp_offset ? replica.max_timestamp_offset()
                                                             : replica.offset_at(query.timestamp);
  if (!found) return failure(found.error());
  if (*found && (*found)->offset < readable_end(replica, query)) {
    return OffsetAnswer{.offset = (*found)->offset,
                        .timestamp = (*found)->timestamp,
                        .epoch = replica.epoch_of((*found)->offset)};
  }
  if (!end_is_known(replica, query)) return failure(ErrorCode::offset_not_available);
  return OffsetAnswer();
}

}  // namespace

Result<OffsetAnswer, ErrorCode> find_offset(Replica& replica, const OffsetQuery& query) {
  switch (query.timestamp) {
    case latest_offset:
      if (!end_is_known(replica, query)) return failure(ErrorCode::offset_not_available);
      return OffsetAnswer{.offset = readable_end(replica, query), .epoch = replica.leader_epoch()};
    case earliest_offset:
    case earliest_local_offset:
      return OffsetAnswer{.offset = replica.log_start(),
                          .epoch = replica.epoch_of(replica.log_start())};
    case latest_tiered_offset: return OffsetAnswer();
    default: return find_timestamp(replica, query);
  }
}

}  // namespace ottla::broker
