#include "engine/replication/follower_progress.h"

#include <algorithm>

namespace ottla::replication {

void FollowerProgress::record_fetch(Offset fetch_offset, Offset leader_end, Instant now) {
  if (fetch_offset >= leader_end) {
    last_caught_up = std::max(last_caught_up, now);
  } else if (fetch_offset >= leader_end_at_last_fetch) {
    last_caught_up = std::max(last_caught_up, last_fetch);
  }
  log_end_offset = fetch_offset;
  leader_end_at_last_fetch = leader_end;
  last_fetch = now;
}

bool FollowerProgress::caught_up(Offset leader_end, Instant now, Duration lag_time_max) const {
  return log_end_offset == leader_end || now - last_caught_up <= lag_time_max;
}

}  // namespace ottla::replication
