// What a leader knows of the replicas that fetch from it: voters, whose offsets make the high
// watermark, and observers, which only show in DescribeQuorum. As Kafka's LeaderState.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/raft/fetch.h"

namespace ottla::raft {

// One row of DescribeQuorum.
struct ReplicaStatus {
  ReplicaKey replica;
  Offset log_end_offset = no_offset;
  std::optional<Instant> last_fetch;
  // When it last had all that the leader had.
  std::optional<Instant> last_caught_up;
  bool operator==(const ReplicaStatus&) const = default;
};

class ReplicaProgress {
 public:
  // An observer that has not fetched for this long is forgotten (Kafka's
  // OBSERVER_SESSION_TIMEOUT_MS).
  static constexpr Duration observer_session = Duration::seconds(300);

  // `epoch_start` is where the leader's own epoch begins: the watermark shows itself only above it,
  // since records of older epochs are committed by a newer one's (Raft, section 5.4.2).
  ReplicaProgress(BrokerId local, std::vector<BrokerId> voters, Offset epoch_start);

  // The leader's own synced log end.
  void update_local(Offset synced_end, Instant now);
  // A replica fetched from `fetch_offset` while the leader's log ended at `leader_end`.
  void update_replica(ReplicaKey replica, Offset fetch_offset, Offset leader_end, Instant now);

  // The largest offset that a majority of the voters has; nothing until it passes the epoch's
  // start. Never moves back.
  [[nodiscard]] std::optional<Offset> high_watermark() const { return high_watermark_; }

  [[nodiscard]] Offset epoch_start() const { return epoch_start_; }
  // The other voters, those that have most first.
  [[nodiscard]] std::vector<ReplicaKey> successors() const;

  // In the order of their ids. The leader itself has fetched and caught up just now.
  [[nodiscard]] std::vector<ReplicaStatus> voters(Instant now) const;
  [[nodiscard]] std::vector<ReplicaStatus> observers(Instant now) const;

 private:
  struct State {
    Uuid directory;
    Offset end_offset = no_offset;
    std::optional<Instant> last_fetch;
    std::optional<Instant> last_caught_up;
    Offset leader_end_at_last_fetch = no_offset;
  };

  void recompute_high_watermark();

  // Constant after construction.
  BrokerId local_;
  Offset epoch_start_;

  std::map<BrokerId, State> voters_;
  std::map<ReplicaKey, State> observers_;
  std::optional<Offset> high_watermark_;
};

}  // namespace ottla::raft
