#include "engine/storage/log_cleaner.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "engine/protocol/records/record_cursor.h"
#include "engine/storage/batch_scanner.h"

namespace ottla::storage {
namespace {

// The batches in one slice of memory of their own: what they shared their memory with may go.
std::vector<protocol::RecordBatch> gathered(const std::vector<protocol::RecordBatch>& batches) {
  ByteChain all;
  for (const protocol::RecordBatch& batch : batches) all.append(batch.bytes());
  const Bytes content = Bytes::copy_of(all.flatten().span());
  std::vector<protocol::RecordBatch> copies;
  copies.reserve(batches.size());
  std::size_t position = 0;
  for (const protocol::RecordBatch& batch : batches) {
    copies.push_back(
        protocol::RecordBatch::of(batch.header(), content.slice(position, batch.size_in_bytes())));
    position += batch.size_in_bytes();
  }
  return copies;
}

// What a group of segments adds up to.
struct GroupSize {
  std::uint64_t log = 0;
  LogSegment::IndexSizes indexes;

  [[nodiscard]] GroupSize with(std::uint64_t bytes, const LogSegment::IndexSizes& more) const {
    return {log + bytes, {indexes.offsets + more.offsets, indexes.times + more.times}};
  }
  [[nodiscard]] bool fits(const LogConfig& config) const {
    return log <= config.segment_bytes && indexes.offsets <= config.index_bytes_max &&
           indexes.times <= config.index_bytes_max;
  }
};

}  // namespace

LogCleaner::LogCleaner(Log& log, const CleanableLog& what, const OffsetMap::Limits& limits,
                       Instant now)
    : log_(log),
      what_(what),
      cuts_(log.cuts_),
      began_(now),
      map_(limits),
      compactor_(map_, log.producers_.producers(),
                 {.now = now,
                  .delete_retention = log.config_.delete_retention,
                  .end = what.first_uncleanable}),
      end_(what.first_dirty) {
  auto it = log.segments_.upper_bound(what.first_dirty);
  if (it != log.segments_.begin()) --it;
  for (; it != log.segments_.end() && it->first < what.first_uncleanable; ++it)
    dirty_.push_back(it->first);
}

bool LogCleaner::spent(std::uint64_t bytes) {
  bytes_read_ += bytes;
  budget_ -= std::min<std::uint64_t>(budget_, bytes);
  return budget_ == 0;
}

Result<LogCleaner::Progress, StorageError> LogCleaner::step(std::size_t bytes_max) {
  if (log_.cuts_ != cuts_ || !log_.config_.compact) {
    if (cleaned_) (void)cleaned_->remove_files();
    cleaned_.reset();
    return Progress::aborted;
  }
  budget_ = bytes_max;
  auto worked = Result<void, StorageError>();
  if (phase_ == Phase::mapping) worked = map_some();
  if (worked && phase_ == Phase::rewriting) worked = rewrite_some();
  if (!worked) {
    if (cleaned_) (void)cleaned_->remove_files();
    cleaned_.reset();
    return failure(worked.error());
  }
  return phase_ == Phase::over ? Progress::done : Progress::under_way;
}

// The map of the dirty section.

Result<void, StorageError> LogCleaner::map_some() {
  for (; at_.segment < dirty_.size(); ++at_.segment, at_.position.reset()) {
    LogSegment& from = segment(dirty_[at_.segment]);
    if (!at_.position) {
      const auto begin = from.position_before(what_.first_dirty);
      if (!begin) return failure(begin.error());
      at_.position = *begin;
      if (at_.segment == 0) {
        const auto aborted = log_.aborted_transactions(what_.first_dirty, what_.first_uncleanable);
        if (!aborted) return failure(aborted.error());
        mapped_transactions_.add_aborted(*aborted);
      }
    }
    BatchScanner scanner(*log_.disk_, from.log_file(), *at_.position, from.size());
    while (scanner.next()) {
      const auto batch = scanner.batch();
      if (!batch) return failure(batch.error());
      if (auto mapped = map_batch(*batch); !mapped) return mapped;
      if (phase_ != Phase::mapping) return {};
      at_.position = scanner.position() + batch->size_in_bytes();
      if (spent(batch->size_in_bytes())) return {};
    }
    if (scanner.error()) return failure(*scanner.error());
    if (scanner.position() != from.size()) return failure(StorageError::corrupt);
    const bool last = at_.segment + 1 == dirty_.size();
    // Where offsets are missing at the segment's end, nothing is.
    map_.advance_to((last ? what_.first_uncleanable : dirty_[at_.segment + 1]).plus(-1));
  }
  return group_segments();
}

Result<void, StorageError> LogCleaner::map_batch(const protocol::RecordBatch& batch) {
  const protocol::BatchHeader& header = batch.header();
  if (header.is_control()) {
    if (auto fate = mapped_transactions_.on_control_batch(batch); !fate)
      return failure(fate.error());
  } else if (!mapped_transactions_.on_batch(header)) {
    const auto body = batch.body(protocol::default_inflated_bytes_max);
    if (!body) return failure(StorageError::corrupt);
    protocol::RecordCursor cursor(header, body->span());
    while (cursor.next()) {
      const protocol::RecordView& record = cursor.record();
      if (record.key.is_null() || record.offset < what_.first_dirty) continue;
      if (map_.full()) return group_segments();
      map_.put(record.key.span(), record.offset);
    }
    if (cursor.error()) return failure(StorageError::corrupt);
  }
  if (header.last_offset() >= what_.first_dirty) map_.advance_to(header.last_offset());
  return {};
}

// Segments of one group together are no larger than one segment may be, so that repeated cleaning
// does not leave many small ones (Cleaner.groupSegmentsBySize).
Result<void, StorageError> LogCleaner::group_segments() {
  at_ = {};
  end_ = std::max(end_, map_.latest().next());
  phase_ = Phase::rewriting;
  GroupSize size;
  for (auto it = log_.segments_.begin(); it->first < end_; ++it) {
    const auto indexes = it->second.index_sizes();
    if (!indexes) return failure(indexes.error());
    const Offset after = std::next(it)->first;
    const Offset next = after < end_ ? after : what_.first_uncleanable;
    const GroupSize together = size.with(it->second.size(), *indexes);
    const bool in_range = !groups_.empty() && (it->second.size() == 0 ||
                                               next.value() - 1 - groups_.back().front().value() <=
                                                   std::numeric_limits<std::int32_t>::max());
    if (in_range && together.fits(log_.config_)) {
      groups_.back().push_back(it->first);
      size = together;
    } else {
      groups_.push_back({it->first});
      size = GroupSize().with(it->second.size(), *indexes);
    }
  }
  return {};
}

// The segments without what is obsolete.

Result<void, StorageError> LogCleaner::rewrite_some() {
  for (; at_.group < groups_.size(); ++at_.group, at_.segment = 0) {
    const std::vector<Offset>& group = groups_[at_.group];
    for (; at_.segment < group.size(); ++at_.segment, at_.position.reset()) {
      LogSegment& from = segment(group[at_.segment]);
      if (!at_.position) {
        if (auto begun = begin_segment(group); !begun) return begun;
      }
      BatchScanner scanner(*log_.disk_, from.log_file(), *at_.position, from.size());
      while (budget_ > 0 && scanner.next()) {
        const auto batch = scanner.batch();
        if (!batch) return failure(batch.error());
        if (auto done = rewrite_batch(*batch); !done) return done;
        at_.position = scanner.position() + batch->size_in_bytes();
        if (spent(batch->size_in_bytes())) return flush_pending();
      }
      if (scanner.error()) return failure(*scanner.error());
      if (budget_ == 0) return flush_pending();
      if (scanner.position() != from.size()) return failure(StorageError::corrupt);
    }
    if (auto finished = finish_group(group); !finished) return finished;
  }
  phase_ = Phase::over;
  return {};
}

Result<void, StorageError> LogCleaner::begin_segment(const std::vector<Offset>& group) {
  if (at_.segment == 0) {
    auto created = LogSegment::create_cleaned(*log_.disk_, log_.folder_, group.front(), began_);
    if (!created) return failure(created.error());
    cleaned_.emplace(std::move(*created));
    last_read_.reset();
  }
  at_.position = 0;
  LogSegment& from = segment(group[at_.segment]);
  const auto own_end = from.next_offset();
  if (!own_end) return failure(own_end.error());
  const Offset end = at_.segment + 1 < group.size() ? group[at_.segment + 1] : *own_end;
  const auto aborted = log_.aborted_transactions(from.base(), end);
  if (!aborted) return failure(aborted.error());
  compactor_.add_aborted(*aborted);
  return {};
}

Result<void, StorageError> LogCleaner::rewrite_batch(const protocol::RecordBatch& batch) {
  // A batch that is written anew would get a checksum that hides the damage.
  if (!batch.crc_matches()) return failure(StorageError::corrupt);
  auto outcome = compactor_.compact(batch);
  if (!outcome) return failure(outcome.error());
  last_read_ = batch.header();
  if (outcome->aborted) cleaned_->add_aborted(*outcome->aborted);
  if (!outcome->batch) return {};
  if (!cleaned_->spans(outcome->batch->last_offset())) return failure(StorageError::corrupt);
  pending_.push_back(*std::move(outcome->batch));
  return {};
}

Result<void, StorageError> LogCleaner::flush_pending() {
  if (pending_.empty()) return {};
  const std::vector<protocol::RecordBatch> batches = gathered(std::exchange(pending_, {}));
  for (const protocol::RecordBatch& batch : batches) bytes_written_ += batch.size_in_bytes();
  return cleaned_->append(batches, log_.config_);
}

Result<void, StorageError> LogCleaner::finish_group(const std::vector<Offset>& group) {
  if (auto flushed = flush_pending(); !flushed) return flushed;
  // An empty segment between others would look, after a power loss, like one whose records were
  // lost; so the last batch stays, as a header.
  if (cleaned_->size() == 0 && last_read_) {
    pending_.push_back(protocol::RecordBatch::without_records(*last_read_));
    if (auto flushed = flush_pending(); !flushed) return flushed;
  }
  if (auto written = cleaned_->write_indexes(true); !written) return written;
  auto replaced = log_.replace_segments(group, std::move(*cleaned_));
  cleaned_.reset();
  return replaced;
}

}  // namespace ottla::storage
