// What the quorum machine must know of the local metadata log to decide: where it ends, and in
// which epochs its records were written. It never reads records; the shell does, where an effect
// asks for it.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/ids.h"

namespace ottla::raft {

struct OffsetAndEpoch {
  Offset offset{};
  LeaderEpoch epoch{};
  bool operator==(const OffsetAndEpoch&) const = default;
  // Whether a log that ends here has at least what one that ends at `other` has (Raft, section
  // 5.4.1).
  [[nodiscard]] bool is_up_to_date_with(const OffsetAndEpoch& other) const {
    return epoch != other.epoch ? epoch > other.epoch : offset >= other.offset;
  }
};

class VoterHistory;

class LogView {
 public:
  virtual ~LogView() = default;
  [[nodiscard]] virtual Offset start_offset() const = 0;
  // The offset after the last record.
  [[nodiscard]] virtual Offset end_offset() const = 0;
  // The epoch of the last record, or of the latest snapshot where there is none; 0 for an empty
  // log, as Kafka counts.
  [[nodiscard]] virtual LeaderEpoch last_epoch() const = 0;
  // The end of the largest epoch not above `epoch`, and that epoch. For an epoch below all that the
  // log has: its start offset and epoch 0. For one above: the log's end and its last epoch.
  [[nodiscard]] virtual OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const = 0;

  // Of the snapshots that are there; the earliest is not below the log's start.
  [[nodiscard]] virtual std::optional<OffsetAndEpoch> earliest_snapshot() const = 0;
  [[nodiscard]] virtual std::optional<OffsetAndEpoch> latest_snapshot() const = 0;
  // In bytes; nothing where there is no such snapshot.
  [[nodiscard]] virtual std::optional<std::int64_t> snapshot_size(
      const OffsetAndEpoch& snapshot) const = 0;

  // Who votes, as the log and its latest snapshot say.
  [[nodiscard]] virtual const VoterHistory& voter_history() const = 0;
};

}  // namespace ottla::raft
