// One segment of a partition's log: the `.log` file and its three indexes, in Kafka's formats. The
// indexes live in memory once they are wanted and reach their files as the segment is rolled,
// synced or closed; after an unclean stop they are built anew from the batches.
//
// Where the latest batches lie is kept for each of them, so that reads near the end look nothing up
// on the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/env/disk.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/storage/aborted_transactions.h"
#include "engine/storage/log_config.h"
#include "engine/storage/offset_index.h"
#include "engine/storage/storage_error.h"
#include "engine/storage/time_index.h"

namespace ottla::storage {

// The latest timestamp of some batches, and the last offset of the batch that has it.
struct LatestTimestamp {
  std::int64_t timestamp = protocol::no_timestamp;
  Offset offset = no_offset;
};

class LogSegment {
 public:
  // Makes a new file. `now` is when the segment begins, for segment.ms where records carry no
  // timestamp.
  [[nodiscard]] static Result<LogSegment, StorageError> create(Disk& disk, std::string folder,
                                                               Offset base, Instant now);
  // The same, with files that end in `.cleaned` and are no part of the log until they are renamed.
  [[nodiscard]] static Result<LogSegment, StorageError> create_cleaned(Disk& disk,
                                                                       std::string folder,
                                                                       Offset base, Instant now);
  // Opens one that is there; its indexes are not read yet.
  [[nodiscard]] static Result<LogSegment, StorageError> open(Disk& disk, std::string folder,
                                                             Offset base, Instant now);
  ~LogSegment();
  LogSegment(LogSegment&& other) noexcept;
  LogSegment& operator=(LogSegment&&) = delete;
  LogSegment(const LogSegment&) = delete;
  LogSegment& operator=(const LogSegment&) = delete;

  [[nodiscard]] Offset base() const { return base_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] FileId log_file() const { return log_; }
  // Whether `offset` can be written relative to the base.
  [[nodiscard]] bool spans(Offset offset) const;
  // Whether the batches belong into the next segment (LogSegment.shouldRoll).
  [[nodiscard]] Result<bool, StorageError> should_roll(
      std::span<const protocol::RecordBatch> batches, const LogConfig& config, Instant now);

  // Writes the batches, which lie after all that is here, in one append. On failure nothing has
  // changed.
  [[nodiscard]] Result<void, StorageError> append(std::span<const protocol::RecordBatch> batches,
                                                  const LogConfig& config);
  void add_aborted(const AbortedTransaction& transaction) { aborted_.append(transaction); }

  struct ReadLimits {
    std::size_t bytes_max;
    Offset upper_bound;       // No batch that reaches this.
    bool at_least_one_batch;  // The first is read even if it is larger than bytes_max.
  };
  struct Part {
    std::uint64_t begin = 0;  // Positions in the file.
    std::uint64_t end = 0;
    Offset first_offset{0};  // Base offset of the first batch.
  };
  // Where the batches lie that begin with the one that holds `from`, or with the next where it is
  // gone. Nothing where every batch ends before `from`; empty where the limits let none through.
  [[nodiscard]] Result<std::optional<Part>, StorageError> locate(Offset from,
                                                                 const ReadLimits& limits);
  [[nodiscard]] Result<ByteChain, StorageError> read(const Part& part);

  // The first batch with a record at or after `timestamp`, which is at or after `from`; nothing if
  // there is none.
  [[nodiscard]] Result<std::optional<protocol::RecordBatch>, StorageError> batch_at_or_after(
      std::int64_t timestamp, Offset from);
  // The batch that holds the offset, or the next; nothing past the end.
  [[nodiscard]] Result<std::optional<protocol::RecordBatch>, StorageError> batch_at(Offset offset);
  [[nodiscard]] Result<LatestTimestamp, StorageError> latest_timestamp();
  // The first batch's latest timestamp; none in an empty segment.
  [[nodiscard]] Result<std::optional<std::int64_t>, StorageError> first_timestamp();
  // When this process made or found it.
  [[nodiscard]] Instant created() const { return created_; }
  [[nodiscard]] Result<const AbortedTransactions*, StorageError> aborted();
  // The offset after the last batch; the base offset of an empty segment.
  [[nodiscard]] Result<Offset, StorageError> next_offset();

