// How a Log is opened: the segments are found, checked where a sync does not vouch for them, and
// replayed into the producer state, as Kafka's LogLoader and LogSegment.recover do.
#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

#include "engine/base/planted.h"
#include "engine/storage/batch_scanner.h"
#include "engine/storage/log.h"
#include "engine/storage/partition_folder.h"

namespace ottla::storage {
namespace {

constexpr Offset last_offset_possible{std::numeric_limits<std::int64_t>::max()};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// What an interrupted write or removal leaves behind.
bool is_left_over(std::string_view name) {
  constexpr std::array<std::string_view, 2> endings = {".deleted", ".tmp"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return ends_with(name, ending); });
}

// The base offset in an index file's name.
std::optional<Offset> index_file_base(std::string_view name) {
  for (const std::string_view of :
       {suffix::offset_index, suffix::time_index, suffix::transaction_index}) {
    if (const auto base = parse_offset_file_name(name, of)) return base;
  }
  return std::nullopt;
}

}  // namespace

struct Log::Recovery {
  // Base offsets of the segments whose batches are checked, and indexes built; and of those among
  // them that no sync vouches for.
  std::set<Offset> to_check;
  std::set<Offset> in_doubt;
  bool rebuild_epochs = false;
  Offset cleaned_to{0};
};

Result<Log, StorageError> Log::open(Disk& disk, std::string folder, const LogConfig& config,
                                    const LogOpening& opening) {
  Log log(disk, folder, config);
  const auto loaded = log.load(opening);
  if (loaded) return log;
  if (loaded.error() != StorageError::corrupt) return failure(loaded.error());
  // It is not as a clean shutdown or a sync leaves a log, whatever was said: check everything.
  LogOpening distrustful = opening;
  distrustful.clean_shutdown = false;
  distrustful.recovery_point = Offset{0};
  Log checked(disk, std::move(folder), config);
  if (auto again = checked.load(distrustful); !again) return failure(again.error());
  return checked;
}

Result<void, StorageError> Log::load(const LogOpening& opening) {
  if (auto found = load_segments(opening.now); !found) return found;
  if (segments_.empty()) {
    if (auto added = add_segment(opening.log_start, opening.now); !added) return added;
  }
  log_start_ = std::max(opening.log_start, segments_.begin()->first);
  Recovery recovery;
  recovery.cleaned_to = opening.cleaned_to;
  for (auto it = segments_.begin(); it != segments_.end(); ++it) {
    const auto next = std::next(it);
    const Offset end = next == segments_.end() ? last_offset_possible : next->first;
    const auto indexed = it->second.load_indexes();
    if (!indexed) return failure(indexed.error());
    const bool in_doubt =
        !opening.clean_shutdown && end > opening.recovery_point && !planted(Plant::skip_recovery);
    const bool empty_and_active = it->second.size() == 0 && next == segments_.end();
    if (in_doubt) recovery.in_doubt.insert(it->first);
    if (!empty_and_active && (in_doubt || !*indexed)) recovery.to_check.insert(it->first);
    if (empty_and_active) {
      if (auto emptied = it->second.begin_rebuild(); !emptied) return emptied;
    }
  }
  const auto epochs_known = load_epochs();
  if (!epochs_known) return failure(epochs_known.error());
  recovery.rebuild_epochs = !*epochs_known;
  // The first segment whose index of aborted transactions is built needs the producers' state at
  // its beginning.
  const Offset producers_from =
      recovery.to_check.empty() ? last_offset_possible : *recovery.to_check.begin();
  if (auto loaded = load_producers(producers_from, opening.now); !loaded) return loaded;
  if (auto replayed = replay(recovery); !replayed) return replayed;
  const auto end = active().next_offset();
  if (!end) return failure(end.error());
  log_end_ = *end;
  if (log_end_ < log_start_) return truncate_fully_and_start_at(log_start_, opening.now);
  if (producers_.end() > log_end_) {
    if (auto reloaded = reload_producers(opening.now); !reloaded) return reloaded;
  }
  producers_.set_end(log_end_);
  if (auto removed = remove_producer_snapshots(log_end_.next(), last_offset_possible); !removed) {
    return removed;
  }
  const std::vector<EpochStart> before = epochs_.entries();
  epochs_.truncate_from_end(log_end_);
  epochs_.truncate_from_start(log_start_);
  recovery_point_ = std::min(opening.recovery_point, log_end_);
  if (epochs_.entries() == before && !recovery.rebuild_epochs && recovery.to_check.empty())
    return {};
  return write_epochs(epochs_);
}

