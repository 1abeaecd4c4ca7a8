// How a Log's segments come and go: roll, truncation, retention, and sync.
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/assert.h"
#include "engine/storage/log.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {

Result<void, StorageError> Log::add_segment(Offset base, Instant now) {
  auto segment = LogSegment::create(*disk_, folder_, base, now);
  if (!segment) return failure(segment.error());
  segments_.emplace(base, std::move(*segment));
  return {};
}

Result<void, StorageError> Log::roll(Instant now) {
  if (active().size() == 0) return {};
  return roll_at(log_end_, now);
}

Result<void, StorageError> Log::roll_at(Offset base, Instant now) {
  if (active().base() == base) return {};
  if (auto written = active().write_indexes(true); !written) return written;
  producers_.set_end(std::max(producers_.end(), base));
  if (auto taken = take_producer_snapshot(); !taken) return taken;
  if (active().size() == 0 && segments_.size() > 1) {
    // Nothing was ever written to it, and nothing will be.
    if (auto removed = active().remove_files(); !removed) return removed;
    segments_.erase(std::prev(segments_.end()));
  }
  return add_segment(base, now);
}

Result<void, StorageError> Log::take_producer_snapshot() {
  if (producers_.end() <= snapshot_end_) return {};
  const std::string name = offset_file_name(producers_.end(), suffix::producer_snapshot);
  const auto written = replace_file(*disk_, path(name), producers_.encode_snapshot());
  if (!written) return disk_failure(written.error());
  snapshot_end_ = producers_.end();
  return {};
}

// Those taken at offsets in [from, to).
Result<void, StorageError> Log::remove_producer_snapshots(Offset from, Offset to) {
  const auto names = disk_->list(folder_);
  if (!names) return disk_failure(names.error());
  for (const std::string& name : *names) {
    const auto end = parse_offset_file_name(name, suffix::producer_snapshot);
    if (!end || *end < from || *end >= to) continue;
    if (const auto gone = disk_->remove(path(name));
        !gone && gone.error() != DiskError::not_found) {
      return disk_failure(gone.error());
    }
  }
  return {};
}

Result<void, StorageError> Log::truncate_to(Offset offset, Instant now) {
  if (offset >= log_end_) {
    // A leader notes where its epoch begins before it has written anything in it. If it never did,
    // nobody else knows of that epoch.
    if (!epochs_.truncate_from_end(log_end_)) return {};
    return write_epochs(epochs_);
  }
  if (offset <= segments_.begin()->first || offset < log_start_) {
    return truncate_fully_and_start_at(offset, now);
  }
  ++cuts_;
  recovery_point_ = std::min(recovery_point_, offset);
  sync_.target = std::min(sync_.target, offset);
  while (active().base() >= offset && segments_.size() > 1) {
    if (auto removed = active().remove_files(); !removed) return removed;
    segments_.erase(std::prev(segments_.end()));
  }
  const auto cut = active().truncate_to(offset);
  if (!cut) return failure(cut.error());
  log_end_ = *cut ? std::min(offset, **cut) : offset;
  recovery_point_ = std::min(recovery_point_, log_end_);
  sync_.target = std::min(sync_.target, log_end_);
  if (epochs_.truncate_from_end(log_end_)) {
    if (auto written = write_epochs(epochs_); !written) return written;
  }
  return reload_producers(now);
}

Result<void, StorageError> Log::truncate_fully_and_start_at(Offset offset, Instant now) {
  ++cuts_;
  recovery_point_ = std::min(recovery_point_, offset);
  sync_.target = std::min(sync_.target, offset);
  // The newest goes first, so that a crash in between leaves a log without a hole.
  while (!segments_.empty()) {
    if (auto removed = active().remove_files(); !removed) return removed;
    segments_.erase(std::prev(segments_.end()));
  }
  constexpr Offset last{std::numeric_limits<std::int64_t>::max()};
  if (auto removed = remove_producer_snapshots(Offset{0}, last); !removed) return removed;
  snapshot_end_ = no_offset;
  epochs_.clear();
  if (auto written = write_epochs(epochs_); !written) return written;
  producers_.reset(offset);
  log_start_ = offset;
  log_end_ = offset;
  return add_segment(offset, now);
}

