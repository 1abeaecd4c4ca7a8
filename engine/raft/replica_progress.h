// What a leader knows of the replicas that fetch from it: voters, whose offsets make the high
// watermark, and observers, which only show in DescribeQuorum. As Kafka's LeaderState.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/raft/voter_set.h"

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
  ReplicaProgress(ReplicaKey local, const VoterSet& voters, Offset epoch_start);

  // From now on these vote. Who does not any more is an observer.
  void set_voters(const VoterSet& voters);

  // The leader's own synced log end.
  void update_local(Offset synced_end, Instant now);
  // A replica fetched from `fetch_offset` while the leader's log ended at `leader_end`.
  void update_replica(ReplicaKey replica, Offset fetch_offset, Offset leader_end, Instant now);

  // An observer that has fetched within the last hour, and had all that the leader had at some
  // time: good enough to vote (Kafka's LeaderState.isReplicaCaughtUp).
  [[nodiscard]] bool is_caught_up(const ReplicaKey& observer, Instant now) const;

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
    ReplicaKey key;  // Of a voter: as the set of voters names it.
    Offset end_offset = no_offset;
    std::optional<Instant> last_fetch;
    std::optional<Instant> last_caught_up;
    Offset leader_end_at_last_fetch = no_offset;
  };

  void recompute_high_watermark();
  [[nodiscard]] State& state_of(const ReplicaKey& replica);
  [[nodiscard]] bool is_voter(const ReplicaKey& replica) const;
  [[nodiscard]] ReplicaStatus status_of(const State& state, Instant now) const;

  // Constant after construction.
  ReplicaKey local_;
  Offset epoch_start_;

  std::map<BrokerId, State> voters_;
  std::map<ReplicaKey, State> observers_;
  std::optional<Offset> high_watermark_;
};

}  // namespace ottla::raft
