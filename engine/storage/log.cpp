#include "engine/storage/log.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {

std::uint64_t Log::size() const {
  std::uint64_t total = 0;
  for (const auto& [base, segment] : segments_) total += segment.size();
  return total;
}

std::vector<SegmentView> Log::segments() const {
  std::vector<SegmentView> views;
  views.reserve(segments_.size());
  for (auto it = segments_.begin(); it != segments_.end(); ++it) {
    const auto next = std::next(it);
    views.push_back(
        {it->first, next == segments_.end() ? log_end_ : next->first, it->second.size()});
  }
  return views;
}

Result<Appended, StorageError> Log::append_as_leader(std::span<const protocol::RecordBatch> batches,
                                                     const LeaderAppend& how) {
  OTTLA_ASSERT(!batches.empty());
  const bool append_time = config_.timestamp_type == protocol::TimestampType::log_append_time;
  std::vector<protocol::RecordBatch> placed;
  placed.reserve(batches.size());
  ProducerAppend producers(producers_, how.origin);
  Offset offset = log_end_;
  for (const protocol::RecordBatch& batch : batches) {
    if (how.origin == AppendOrigin::client) {
      if (const auto before = producers_.duplicate_of(batch.header())) {
        return Appended{.first_offset = before->first_offset(),
                        .last_offset = before->last_offset,
                        .append_time = before->timestamp,
                        .max_timestamp = before->timestamp,
                        .duplicate = true};
      }
    }
    placed.push_back(append_time ? batch.with_append_time(how.now).placed_at(offset, how.epoch)
                                 : batch.placed_at(offset, how.epoch));
    offset = placed.back().header().next_offset();
    if (auto staged = producers.stage(placed.back(), how.marker_version); !staged) {
      return failure(staged.error());
    }
  }
  if (const auto latest = epochs_.latest(); latest && how.epoch < *latest) {
    return failure(StorageError::leader_epoch_went_back);
  }
  auto appended = write(placed, std::move(producers), how.now);
  if (appended && append_time) appended->append_time = how.now.millis_since_epoch();
  return appended;
}

// The leader's log may start in the middle of a batch, after a DeleteRecords. An empty log that
// starts there takes the whole batch all the same, and so begins before its own start; Kafka's
// Partition does so on an UnexpectedAppendOffsetException.
Result<Appended, StorageError> Log::append_as_follower(
    std::span<const protocol::RecordBatch> batches, Instant now) {
  OTTLA_ASSERT(!batches.empty());
  const Offset start = log_start_;
  const protocol::BatchHeader& first = batches.front().header();
  const bool holds_start = first.base_offset < start && first.next_offset() > start;
  if (log_end_ != start || !holds_start) return append_fetched(batches, now);
  if (auto begun = truncate_fully_and_start_at(first.base_offset, now); !begun)
    return failure(begun.error());
  auto appended = append_fetched(batches, now);
  auto restored = appended ? advance_log_start(start) : truncate_fully_and_start_at(start, now);
  if (!restored) return failure(restored.error());
  return appended;
}

Result<Appended, StorageError> Log::append_fetched(std::span<const protocol::RecordBatch> batches,
                                                   Instant now) {
  ProducerAppend producers(producers_, AppendOrigin::replication);
  Offset expected = log_end_;
  LeaderEpoch epoch = epochs_.latest().value_or(no_leader_epoch);
  for (const protocol::RecordBatch& batch : batches) {
    const protocol::BatchHeader& header = batch.header();
    if (header.base_offset < expected) return failure(StorageError::offset_went_back);
    if (header.partition_leader_epoch < epoch) return failure(StorageError::leader_epoch_went_back);
    if (header.last_offset_delta < 0 || !batch.crc_matches()) return failure(StorageError::corrupt);
    if (auto staged = producers.stage(batch); !staged) return failure(staged.error());
    expected = header.next_offset();
    epoch = header.partition_leader_epoch;
  }
  return write(batches, std::move(producers), now);
}

Result<Appended, StorageError> Log::write(std::span<const protocol::RecordBatch> batches,
                                          ProducerAppend&& producers, Instant now) {
  Appended appended{.first_offset = batches.front().base_offset(),
                    .last_offset = batches.back().last_offset()};
  for (const protocol::RecordBatch& batch : batches) {
    appended.bytes += batch.size_in_bytes();
    appended.max_timestamp = std::max(appended.max_timestamp, batch.header().max_timestamp);
  }
  if (appended.bytes > config_.segment_bytes) return failure(StorageError::batches_too_large);
  const auto rolled = make_room(batches, now);
  if (!rolled) return failure(rolled.error());
  appended.rolled = *rolled;
  auto epochs_before = assign_epochs(batches);
  if (!epochs_before) return failure(epochs_before.error());
  if (auto written = active().append(batches, config_); !written) {
    // An epoch without records would answer for offsets that it never had.
    if (*epochs_before) epochs_ = std::move(**epochs_before);
    return failure(written.error());
  }
  log_end_ = appended.last_offset.next();
  for (const EndedTransaction& ended : producers_.commit(std::move(producers), log_end_)) {
    if (!ended.transaction.aborted) continue;
    active().add_aborted({ended.transaction.producer_id, ended.transaction.first,
                          ended.transaction.last, ended.last_stable_offset});
  }
  return appended;
}

Result<bool, StorageError> Log::make_room(std::span<const protocol::RecordBatch> batches,
                                          Instant now) {
  const auto full = active().should_roll(batches, config_, now);
  if (!full) return failure(full.error());
  if (!*full) return false;
  if (auto rolled = roll_at(std::max(log_end_, batches.front().base_offset()), now); !rolled) {
    return failure(rolled.error());
  }
  return true;
}

