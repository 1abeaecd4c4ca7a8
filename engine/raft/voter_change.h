// The messages by which the set of voters changes (KIP-853), free of wire versions: AddRaftVoter
// and RemoveRaftVoter of an operator, UpdateRaftVoter of a voter that tells of itself, and the
// question that a leader asks a new voter before it adds it.
#pragma once

#include <optional>
#include <string>

#include "engine/raft/vote.h"
#include "engine/raft/voter_set.h"

namespace ottla::raft {

struct AddVoter {
  std::optional<std::string> cluster_id;
  Voter voter;  // Its levels are not known yet.
  // Otherwise the answer leaves once the new set is in the leader's log.
  bool ack_when_committed = true;
};
struct RemoveVoter {
  std::optional<std::string> cluster_id;
  ReplicaKey voter;
};
struct UpdateVoter {
  std::optional<std::string> cluster_id;
  LeaderEpoch current_leader_epoch{};
  Voter voter;
};

// The error with Kafka's words; those of the code where there are none.
struct VoterChangeAnswer {
  protocol::ErrorCode error{};
  std::optional<std::string> message;
};
struct AddVoterAnswer : VoterChangeAnswer {};
struct RemoveVoterAnswer : VoterChangeAnswer {};
struct UpdateVoterAnswer : QuorumAnswer {};

// At which levels of kraft.version can you run? (ApiVersions)
struct SupportedVersionsQuery {
  std::vector<VoterEndpoint> endpoints;  // Of the node that is asked: it is not a voter yet.
};
struct SupportedVersions {
  protocol::ErrorCode error{};
  std::optional<KRaftVersions> kraft_version;  // Nothing where the node knows no such feature.
};

// An upgrade of kraft.version; the error's words where it is refused.
struct KRaftUpgrade {
  protocol::ErrorCode error{};
  std::string message;
};

}  // namespace ottla::raft
