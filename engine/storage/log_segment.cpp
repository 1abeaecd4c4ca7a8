#include "engine/storage/log_segment.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/assert.h"
#include "engine/storage/batch_scanner.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {
namespace {

constexpr std::size_t recent_kept = 4096;  // At least; at most twice as many.

}  // namespace

LogSegment::LogSegment(Disk& disk, std::string folder, Offset base, FileId log, std::uint64_t size,
                       Instant now)
    : disk_(&disk),
      folder_(std::move(folder)),
      base_(base),
      log_(log),
      size_(size),
      created_(now),
      offsets_(base),
      times_(base) {}

LogSegment::LogSegment(LogSegment&& other) noexcept
    : disk_(other.disk_),
      folder_(std::move(other.folder_)),
      ending_(std::move(other.ending_)),
      base_(other.base_),
      log_(other.log_),
      size_(other.size_),
      created_(other.created_),
      open_(std::exchange(other.open_, false)),
      loaded_(other.loaded_),
      indexed_(other.indexed_),
      offsets_(std::move(other.offsets_)),
      times_(std::move(other.times_)),
      aborted_(std::move(other.aborted_)),
      written_(other.written_),
      latest_(other.latest_),
      first_timestamp_(other.first_timestamp_),
      bytes_since_entry_(other.bytes_since_entry_),
      batches_end_(other.batches_end_),
      recent_(std::move(other.recent_)) {}

LogSegment::~LogSegment() {
  if (open_) disk_->close(log_);
}

Result<LogSegment, StorageError> LogSegment::create(Disk& disk, std::string folder, Offset base,
                                                    Instant now) {
  return create_ending("", disk, std::move(folder), base, now);
}

Result<LogSegment, StorageError> LogSegment::create_cleaned(Disk& disk, std::string folder,
                                                            Offset base, Instant now) {
  return create_ending(suffix::cleaned, disk, std::move(folder), base, now);
}

Result<LogSegment, StorageError> LogSegment::create_ending(std::string_view ending, Disk& disk,
                                                           std::string folder, Offset base,
                                                           Instant now) {
  const std::string path = folder + "/" + offset_file_name(base, suffix::log) + std::string(ending);
  // An attempt that failed half way, or a removal that did, may have left files of this name; they
  // hold nothing.
  const auto file = disk.open(path, Disk::Open::create_or_existing);
  if (!file) return disk_failure(file.error());
  LogSegment segment(disk, std::move(folder), base, *file, 0, now);
  segment.ending_ = ending;
  const auto size = disk.size(*file);
  if (!size) return disk_failure(size.error());
  if (*size > 0) {
    if (const auto cut = disk.truncate(*file, 0); !cut) return disk_failure(cut.error());
  }
  if (auto emptied = segment.begin_rebuild(); !emptied) return failure(emptied.error());
  return segment;
}

Result<LogSegment, StorageError> LogSegment::open(Disk& disk, std::string folder, Offset base,
                                                  Instant now) {
  const std::string path = folder + "/" + offset_file_name(base, suffix::log);
  const auto file = disk.open(path, Disk::Open::existing);
  if (!file) return disk_failure(file.error());
  const auto size = disk.size(*file);
  if (!size) {
    disk.close(*file);
    return disk_failure(size.error());
  }
  return LogSegment(disk, std::move(folder), base, *file, *size, now);
}

std::string LogSegment::path(std::string_view of) const {
  return folder_ + "/" + offset_file_name(base_, of) + ending_;
}

bool LogSegment::spans(Offset offset) const {
  const std::int64_t relative = offset.value() - base_.value();
  return relative >= 0 && relative <= std::numeric_limits<std::int32_t>::max();
}

Result<bool, StorageError> LogSegment::should_roll(std::span<const protocol::RecordBatch> batches,
                                                   const LogConfig& config, Instant now) {
  if (!spans(batches.back().last_offset())) return true;
  if (size_ == 0) return false;
  std::uint64_t added = 0;
  std::int64_t latest = protocol::no_timestamp;
  for (const protocol::RecordBatch& batch : batches) {
    added += batch.size_in_bytes();
    latest = std::max(latest, batch.header().max_timestamp);
  }
  if (size_ + added > config.segment_bytes) return true;
  const auto first = first_timestamp();
  if (!first) return failure(first.error());
  const Duration waited = first->value_or(protocol::no_timestamp) >= 0
                              ? Duration::millis(latest - **first)
                              : now - created_;
  if (waited > config.segment_time) return true;
  return (offsets_.size() + 1) * OffsetIndex::entry_size > config.index_bytes_max ||
         (times_.size() + 2) * TimeIndex::entry_size > config.index_bytes_max;
}

