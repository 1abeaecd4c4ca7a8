// What the shell must do, as the quorum machine's calls return it: a list, to be carried out in its
// order. Persisting comes before anything that rests on it; a reply comes after what it answers
// for.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/strong_id.h"
#include "engine/raft/fetch.h"
#include "engine/raft/peers.h"
#include "engine/raft/quorum_state.h"
#include "engine/raft/snapshot.h"
#include "engine/raft/vote.h"
#include "engine/raft/voter_change.h"

namespace ottla::raft {

// Chosen by the shell for a request it hands in; names the answer to it.
using AskId = StrongId<struct RaftAskIdTag, std::uint64_t>;

// A snapshot comes in: begin with nothing of it, ...
struct BeginSnapshot {
  OffsetAndEpoch snapshot;
};
// ... add these bytes to it, ...
struct AppendToSnapshot {
  OffsetAndEpoch snapshot;
  ByteChain bytes;
};
// ... and once it is whole, load it, let the log be empty and begin at its offset, then call
// Raft::on_log_changed.
struct InstallSnapshot {
  OffsetAndEpoch snapshot;
};
// Write the quorum-state file, durably, before going on.
struct PersistQuorumState {
  QuorumState state;
};
// Cut the local log so that it ends at `end_offset`, then call Raft::on_log_changed.
struct TruncateLog {
  Offset end_offset;
};
// Append whole batches, already placed in offset and epoch, then call Raft::on_log_changed.
struct AppendToLog {
  ByteChain records;
};
// Sync the log, then call Raft::on_synced with the end it had when the sync began.
struct SyncLog {};

// Send the request to a voter, or to one that is to be; end it by Raft::on_reply or
// Raft::on_request_failed.
template <class Request>
struct Send {
  RequestId request;
  BrokerId to;
  Request body;
};
using SendFetch = Send<ReplicaFetch>;
using SendSnapshotFetch = Send<SnapshotFetch>;
using SendVote = Send<VoteRequest>;
using SendBeginQuorumEpoch = Send<BeginQuorumEpoch>;
using SendEndQuorumEpoch = Send<EndQuorumEpoch>;
using SendUpdateVoter = Send<UpdateVoter>;
using SendSupportedVersionsQuery = Send<SupportedVersionsQuery>;

// Answer the fetch. `read_from` asks for records from there on and below `read_to`, at most
// `bytes_max` (and at least one batch).
struct ReplyToFetch {
  AskId ask;
  FetchReply reply;
  std::optional<Offset> read_from;
  std::int32_t bytes_max = 0;
  Offset read_to = {};
};
// Answer the fetch of a snapshot. Where `bytes_max` is not 0, the shell reads so many bytes of it
// from the chunk's position on.
struct ReplyWithSnapshot {
  AskId ask;
  SnapshotChunk chunk;
  std::int32_t bytes_max = 0;
};
// Answer a request of the other kinds.
struct Reply {
  AskId ask;
  std::variant<VoteAnswer, BeginQuorumEpochAnswer, EndQuorumEpochAnswer, AddVoterAnswer,
               RemoveVoterAnswer, UpdateVoterAnswer>
      answer;
};

// The quorum's leader, as this node knows it; no_broker while it is sought or resigns.
struct LeaderChanged {
  LeaderAndEpoch leader;
  bool is_local = false;
};
// Records below are committed: apply them.
struct HighWatermarkAdvanced {
  Offset high_watermark;
};
// The node cannot go on safely: its log disagrees with what the quorum committed, or two leaders
// claim one epoch.
struct QuorumBroken {
  std::string reason;
};

using Effect = std::variant<PersistQuorumState, TruncateLog, AppendToLog, SyncLog, BeginSnapshot,
                            AppendToSnapshot, InstallSnapshot, ReplyWithSnapshot, SendFetch,
                            SendSnapshotFetch, SendVote, SendBeginQuorumEpoch, SendEndQuorumEpoch,
                            SendUpdateVoter, SendSupportedVersionsQuery, ReplyToFetch, Reply,
                            LeaderChanged, HighWatermarkAdvanced, QuorumBroken>;
using Effects = std::vector<Effect>;

}  // namespace ottla::raft
