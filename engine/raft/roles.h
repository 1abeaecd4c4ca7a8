// The roles of a node in the quorum, each with what it keeps while it plays it (KIP-595, KIP-996).
#pragma once

#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "engine/raft/election.h"
#include "engine/raft/replica_progress.h"

namespace ottla::raft {

// No leader is known. A voter waits for one until `election_at`; an observer waits on.
struct Unattached {
  std::optional<Instant> election_at;
};

// Asks whether it would be elected, before it disturbs anybody with a new epoch. Who leads the
// present epoch, if anybody, stays known.
struct Prospective {
  Election election;
  Instant election_at;
};

// Stands for election in an epoch of its own.
struct Candidate {
  Election election;
  Instant election_at;
};

struct Leader {
  ReplicaProgress progress;
  // A leader that a majority has not fetched from for a while resigns (KIP-595, CheckQuorum).
  std::set<BrokerId> fetched;
  Instant check_quorum_at;
  Instant begin_epoch_at;  // When it makes itself known to the voters again.
};

// Fetches from the leader; as a voter or as an observer.
struct Follower {
  // The leader has answered by then, or is given up; nothing once an observer has given it up.
  std::optional<Instant> fetch_until;
  bool has_fetched = false;  // From this leader, in this epoch.
  // The snapshot that it fetches, and how much of it is here.
  struct Incoming {
    OffsetAndEpoch snapshot;
    std::int64_t position = 0;
  };
  std::optional<Incoming> incoming = {};
};

// Has led and lets others know that it does not any more; in the same epoch, so that it cannot vote
// in it for another.
struct Resigned {
  Instant election_at;
  std::set<BrokerId> unacknowledged;
  std::vector<ReplicaKey> successors;  // The most advanced first.
};

using RoleState = std::variant<Unattached, Prospective, Candidate, Leader, Follower, Resigned>;

}  // namespace ottla::raft
