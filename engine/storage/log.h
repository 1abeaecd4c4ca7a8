// The log of one partition, in Kafka's on-disk format, over a Disk: segments with their indexes,
// the leader epochs, and the state of idempotent and transactional producers. It knows nothing of
// replication: high watermarks come in as bounds. No clock: `now` comes in.
//
//   auto log = Log::open(disk, "orders-0", config, {.now = now});
//   auto appended = log->append_as_leader(batches, {.epoch = epoch, .now = now});
//   auto read = log->read({.from = offset, .bytes_max = 1 << 20, .upper_bound = high_watermark});
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/storage/leader_epoch_cache.h"
#include "engine/storage/load_report.h"
#include "engine/storage/log_config.h"
#include "engine/storage/log_segment.h"
#include "engine/storage/producer_state.h"
#include "engine/storage/storage_error.h"

namespace ottla::storage {

struct LogOpening {
  Instant now;
  bool clean_shutdown = false;   // `.kafka_cleanshutdown` was there: the batches need no check.
  Offset recovery_point{0};      // recovery-point-offset-checkpoint: what is below was synced.
  Offset log_start{0};           // log-start-offset-checkpoint.
  Offset cleaned_to{0};          // cleaner-offset-checkpoint: compaction has been through below.
  bool without_gaps = false;     // No offset was ever left out: a gap in a segment is damage.
  LoadReport* report = nullptr;  // Told what was found damaged.
};

struct LeaderAppend {
  LeaderEpoch epoch;
  Instant now;
  AppendOrigin origin = AppendOrigin::client;
  std::int16_t marker_version = 0;  // transaction.version of markers (KIP-890).
};

struct Appended {
  Offset first_offset{0};
  Offset last_offset{0};
  std::int64_t append_time = protocol::no_timestamp;  // Under LogAppendTime, and of a duplicate.
  std::int64_t max_timestamp = protocol::no_timestamp;
  std::size_t bytes = 0;
  bool duplicate =
      false;  // Already here: the offsets are the first append's, and nothing was written.
  bool rolled = false;  // A new segment began; the one before it waits for a sync.
};

struct LogRead {
  Offset from;
  std::size_t bytes_max;
  Offset upper_bound;              // The high watermark, last stable offset or log end offset.
  bool at_least_one_batch = true;  // Even if it is larger than bytes_max.
};

struct LogBatches {
  ByteChain bytes;         // Whole batches, from one segment; empty at the upper bound.
  Offset first_offset{0};  // Base offset of the first batch; the asked one where there is none.
};

// The answer to a look-up by time (ListOffsets).
struct TimestampedRecord {
  Offset offset;
  std::int64_t timestamp;
  LeaderEpoch epoch;
  bool operator==(const TimestampedRecord&) const = default;
};

struct SegmentView {
  Offset base;
  Offset end;  // Exclusive.
  std::uint64_t size;
};

enum class SyncState : std::uint8_t { under_way, done, failed };

class Log {
 public:
  // Opens the log in `folder`, which comes to be if it is not there. After an unclean stop
  // everything from the recovery point on is checked, and the log ends before the first batch that
  // is not whole and sound. What a sync or a clean shutdown vouches for is not cut, but for a last
  // batch whose end is missing: damage that is met there is left to who reads it. Where the log's
  // end or its producers cannot be told for it, the log is refused as `corrupt`.
  [[nodiscard]] static Result<Log, StorageError> open(Disk& disk, std::string folder,
                                                      const LogConfig& config,
                                                      const LogOpening& opening);
  Log(Log&&) noexcept = default;

  // Appends batches whose offsets begin at 0, at the log's end. All or nothing. A client's batch
  // that is here already is a success marked `duplicate`.
  [[nodiscard]] Result<Appended, StorageError> append_as_leader(
      std::span<const protocol::RecordBatch> batches, const LeaderAppend& how);
  // Appends a leader's batches as they are; they begin at or after the log's end.
  [[nodiscard]] Result<Appended, StorageError> append_as_follower(
      std::span<const protocol::RecordBatch> batches, Instant now);
  // Whole batches from the one that holds `from`, shared with the disk. Fails with
  // offset_out_of_range outside [log start, log end].
  [[nodiscard]] Result<LogBatches, StorageError> read(const LogRead& what);

