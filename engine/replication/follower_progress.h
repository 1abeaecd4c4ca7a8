// How far one follower has come, as its leader sees it from the follower's fetches (Kafka's
// Replica).
#pragma once

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::replication {

struct FollowerProgress {
  BrokerId broker;
  Offset log_end_offset = no_offset;  // Unknown until its first fetch of this epoch.
  Offset log_start_offset = no_offset;
  BrokerEpoch broker_epoch =
      no_broker_epoch;  // As its last fetch said; -1 from a fetch without one.
  Instant last_caught_up;
  Instant last_fetch;
  Offset leader_end_at_last_fetch = no_offset;

  [[nodiscard]] bool has_fetched() const { return log_end_offset != no_offset; }
  // A fetch from `fetch_offset` at `now`, when the leader's log ended at `leader_end`. The follower
  // counts as caught up at the time of the fetch that first asked for what is now the end
  // (replica.lag.time.max.ms).
  void record_fetch(Offset fetch_offset, Offset leader_end, Instant now);
  [[nodiscard]] bool caught_up(Offset leader_end, Instant now, Duration lag_time_max) const;
};

}  // namespace ottla::replication
