// KRaftVersionRecord and VotersRecord (KIP-853): control records by which the metadata log, and the
// header of each of its snapshots, say who votes.
#pragma once

#include <optional>
#include <vector>

#include "engine/protocol/records/control_record.h"
#include "engine/raft/voter_history.h"

namespace ottla::raft {

[[nodiscard]] protocol::ControlRecord kraft_version_record(std::int16_t kraft_version);
[[nodiscard]] protocol::ControlRecord voters_record(const VoterSet& voters);

// Adds what the batch's records say to the history, each at its offset, or all at `at`. False where
// the batch is damaged; nothing happens for a batch of data.
[[nodiscard]] bool read_voter_records(const protocol::RecordBatch& batch, VoterHistory& history,
                                      std::optional<Offset> at = std::nullopt);

}  // namespace ottla::raft