  [[nodiscard]] Offset log_start() const { return log_start_; }
  [[nodiscard]] Offset log_end() const { return log_end_; }
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::vector<SegmentView> segments() const;
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const LogConfig& config() const { return config_; }
  void set_config(const LogConfig& config) { config_ = config; }

  // Cuts the log so that it ends at `offset`, or before it where a batch holds it.
  [[nodiscard]] Result<void, StorageError> truncate_to(Offset offset, Instant now);
  // Removes everything; the log is empty and begins at `offset`.
  [[nodiscard]] Result<void, StorageError> truncate_fully_and_start_at(Offset offset, Instant now);
  // Records before `offset` are gone for readers (DeleteRecords, or the leader's log start). At
  // most the log end.
  [[nodiscard]] Result<void, StorageError> advance_log_start(Offset offset);
  // Removes the segments that retention.ms, retention.bytes or the log start let go, if all of each
  // is below `high_watermark`. Returns how many.
  [[nodiscard]] Result<std::size_t, StorageError> delete_old_segments(Instant now,
                                                                      Offset high_watermark);
  // Begins a new segment, unless the active one is empty.
  [[nodiscard]] Result<void, StorageError> roll(Instant now);

  // The first record at or after `timestamp` (milliseconds) in the log; nothing if all are earlier.
  [[nodiscard]] Result<std::optional<TimestampedRecord>, StorageError> offset_for_timestamp(
      std::int64_t timestamp);
  // The record with the latest timestamp (KIP-734); nothing in an empty log.
  [[nodiscard]] Result<std::optional<TimestampedRecord>, StorageError> offset_of_max_timestamp();

  // Epoch `epoch` begins at `start`: a leader's election, or the first batch of a snapshot's tail.
  [[nodiscard]] Result<void, StorageError> assign_epoch(LeaderEpoch epoch, Offset start);
  [[nodiscard]] std::optional<LeaderEpoch> latest_epoch() const { return epochs_.latest(); }
  [[nodiscard]] EpochEnd end_offset_for_epoch(LeaderEpoch requested) const {
    return epochs_.end_of(requested, log_end_);
  }
  [[nodiscard]] const LeaderEpochCache& epochs() const { return epochs_; }

  [[nodiscard]] const ProducerState& producers() const { return producers_; }
  // Where read_committed ends: the first unstable offset, or the high watermark.
  [[nodiscard]] Offset last_stable_offset(Offset high_watermark) const;
  void on_high_watermark(Offset high_watermark) { producers_.on_high_watermark(high_watermark); }
  void expire_producers(Instant now) { (void)producers_.expire(now, config_.producer_expiration); }
  // The aborted transactions that overlap [from, upper_bound).
  [[nodiscard]] Result<std::vector<AbortedTransaction>, StorageError> aborted_transactions(
      Offset from, Offset upper_bound);

  // What is below is on stable storage.
  [[nodiscard]] Offset recovery_point() const { return recovery_point_; }
  // Syncs everything up to the log's end, one file after another, all under `operation`. Pass each
  // completion on.
  void start_sync(DiskOperationId operation);
  // Node::on_disk of the operation. `done`: the recovery point has moved.
  [[nodiscard]] SyncState on_synced(DiskResult<void> result);
  [[nodiscard]] bool sync_under_way() const { return !sync_.files.empty(); }
  // Writes indexes and a producer snapshot, so that the next open after a clean shutdown reads no
  // batches. The caller syncs afterwards.
  [[nodiscard]] Result<void, StorageError> prepare_shutdown();

 private:
  friend class LogCleaner;  // Compacts the segments and puts them in place.
  struct Sync {
    DiskOperationId operation;
    std::vector<std::string> files;  // Those that are left, the one under way last.
    Offset target{0};
  };
  struct Recovery;
  void sync_next_file();

  Log(Disk& disk, std::string folder, const LogConfig& config)
      : disk_(&disk), folder_(std::move(folder)), config_(config) {}