Result<void, StorageError> Log::advance_log_start(Offset offset) {
  if (offset <= log_start_) return {};
  if (offset > log_end_) return failure(StorageError::offset_out_of_range);
  log_start_ = offset;
  producers_.on_log_start(offset);
  if (!epochs_.truncate_from_start(offset)) return {};
  return write_epochs(epochs_);
}

Result<bool, StorageError> Log::is_deletable(LogSegment& segment, Offset end, std::uint64_t excess,
                                             Instant now) {
  if (end <= log_start_) return true;
  if (!config_.delete_old) return false;
  if (config_.retention_bytes && excess >= segment.size()) return true;
  if (!config_.retention_time) return false;
  const auto latest = segment.latest_timestamp();
  if (!latest) return failure(latest.error());
  return latest->timestamp >= 0 &&
         now - Instant::from_millis(latest->timestamp) > *config_.retention_time;
}

Result<std::size_t, StorageError> Log::delete_old_segments(Instant now, Offset high_watermark) {
  const std::uint64_t kept = config_.retention_bytes.value_or(0);
  std::uint64_t excess = size() > kept ? size() - kept : 0;
  std::size_t deleted = 0;
  while (true) {
    LogSegment& oldest = segments_.begin()->second;
    const bool is_active = segments_.size() == 1;
    const Offset end = is_active ? log_end_ : std::next(segments_.begin())->first;
    if ((is_active && oldest.size() == 0) || end > high_watermark) return deleted;
    const auto deletable = is_deletable(oldest, end, excess, now);
    if (!deletable) return failure(deletable.error());
    if (!*deletable) return deleted;
    // There is always an active segment to append to.
    if (is_active) {
      if (auto rolled = roll(now); !rolled) return failure(rolled.error());
    }
    ++cuts_;
    excess -= std::min(excess, oldest.size());
    // Readers first: an offset that is answered for has its records.
    if (auto advanced = advance_log_start(end); !advanced) return failure(advanced.error());
    if (auto removed = oldest.remove_files(); !removed) return failure(removed.error());
    segments_.erase(segments_.begin());
    if (auto removed = remove_producer_snapshots(Offset{0}, end); !removed) {
      return failure(removed.error());
    }
    ++deleted;
  }
}

Result<void, StorageError> Log::prepare_shutdown() {
  if (auto written = active().write_indexes(true); !written) return written;
  return take_producer_snapshot();
}

void Log::start_sync(DiskOperationId operation) {
  OTTLA_ASSERT(!sync_under_way());
  sync_ = {operation, {}, log_end_};
  // An offset or time index that a power loss shortens is still right, so only those of rolled
  // segments are synced; the aborted transactions always are.
  for (auto it = segments_.rbegin(); it != segments_.rend(); ++it) {
    const bool is_active = it == segments_.rbegin();
    if (is_active) (void)it->second.write_indexes(false);
    for (std::string& file : it->second.paths_to_sync(!is_active))
      sync_.files.push_back(std::move(file));
    if (it->first <= recovery_point_) break;
  }
  sync_next_file();
}

void Log::sync_next_file() {
  constexpr FileId no_file{0};
  const auto file = disk_->open(sync_.files.back(), Disk::Open::existing);
  disk_->sync(file.value_or(no_file), sync_.operation);
  if (file) disk_->close(*file);
}

SyncState Log::on_synced(DiskResult<void> result) {
  if (!sync_under_way()) return SyncState::failed;
  // A file that retention or truncation took away in the meantime has nothing left to lose.
  if (!result && result.error() != DiskError::not_found) {
    sync_.files.clear();
    return SyncState::failed;
  }
  sync_.files.pop_back();
  if (sync_under_way()) {
    sync_next_file();
    return SyncState::under_way;
  }
  recovery_point_ = std::max(recovery_point_, sync_.target);
  return SyncState::done;
}

}  // namespace ottla::storage