// The checkpoint is written before the records, so that it never lacks an epoch that the log has;
// one that the log turns out not to have is dropped as the log is opened.
Result<std::optional<LeaderEpochCache>, StorageError> Log::assign_epochs(
    std::span<const protocol::RecordBatch> batches) {
  std::optional<LeaderEpochCache> changed;
  for (const protocol::RecordBatch& batch : batches) {
    const EpochStart start{batch.header().partition_leader_epoch, batch.base_offset()};
    if (start.epoch < LeaderEpoch{0}) continue;
    if (!(changed ? *changed : epochs_).would_change(start)) continue;
    if (!changed) changed = epochs_;
    changed->assign(start);
  }
  if (!changed) return std::optional<LeaderEpochCache>();
  if (auto written = write_epochs(*changed); !written) return failure(written.error());
  return std::optional(std::exchange(epochs_, std::move(*changed)));
}

Result<void, StorageError> Log::write_epochs(const LeaderEpochCache& epochs) {
  const auto written =
      replace_file(*disk_, path(epoch_checkpoint_name), Bytes::copy_of(epochs.encode()));
  if (!written) return disk_failure(written.error());
  return {};
}

Result<void, StorageError> Log::assign_epoch(LeaderEpoch epoch, Offset start) {
  if (!epochs_.would_change({epoch, start})) return {};
  LeaderEpochCache changed = epochs_;
  changed.assign({epoch, start});
  if (auto written = write_epochs(changed); !written) return written;
  epochs_ = std::move(changed);
  return {};
}

Result<LogBatches, StorageError> Log::read(const LogRead& what) {
  if (what.from < log_start_ || what.from > log_end_)
    return failure(StorageError::offset_out_of_range);
  LogBatches result{.bytes = {}, .first_offset = what.from};
  const Offset upper_bound = std::min(what.upper_bound, log_end_);
  if (what.from >= upper_bound) return result;
  auto it = segments_.upper_bound(what.from);
  if (it != segments_.begin()) --it;
  const LogSegment::ReadLimits limits{what.bytes_max, upper_bound, what.at_least_one_batch};
  for (; it != segments_.end(); ++it) {
    const auto part = it->second.locate(what.from, limits);
    if (!part) return failure(part.error());
    // Compaction may have left nothing at the segment's end: the next one has what follows.
    if (!*part) continue;
    result.first_offset = (*part)->first_offset;
    if ((*part)->end == (*part)->begin) return result;
    auto bytes = it->second.read(**part);
    if (!bytes) return failure(bytes.error());
    result.bytes = std::move(*bytes);
    return result;
  }
  return result;
}

Offset Log::last_stable_offset(Offset high_watermark) const {
  const auto unstable = producers_.first_unstable_offset();
  return unstable ? std::min(*unstable, high_watermark) : high_watermark;
}

Result<std::vector<AbortedTransaction>, StorageError> Log::aborted_transactions(
    Offset from, Offset upper_bound) {
  std::vector<AbortedTransaction> found;
  auto it = segments_.upper_bound(from);
  if (it != segments_.begin()) --it;
  for (; it != segments_.end(); ++it) {
    const auto aborted = it->second.aborted();
    if (!aborted) return failure(aborted.error());
    if ((*aborted)->collect(from, upper_bound, found)) break;
  }
  return found;
}

Result<std::optional<TimestampedRecord>, StorageError> Log::offset_for_timestamp(
    std::int64_t timestamp) {
  for (auto& [base, segment] : segments_) {
    const auto next = segments_.upper_bound(base);
    if (next != segments_.end() && next->first <= log_start_) continue;
    const auto latest = segment.latest_timestamp();
    if (!latest) return failure(latest.error());
    if (latest->timestamp < timestamp) continue;
    Offset from = log_start_;
    while (true) {
      const auto batch = segment.batch_at_or_after(timestamp, from);
      if (!batch) return failure(batch.error());
      if (!*batch) break;
      const auto records = (*batch)->records();
      if (!records) return failure(StorageError::corrupt);
      for (const protocol::Record& record : *records) {
        if (record.timestamp < timestamp || record.offset < log_start_) continue;
        return std::optional(TimestampedRecord{record.offset, record.timestamp,
                                               (*batch)->header().partition_leader_epoch});
      }
      from = (*batch)->header().next_offset();
    }
  }
  return std::optional<TimestampedRecord>();
}

Result<std::optional<TimestampedRecord>, StorageError> Log::offset_of_max_timestamp() {
  LatestTimestamp latest;
  LogSegment* holder = nullptr;
  for (auto& [base, segment] : segments_) {
    const auto of_segment = segment.latest_timestamp();
    if (!of_segment) return failure(of_segment.error());
    if (of_segment->timestamp <= latest.timestamp) continue;
    latest = *of_segment;
    holder = &segment;
  }
  if (holder == nullptr) return std::optional<TimestampedRecord>();
  const auto batch = holder->batch_at(latest.offset);
  if (!batch) return failure(batch.error());
  if (!*batch) return failure(StorageError::corrupt);
  const auto record = (*batch)->max_timestamp_offset();
  if (!record) return failure(StorageError::corrupt);
  if (!*record) return std::optional<TimestampedRecord>();
  return std::optional(TimestampedRecord{(*record)->offset, (*record)->timestamp,
                                         (*batch)->header().partition_leader_epoch});
}

}  // namespace ottla::storage
