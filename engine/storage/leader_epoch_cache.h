// Which leader epoch begins at which offset (KIP-101, KIP-279), as Kafka's LeaderEpochFileCache
// keeps it and its leader-epoch-checkpoint file holds it. Epochs and offsets both rise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {

struct EpochStart {
  LeaderEpoch epoch;
  Offset start;
  bool operator==(const EpochStart&) const = default;
};

// An epoch and the offset after its last record. Both are "none" (-1) where the answer is unknown.
struct EpochEnd {
  LeaderEpoch epoch = no_leader_epoch;
  Offset end = no_offset;
  bool operator==(const EpochEnd&) const = default;
};

class LeaderEpochCache {
 public:
  // Whether assign() would change anything: it is a new epoch, or an earlier start of the latest
  // one.
  [[nodiscard]] bool would_change(EpochStart entry) const;
  // Epoch `entry.epoch` begins at `entry.start`. Entries that contradict it go. Tells whether
  // anything changed.
  bool assign(EpochStart entry);

  [[nodiscard]] std::optional<LeaderEpoch> latest() const;
  // The epoch of the record at `offset`; none before the first.
  [[nodiscard]] std::optional<LeaderEpoch> epoch_at(Offset offset) const;
  // The largest epoch that is not above `requested`, and where it ends: at the start of the next,
  // or at the log's end for the latest. A requested epoch before the first known ends where the
  // first known starts; one after the latest is unknown (LeaderEpochFileCache.endOffsetFor).
  [[nodiscard]] EpochEnd end_of(LeaderEpoch requested, Offset log_end) const;

  // Records at and after `end` are gone. Tells whether anything changed.
  bool truncate_from_end(Offset end);
  // Records before `start` are gone; the epoch of the record at `start` now begins there.
  bool truncate_from_start(Offset start);
  void clear() { entries_.clear(); }
  [[nodiscard]] const std::vector<EpochStart>& entries() const { return entries_; }

  // leader-epoch-checkpoint: version 0, the count, then "epoch offset" lines.
  [[nodiscard]] std::string encode() const;
  // The error is Kafka's sentence about the file.
  [[nodiscard]] static Result<LeaderEpochCache, std::string> parse(
      std::string_view text, std::string_view path = epoch_checkpoint_name);

 private:
  std::vector<EpochStart> entries_;
};

}  // namespace ottla::storage