  [[nodiscard]] LogSegment& active() { return segments_.rbegin()->second; }
  [[nodiscard]] std::string path(std::string_view name) const {
    return folder_ + "/" + std::string(name);
  }
  [[nodiscard]] Result<Appended, StorageError> append_fetched(
      std::span<const protocol::RecordBatch> batches, Instant now);
  [[nodiscard]] Result<Appended, StorageError> write(std::span<const protocol::RecordBatch> batches,
                                                     ProducerAppend&& producers, Instant now);
  [[nodiscard]] Result<bool, StorageError> make_room(std::span<const protocol::RecordBatch> batches,
                                                     Instant now);
  // Returns what the epochs were, if they have changed.
  [[nodiscard]] Result<std::optional<LeaderEpochCache>, StorageError> assign_epochs(
      std::span<const protocol::RecordBatch> batches);
  [[nodiscard]] Result<void, StorageError> write_epochs(const LeaderEpochCache& epochs);
  [[nodiscard]] Result<void, StorageError> roll_at(Offset base, Instant now);
  [[nodiscard]] Result<void, StorageError> take_producer_snapshot();
  [[nodiscard]] Result<void, StorageError> remove_producer_snapshots(Offset from, Offset to);
  [[nodiscard]] Result<void, StorageError> add_segment(Offset base, Instant now);
  [[nodiscard]] Result<bool, StorageError> is_deletable(LogSegment& segment, Offset end,
                                                        std::uint64_t excess, Instant now);

  // Compaction; see log_swap.cpp.
  [[nodiscard]] Result<void, StorageError> replace_segments(const std::vector<Offset>& bases,
                                                            LogSegment&& cleaned);
  [[nodiscard]] Result<void, StorageError> finish_swaps();

  // Opening; see log_recovery.cpp.
  [[nodiscard]] Result<void, StorageError> load(const LogOpening& opening);
  [[nodiscard]] Result<void, StorageError> load_segments(Instant now);
  [[nodiscard]] Result<bool, StorageError> load_epochs();
  [[nodiscard]] Result<void, StorageError> load_producers(Offset end_max, Instant now);
  [[nodiscard]] Result<void, StorageError> replay(Recovery& recovery);
  struct Checked;
  [[nodiscard]] Result<Checked, StorageError> check_segment(LogSegment& segment,
                                                            const Recovery& recovery);
  [[nodiscard]] Result<bool, StorageError> recover_segment(LogSegment& segment,
                                                           const Recovery& recovery);
  [[nodiscard]] Result<void, StorageError> check_end(Recovery& recovery);
  [[nodiscard]] Result<void, StorageError> end_after(LogSegment& last, const Checked& at,
                                                     const Recovery& recovery);
  [[nodiscard]] Result<void, StorageError> cut(LogSegment& segment, const Checked& at);
  void found(std::string what);
  [[nodiscard]] tl::unexpected<StorageError> refuse(const LogSegment& segment, const Checked& at);
  [[nodiscard]] Result<bool, StorageError> ends_before(LogSegment& segment, Offset next_base,
                                                       Offset cleaned_to);
  [[nodiscard]] Result<void, StorageError> replay_segment(LogSegment& segment, bool epochs_too);
  void replay_batch(const protocol::RecordBatch& batch, LogSegment* rebuilt);
  void note_epoch(const protocol::BatchHeader& header);
  [[nodiscard]] Result<void, StorageError> drop_segments_after(Offset base);
  [[nodiscard]] Result<void, StorageError> reload_producers(Instant now);

  Disk* disk_;
  std::string folder_;
  LogConfig config_;
  std::map<Offset, LogSegment> segments_;  // Never empty once open; the last is the active one.
  LeaderEpochCache epochs_;
  ProducerState producers_;
  Offset log_start_{0};
  Offset log_end_{0};
  Offset recovery_point_{0};
  Offset snapshot_end_{-1};  // Of the latest producer snapshot.
  Sync sync_;
  std::uint64_t cuts_ = 0;        // How often segments went by truncation or retention.
  LoadReport* report_ = nullptr;  // While the log is opened.
};

}  // namespace ottla::storage