Result<void, StorageError> Log::load_segments(Instant now) {
  if (auto finished = finish_swaps(); !finished) return finished;
  const auto names = disk_->list(folder_);
  if (!names) return disk_failure(names.error());
  for (const std::string& name : *names) {
    if (is_left_over(name)) {
      if (auto gone = disk_->remove(path(name)); !gone) return disk_failure(gone.error());
      continue;
    }
    const auto base = parse_offset_file_name(name, suffix::log);
    if (!base) continue;
    auto segment = LogSegment::open(*disk_, folder_, *base, now);
    if (!segment) return failure(segment.error());
    segments_.emplace(*base, std::move(*segment));
  }
  for (const std::string& name : *names) {
    const auto base = index_file_base(name);
    if (!base || segments_.count(*base) > 0) continue;
    if (auto gone = disk_->remove(path(name)); !gone) return disk_failure(gone.error());
  }
  return {};
}

// False where the epochs must be found in the batches.
Result<bool, StorageError> Log::load_epochs() {
  const auto content = read_file(*disk_, path(epoch_checkpoint_name));
  if (!content && content.error() != DiskError::not_found) return disk_failure(content.error());
  auto parsed = content ? LeaderEpochCache::parse(content->text()) : std::nullopt;
  if (parsed) {
    epochs_ = std::move(*parsed);
    return true;
  }
  return segments_.size() == 1 && active().size() == 0;
}

// From the latest sound snapshot that was taken after the log's start and not after `end_max`.
Result<void, StorageError> Log::load_producers(Offset end_max, Instant now) {
  producers_ = ProducerState();
  producers_.reset(log_start_);
  snapshot_end_ = log_start_;
  const auto names = disk_->list(folder_);
  if (!names) return disk_failure(names.error());
  for (auto name = names->rbegin(); name != names->rend(); ++name) {
    const auto end = parse_offset_file_name(*name, suffix::producer_snapshot);
    if (!end || *end > end_max || *end <= log_start_) continue;
    const auto content = read_file(*disk_, path(*name));
    if (!content) return disk_failure(content.error());
    auto state = ProducerState::parse_snapshot(*content, *end, now, config_.producer_expiration);
    if (state) {
      producers_ = std::move(*state);
      snapshot_end_ = *end;
      return {};
    }
    if (auto gone = disk_->remove(path(*name)); !gone) return disk_failure(gone.error());
  }
  return {};
}

Result<void, StorageError> Log::replay(Recovery& recovery) {
  for (auto it = segments_.begin(); it != segments_.end(); ++it) {
    const auto next = std::next(it);
    const Offset end = next == segments_.end() ? last_offset_possible : next->first;
    if (recovery.to_check.count(it->first) > 0) {
      const auto whole = check_segment(it->second);
      if (!whole) return failure(whole.error());
      const bool in_doubt = recovery.in_doubt.count(it->first) > 0;
      const auto hole = in_doubt && *whole ? ends_before(it->second, end, recovery.cleaned_to)
                                           : Result<bool, StorageError>(!*whole);
      if (!hole) return failure(hole.error());
      if (*hole) return drop_segments_after(it->first);
    } else if (end > producers_.end() || recovery.rebuild_epochs) {
      if (auto replayed = replay_segment(it->second, recovery.rebuild_epochs); !replayed)
        return replayed;
    }
  }
  return {};
}

// Whether the segment has lost batches at its end: a power loss may leave it shorter than the next
// one supposes, and yet whole. Compaction leaves such gaps too, here and in what followers fetch;
// and Kafka's, but not this one's, empty segments where it has been.
Result<bool, StorageError> Log::ends_before(LogSegment& segment, Offset next_base,
                                            Offset cleaned_to) {
  if (next_base == last_offset_possible) return false;
  if (config_.compact && (segment.size() > 0 || segment.base() < cleaned_to)) return false;
  const auto end = segment.next_offset();
  if (!end) return failure(end.error());
  return *end < next_base;
}

