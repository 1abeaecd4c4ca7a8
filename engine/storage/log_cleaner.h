// One compaction of one log, as Kafka's Cleaner does it, in steps: a map of the keys in the dirty
// section is built, then the segments are grouped and each group is rewritten into one segment that
// takes its place. Between steps the log may be read and appended to.
//
//   const auto what = LogCleaner::measure(log, {.cleaned_to = checkpoint, ...});
//   if (what->worth_cleaning(log.config())) cleaner.emplace(log, *what, limits, now);
//   ... cleaner->step(1 << 20) until it says `done`; then checkpoint cleaner->end().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/storage/batch_compactor.h"
#include "engine/storage/log.h"
#include "engine/storage/offset_map.h"

namespace ottla::storage {

// What of a log is clean, and what may be cleaned (LogCleanerManager.cleanableOffsets, LogToClean).
struct CleanableLog {
  Offset first_dirty;
  Offset first_uncleanable;  // Where a segment begins.
  std::uint64_t clean_bytes = 0;
  std::uint64_t cleanable_bytes = 0;
  bool overdue = false;              // A record has waited for max.compaction.lag.ms.
  bool checkpoint_is_wrong = false;  // It lies outside of the log; `first_dirty` is right.

  [[nodiscard]] double dirty_ratio() const;
  [[nodiscard]] bool worth_cleaning(const LogConfig& config) const;
};

class LogCleaner {
 public:
  struct Position {
    std::optional<Offset> cleaned_to;  // As the checkpoint has it.
    Offset last_stable;                // Nothing at or after it is cleaned.
    Instant now;
  };
  [[nodiscard]] static Result<CleanableLog, StorageError> measure(Log& log, const Position& at);

  // `log` outlives this and does not move.
  LogCleaner(Log& log, const CleanableLog& what, const OffsetMap::Limits& limits, Instant now);
  LogCleaner(const LogCleaner&) = delete;
  LogCleaner& operator=(const LogCleaner&) = delete;

  // `aborted`: the log was truncated, or retention took segments; begin another.
  enum class Progress : std::uint8_t { under_way, done, aborted };
  // Reads about `bytes_max`, and writes what is left of them. On a failure nothing has changed but
  // for the groups that are in place already; this is of no use afterwards.
  [[nodiscard]] Result<Progress, StorageError> step(std::size_t bytes_max);
  // The first offset that is not clean, once done.
  [[nodiscard]] Offset end() const { return end_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  enum class Phase : std::uint8_t { mapping, rewriting, over };
  // Where the next batch is to be read.
  struct Cursor {
    std::size_t group = 0;  // Only while rewriting.
    std::size_t segment = 0;
    std::optional<std::uint64_t> position;  // None: the segment was not begun.
  };

  [[nodiscard]] Result<void, StorageError> map_some();
  [[nodiscard]] Result<void, StorageError> map_batch(const protocol::RecordBatch& batch);
  [[nodiscard]] Result<void, StorageError> group_segments();
  [[nodiscard]] Result<void, StorageError> rewrite_some();
  [[nodiscard]] Result<void, StorageError> begin_segment(const std::vector<Offset>& group);
  [[nodiscard]] Result<void, StorageError> rewrite_batch(const protocol::RecordBatch& batch);
  [[nodiscard]] Result<void, StorageError> finish_group(const std::vector<Offset>& group);
  [[nodiscard]] Result<void, StorageError> flush_pending();
  [[nodiscard]] bool spent(std::uint64_t bytes);
  [[nodiscard]] LogSegment& segment(Offset base) { return log_.segments_.at(base); }

  // Constant after construction.
  Log& log_;
  CleanableLog what_;
  std::uint64_t cuts_;
  Instant began_;

  Phase phase_ = Phase::mapping;
  OffsetMap map_;
  CleanedTransactions mapped_transactions_;
  BatchCompactor compactor_;
  std::vector<Offset> dirty_;                // Bases of the segments to map.
  std::vector<std::vector<Offset>> groups_;  // Bases of the segments to rewrite.
  Cursor at_;
  std::optional<LogSegment> cleaned_;
  std::vector<protocol::RecordBatch> pending_;  // To be written to it.
  std::optional<protocol::BatchHeader> last_read_;
  Offset end_;
  std::size_t budget_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace ottla::storage
