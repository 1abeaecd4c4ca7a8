// The messages with which leadership changes hands, free of wire versions: Vote with its pre-vote
// (KIP-595, KIP-996), BeginQuorumEpoch and EndQuorumEpoch. The shell reads them from the wire and
// writes them to it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/raft/fetch.h"

namespace ottla::raft {

struct VoteRequest {
  std::optional<std::string> cluster_id;
  ReplicaKey candidate;
  LeaderEpoch candidate_epoch{};
  OffsetAndEpoch log_end;  // Of the candidate.
  // Asks whether the vote would be granted; changes nothing at the voter.
  bool pre_vote = false;
  // Whom the request is meant for, where its version says so.
  std::optional<ReplicaKey> voter;
};

// A new leader makes itself known.
struct BeginQuorumEpoch {
  std::optional<std::string> cluster_id;
  LeaderAndEpoch leader;
  std::optional<ReplicaKey> voter;  // As above.
};

// A leader resigns. The nearer to the front a voter stands, the sooner it may stand for election.
struct EndQuorumEpoch {
  std::optional<std::string> cluster_id;
  LeaderAndEpoch leader;
  std::vector<ReplicaKey> preferred_candidates;
};

// What every answer in the quorum says beside its own matter.
struct QuorumAnswer {
  protocol::ErrorCode top_level_error{};
  protocol::ErrorCode error{};
  LeaderAndEpoch leader;  // As the answering node knows it.
  [[nodiscard]] bool is_fine() const {
    return top_level_error == protocol::ErrorCode::none && error == protocol::ErrorCode::none;
  }
};
struct VoteAnswer : QuorumAnswer {
  bool granted = false;
};
struct BeginQuorumEpochAnswer : QuorumAnswer {};
struct EndQuorumEpochAnswer : QuorumAnswer {};

}  // namespace ottla::raft