  // Cuts the batch that holds `offset` and all after it. Returns the base offset of the first batch
  // that went.
  [[nodiscard]] Result<std::optional<Offset>, StorageError> truncate_to(Offset offset);
  // Writes what the index files lack. `final`: nothing more will be appended, so the time index
  // ends with the latest timestamp.
  [[nodiscard]] Result<void, StorageError> write_indexes(bool final);
  // Reads the index files; false when one is missing or damaged, and the indexes must be built from
  // the batches. The segment's offsets lie below `end`.
  [[nodiscard]] Result<bool, StorageError> load_indexes(Offset end);
  // Where the last whole batch ends; the file's size, unless something else follows it.
  [[nodiscard]] Result<std::uint64_t, StorageError> size_of_batches();
  // Whether the last entries of the indexes lie in the segment.
  [[nodiscard]] bool indexes_end_below(Offset end) const;
  // Empties the indexes, to be built by index_batch() for each batch and finish_rebuild().
  [[nodiscard]] Result<void, StorageError> begin_rebuild();
  void index_batch(const protocol::BatchHeader& header, std::uint64_t position,
                   const LogConfig& config);
  // The batches end at `valid_size`; what follows is cut off.
  [[nodiscard]] Result<void, StorageError> finish_rebuild(std::uint64_t valid_size);

  // The sizes of the index files with all that they lack yet, in bytes.
  struct IndexSizes {
    std::uint64_t offsets = 0;
    std::uint64_t times = 0;
  };
  [[nodiscard]] Result<IndexSizes, StorageError> index_sizes();
  // The position of a batch at or before the one that holds `offset`.
  [[nodiscard]] Result<std::uint64_t, StorageError> position_before(Offset offset);

  // The files that a sync must cover: the indexes that were written since the last one, then the
  // log.
  [[nodiscard]] std::vector<std::string> paths_to_sync(bool with_indexes) const;
  [[nodiscard]] std::string path(std::string_view suffix) const;
  // Renames every file: the log first. On a failure some have the old name and some the new.
  [[nodiscard]] Result<void, StorageError> rename_files(std::string_view ending);
  // Removes the files. This is of no use afterwards.
  [[nodiscard]] Result<void, StorageError> remove_files();

 private:
  // Where a batch lies.
  struct Spot {
    Offset base;
    std::int32_t last_offset_delta;
    std::uint32_t position;
    [[nodiscard]] Offset last() const { return base.plus(last_offset_delta); }
  };
  // How many entries an index's file holds.
  struct Written {
    std::size_t offsets = 0;
    std::size_t times = 0;
    std::size_t aborted = 0;
  };

  LogSegment(Disk& disk, std::string folder, Offset base, FileId log, std::uint64_t size,
             Instant now);
  [[nodiscard]] static Result<LogSegment, StorageError> create_ending(std::string_view ending,
                                                                      Disk& disk,
                                                                      std::string folder,
                                                                      Offset base, Instant now);
  [[nodiscard]] Result<void, StorageError> ensure_indexes();
  [[nodiscard]] Result<bool, StorageError> is_borne_out(const OffsetIndex::Entry& entry);
  [[nodiscard]] Result<std::uint64_t, StorageError> scan_start(Offset offset);
  void note_batch(const protocol::BatchHeader& header, std::uint64_t position,
                  const LogConfig& config);
  [[nodiscard]] Result<std::optional<Part>, StorageError> locate_recent(Offset from,
                                                                        const ReadLimits& limits);
  [[nodiscard]] Result<std::optional<Part>, StorageError> locate_by_scan(Offset from,
                                                                         const ReadLimits& limits);
  [[nodiscard]] Result<void, StorageError> write_index(std::string_view suffix,
                                                       const Bytes& content,
                                                       std::uint64_t size_before);
  [[nodiscard]] Result<void, StorageError> cut_index(std::string_view suffix, std::uint64_t size);

  Disk* disk_;
  std::string folder_;
  std::string ending_;  // Of the files' names, while compaction has not put them in place.
  Offset base_;
  FileId log_;
  std::uint64_t size_;
  Instant created_;
  bool open_ = true;

  bool loaded_ = false;   // The indexes are here.
  bool indexed_ = false;  // And so is what the batches after their last entries say.
  OffsetIndex offsets_;
  TimeIndex times_;
  AbortedTransactions aborted_;
  Written written_;
  LatestTimestamp latest_;
  std::optional<std::int64_t> first_timestamp_;  // The first batch's latest, once known.
  std::uint64_t bytes_since_entry_ = 0;
  std::uint64_t batches_end_ = 0;  // Of all that the indexes know of.
  std::vector<Spot> recent_;       // The latest batches, all from the first of these to the end.
};

}  // namespace ottla::storage