// Builds the segment's indexes from its batches; false when it was cut before one that is torn or
// unsound.
Result<bool, StorageError> Log::check_segment(LogSegment& segment) {
  if (auto begun = segment.begin_rebuild(); !begun) return failure(begun.error());
  BatchScanner scanner(*disk_, segment.log_file(), 0, segment.size());
  Offset expected = segment.base();
  std::uint64_t valid = 0;
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    const auto batch = scanner.batch();
    if (!batch && batch.error() != StorageError::corrupt) return failure(batch.error());
    if (!batch || !batch->crc_matches() || header.base_offset < expected ||
        !segment.spans(header.last_offset())) {
      break;
    }
    segment.index_batch(header, scanner.position(), config_);
    note_epoch(header);
    replay_batch(*batch, &segment);
    expected = header.next_offset();
    valid = scanner.position() + header.size_in_bytes();
  }
  if (scanner.error() && *scanner.error() != StorageError::corrupt)
    return failure(*scanner.error());
  const bool whole = valid == segment.size();
  if (auto done = segment.finish_rebuild(valid); !done) return failure(done.error());
  return whole;
}

// Replays into the producer state what it does not include; the segment is trusted. Corrupt, if it
// is not so.
Result<void, StorageError> Log::replay_segment(LogSegment& segment, bool epochs_too) {
  std::uint64_t begin = 0;
  if (!epochs_too && producers_.end() > segment.base()) {
    const auto part = segment.locate(producers_.end(), {1, last_offset_possible, true});
    if (!part) return failure(part.error());
    if (!*part) return {};
    begin = (*part)->begin;
  }
  BatchScanner scanner(*disk_, segment.log_file(), begin, segment.size());
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    if (epochs_too) note_epoch(header);
    if (header.base_offset < producers_.end()) continue;
    if (!header.has_producer_id()) {
      producers_.set_end(header.next_offset());
      continue;
    }
    const auto batch = scanner.batch();
    if (!batch) return failure(batch.error());
    replay_batch(*batch, nullptr);
  }
  if (scanner.error()) return failure(*scanner.error());
  if (scanner.position() != segment.size()) return failure(StorageError::corrupt);
  return {};
}

void Log::replay_batch(const protocol::RecordBatch& batch, LogSegment* rebuilt) {
  if (batch.base_offset() < producers_.end()) return;
  const Offset end = batch.header().next_offset();
  ProducerAppend append(producers_, AppendOrigin::replication);
  // What a leader accepted is accepted; a batch that cannot be read as such changes no producer.
  if (!append.stage(batch)) return producers_.set_end(end);
  for (const EndedTransaction& ended : producers_.commit(std::move(append), end)) {
    if (rebuilt == nullptr || !ended.transaction.aborted) continue;
    rebuilt->add_aborted({ended.transaction.producer_id, ended.transaction.first,
                          ended.transaction.last, ended.last_stable_offset});
  }
}

void Log::note_epoch(const protocol::BatchHeader& header) {
  const LeaderEpoch epoch = header.partition_leader_epoch;
  if (epoch < LeaderEpoch{0}) return;
  if (const auto latest = epochs_.latest(); latest && epoch <= *latest) return;
  epochs_.assign({epoch, header.base_offset});
}

Result<void, StorageError> Log::drop_segments_after(Offset base) {
  while (active().base() > base) {
    if (auto removed = active().remove_files(); !removed) return removed;
    segments_.erase(std::prev(segments_.end()));
  }
  return {};
}

Result<void, StorageError> Log::reload_producers(Instant now) {
  if (auto removed = remove_producer_snapshots(log_end_.next(), last_offset_possible); !removed) {
    return removed;
  }
  if (auto loaded = load_producers(log_end_, now); !loaded) return loaded;
  for (auto& [base, segment] : segments_) {
    const auto next = segments_.upper_bound(base);
    if (next != segments_.end() && next->first <= producers_.end()) continue;
    if (auto replayed = replay_segment(segment, false); !replayed) return replayed;
  }
  producers_.set_end(log_end_);
  return {};
}

}  // namespace ottla::storage