void LogSegment::note_batch(const protocol::BatchHeader& header, std::uint64_t position,
                            const LogConfig& config) {
  if (position == 0) first_timestamp_ = header.max_timestamp;
  if (header.max_timestamp > latest_.timestamp)
    latest_ = {header.max_timestamp, header.last_offset()};
  if (bytes_since_entry_ > config.index_interval_bytes) {
    offsets_.append(header.last_offset(), static_cast<std::uint32_t>(position));
    times_.append_if_later(latest_.timestamp, latest_.offset);
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += header.size_in_bytes();
  batches_end_ = position + header.size_in_bytes();
  if (recent_.size() == 2 * recent_kept) {
    recent_.erase(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(recent_kept));
  }
  recent_.push_back(
      {header.base_offset, header.last_offset_delta, static_cast<std::uint32_t>(position)});
}

Result<void, StorageError> LogSegment::append(std::span<const protocol::RecordBatch> batches,
                                              const LogConfig& config) {
  if (auto ready = ensure_indexes(); !ready) return ready;
  if (batches.size() == 1) {
    if (auto done = disk_->append(log_, batches[0].bytes()); !done)
      return disk_failure(done.error());
  } else {
    ByteChain content;
    for (const protocol::RecordBatch& batch : batches) content.append(batch.bytes());
    if (auto done = disk_->append(log_, content); !done) return disk_failure(done.error());
  }
  for (const protocol::RecordBatch& batch : batches) {
    note_batch(batch.header(), size_, config);
    size_ += batch.size_in_bytes();
  }
  return {};
}

Result<std::optional<LogSegment::Part>, StorageError> LogSegment::locate(Offset from,
                                                                         const ReadLimits& limits) {
  if (!recent_.empty() && from >= recent_.front().base) return locate_recent(from, limits);
  return locate_by_scan(from, limits);
}

Result<std::optional<LogSegment::Part>, StorageError> LogSegment::locate_recent(
    Offset from, const ReadLimits& limits) {
  const auto first = std::partition_point(recent_.begin(), recent_.end(),
                                          [&](const Spot& spot) { return spot.last() < from; });
  if (first == recent_.end()) {
    if (batches_end_ < size_) return failure(StorageError::corrupt);
    return std::optional<Part>();
  }
  const auto end_of = [&](std::vector<Spot>::const_iterator spot) {
    return std::next(spot) == recent_.end() ? batches_end_
                                            : std::uint64_t{std::next(spot)->position};
  };
  Part part{first->position, first->position, first->base};
  if (first->last() >= limits.upper_bound) return std::optional(part);
  const std::uint64_t end_max =
      part.begin + std::min<std::uint64_t>(limits.bytes_max, batches_end_ - part.begin);
  auto past = std::partition_point(first, recent_.end(), [&](const Spot& spot) {
    return spot.last() < limits.upper_bound && spot.position < end_max;
  });
  // The last that begins before the limit may end after it.
  if (past != first && end_of(std::prev(past)) > end_max) --past;
  if (past == first && limits.at_least_one_batch) ++past;
  if (past != first) part.end = end_of(std::prev(past));
  return std::optional(part);
}

Result<std::optional<LogSegment::Part>, StorageError> LogSegment::locate_by_scan(
    Offset from, const ReadLimits& limits) {
  const auto start = scan_start(from);
  if (!start) return failure(start.error());
  BatchScanner scanner(*disk_, log_, *start, size_);
  std::optional<Part> part;
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    if (header.last_offset() < from) continue;
    const std::uint64_t end = scanner.position() + header.size_in_bytes();
    if (!part) part = Part{scanner.position(), scanner.position(), header.base_offset};
    const bool first = part->end == part->begin;
    if (header.last_offset() >= limits.upper_bound) break;
    if (end - part->begin > limits.bytes_max && !(first && limits.at_least_one_batch)) break;
    part->end = end;
    if (end - part->begin >= limits.bytes_max) break;
  }
  if (scanner.error()) return failure(*scanner.error());
  // Where no batch begins the records are damaged, not at an end.
  if (!part && scanner.position() < size_) return failure(StorageError::corrupt);
  return part;
}

