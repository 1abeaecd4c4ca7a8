// The roles of a node in the quorum, each with what it keeps while it plays it (KIP-595, KIP-853,
// KIP-996).
#pragma once

#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "engine/raft/append_buffer.h"
#include "engine/raft/effects.h"
#include "engine/raft/election.h"
#include "engine/raft/replica_progress.h"

namespace ottla::raft {

// A fetch that had nothing to take, waiting for the log's end or the watermark to move.
struct ParkedFetch {
  ReplicaFetch fetch;
  Offset high_watermark;  // As the replica knows it.
  Instant deadline;
};

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

// A change of the set of voters that an operator has asked for. There is one at a time.
struct PendingVoterChange {
  AskId ask;
  bool is_addition = false;
  Voter voter = {};  // That is to be added.
  bool ack_when_committed = true;
  Instant until;
  std::optional<RequestId> query = {};  // What it was asked and has not answered.
  std::optional<Offset> record = {};    // Where the new set lies, once it is in the log.
  bool is_answered = false;             // The next change waits for the commit all the same.
};

struct Leader {
  ReplicaProgress progress;
  // A leader that a majority has not fetched from for a while resigns (KIP-595, CheckQuorum).
  std::set<BrokerId> fetched;
  Instant check_quorum_at;
  Instant begin_epoch_at;           // When it makes itself known to the voters again.
  std::optional<Offset> voters_at;  // Of the set that `progress` goes by.
  // The voters with what each has told of itself, which kraft.version 0 keeps out of the log.
  std::optional<VoterSet> told_voters = {};
  std::optional<std::int16_t> upgraded_to = {};  // kraft.version, by this leader.
  std::optional<PendingVoterChange> change = {};
  AppendBuffer buffer = {};
  bool is_to_resign = false;  // It is no voter any more, as a majority knows.
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
  // When a voter looks again whether the leader knows where to reach it.
  Instant update_voter_at = {};
  bool has_told_of_itself = false;  // To this leader.
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