Result<ByteChain, StorageError> LogSegment::read(const Part& part) {
  auto content = disk_->read(log_, part.begin, static_cast<std::size_t>(part.end - part.begin));
  if (!content) return disk_failure(content.error());
  if (content->size() != part.end - part.begin) return failure(StorageError::corrupt);
  return std::move(*content);
}

Result<std::optional<protocol::RecordBatch>, StorageError> LogSegment::batch_at(Offset offset) {
  const auto part = locate(offset, {1, Offset{std::numeric_limits<std::int64_t>::max()}, true});
  if (!part) return failure(part.error());
  if (!*part) return std::optional<protocol::RecordBatch>();
  const auto content = read(**part);
  if (!content) return failure(content.error());
  auto batch = protocol::RecordBatch::read(*content);
  if (!batch) return failure(StorageError::corrupt);
  return std::optional(std::move(*batch));
}

Result<std::optional<protocol::RecordBatch>, StorageError> LogSegment::batch_at_or_after(
    std::int64_t timestamp, Offset from) {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  // An entry says that all batches before its own are earlier than its timestamp or as late; so
  // begin at one that is strictly earlier than what is wanted.
  const auto earlier = times_.lookup(timestamp - 1);
  const Offset begin = earlier ? std::max(from, earlier->offset) : from;
  const auto start = scan_start(begin);
  if (!start) return failure(start.error());
  BatchScanner scanner(*disk_, log_, *start, size_);
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    if (header.last_offset() < from || header.max_timestamp < timestamp) continue;
    auto batch = scanner.batch();
    if (!batch) return failure(batch.error());
    return std::optional(std::move(*batch));
  }
  if (scanner.error()) return failure(*scanner.error());
  return std::optional<protocol::RecordBatch>();
}

Result<LatestTimestamp, StorageError> LogSegment::latest_timestamp() {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  return latest_;
}

Result<std::optional<std::int64_t>, StorageError> LogSegment::first_timestamp() {
  if (!first_timestamp_) {
    BatchScanner scanner(*disk_, log_, 0, size_);
    if (scanner.next()) first_timestamp_ = scanner.header().max_timestamp;
    if (scanner.error()) return failure(*scanner.error());
  }
  return first_timestamp_;
}

Result<std::uint64_t, StorageError> LogSegment::position_before(Offset offset) {
  return scan_start(offset);
}

Result<const AbortedTransactions*, StorageError> LogSegment::aborted() {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  return &aborted_;
}

Result<Offset, StorageError> LogSegment::next_offset() {
  if (!recent_.empty()) return recent_.back().last().next();
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  if (!recent_.empty()) return recent_.back().last().next();
  return base_;
}

Result<std::optional<Offset>, StorageError> LogSegment::truncate_to(Offset offset) {
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  const auto cut = locate(offset, {0, offset, false});
  if (!cut) return failure(cut.error());
  if (!*cut) return std::optional<Offset>();
  const std::uint64_t new_size = (*cut)->begin;
  if (auto done = disk_->truncate(log_, new_size); !done) return disk_failure(done.error());
  size_ = new_size;
  offsets_.truncate_to((*cut)->first_offset);
  times_.truncate_to((*cut)->first_offset);
  aborted_.truncate_to((*cut)->first_offset);
  while (!recent_.empty() && recent_.back().position >= new_size) recent_.pop_back();
  // What the cut leaves is found again from the last entries that are left.
  indexed_ = false;
  if (auto done = write_indexes(false); !done) return failure(done.error());
  if (size_ == 0) first_timestamp_.reset();
  if (auto ready = ensure_indexes(); !ready) return failure(ready.error());
  return std::optional((*cut)->first_offset);
}

}  // namespace ottla::storage
