// How a Log is opened: the segments are found, checked where a sync does not vouch for them, and
// replayed into the producer state, as Kafka's LogLoader and LogSegment.recover do.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

#include "engine/base/byte_reader.h"
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

// Whether what begins at `position` is a batch whose end is missing, as an interrupted write leaves
// it (FileLogInputStream takes that for the end), and not something else.
Result<bool, StorageError> is_torn(Disk& disk, const LogSegment& segment, std::uint64_t position) {
  constexpr std::uint64_t up_to_magic = 17;      // Less is no header in any format.
  constexpr std::uint64_t offset_and_size = 12;  // What a batch's size does not count.
  constexpr std::int64_t size_min = 14;
  const std::uint64_t left = segment.size() - position;
  if (left <= up_to_magic) return true;
  auto head = disk.read(segment.log_file(), position, offset_and_size);
  if (!head) return disk_failure(head.error());
  ByteReader reader(std::move(*head));
  (void)reader.read_int64();
  const std::int32_t size = reader.read_int32();
  return size >= size_min && offset_and_size + static_cast<std::uint64_t>(size) > left;
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
  bool clean_shutdown = false;
  Offset cleaned_to{0};
  bool without_gaps = false;
};

// How far a segment's batches are sound.
struct Log::Checked {
  std::uint64_t position = 0;  // Where the last of them ends; the file's size where all are.
  Offset end{0};               // The offset after it.
};

Result<Log, StorageError> Log::open(Disk& disk, std::string folder, const LogConfig& config,
                                    const LogOpening& opening) {
  Log log(disk, std::move(folder), config);
  log.report_ = opening.report;
  if (const auto loaded = log.load(opening); !loaded) return failure(loaded.error());
  log.report_ = nullptr;
  return log;
}

void Log::found(std::string what) {
  if (report_ != nullptr) report_->repairs.push_back(std::move(what));
}

tl::unexpected<StorageError> Log::refuse(const LogSegment& segment, const Checked& at) {
  if (report_ != nullptr) {
    report_->refusal = fmt::format("{} is corrupt at byte {}, where offset {} should be",
                                   segment.path(suffix::log), at.position, at.end.value());
  }
  return failure(StorageError::corrupt);
}

Result<void, StorageError> Log::load(const LogOpening& opening) {
  if (auto found = load_segments(opening.now); !found) return found;
  if (segments_.empty()) {
    if (auto added = add_segment(opening.log_start, opening.now); !added) return added;
  }
  log_start_ = std::max(opening.log_start, segments_.begin()->first);
  Recovery recovery;
  recovery.cleaned_to = opening.cleaned_to;
  recovery.clean_shutdown = opening.clean_shutdown;
  recovery.without_gaps = opening.without_gaps;
  for (auto it = segments_.begin(); it != segments_.end(); ++it) {
    const auto next = std::next(it);
    const Offset end = next == segments_.end() ? last_offset_possible : next->first;
    const auto indexed = it->second.load_indexes(end);
    if (!indexed) return failure(indexed.error());
    const bool in_doubt =
        !opening.clean_shutdown && end > opening.recovery_point && !planted(Plant::skip_recovery);
    const bool empty_and_active = it->second.size() == 0 && next == segments_.end();
    if (in_doubt) recovery.in_doubt.insert(it->first);
    if (!empty_and_active && (in_doubt || !*indexed)) recovery.to_check.insert(it->first);
    if (!empty_and_active && !in_doubt && !*indexed)
      found(fmt::format("An index file of {} is missing or corrupt: they are built anew",
                        it->second.path(suffix::log)));
    if (empty_and_active) {
      if (auto emptied = it->second.begin_rebuild(); !emptied) return emptied;
    }
  }
  const auto epochs_known = load_epochs();
  if (!epochs_known) return failure(epochs_known.error());
  recovery.rebuild_epochs = !*epochs_known;
  if (auto ended = check_end(recovery); !ended) return ended;
  // The first segment whose index of aborted transactions is built needs the producers' state at
  // its beginning.
  const Offset producers_from =
      recovery.to_check.empty() ? last_offset_possible : *recovery.to_check.begin();
  if (auto loaded = load_producers(producers_from, opening.now); !loaded) return loaded;
  if (auto replayed = replay(recovery); !replayed) return replayed;
  const auto end = active().next_offset();
  if (!end) return failure(end.error());
  log_end_ = *end;
  if (log_end_ < log_start_) {
    found(
        fmt::format("Deleting all segments of {} because logEndOffset ({}) is smaller than "
                    "logStartOffset {}",
                    folder_, log_end_.value(), log_start_.value()));
    return truncate_fully_and_start_at(log_start_, opening.now);
  }
  if (log_end_ < opening.recovery_point) {
    found(fmt::format("{} ends at offset {}, although all below offset {} had been synced", folder_,
                      log_end_.value(), opening.recovery_point.value()));
  }
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
    found(fmt::format("Found an orphaned index file {}, with no corresponding log file: removed",
                      path(name)));
    if (auto gone = disk_->remove(path(name)); !gone) return disk_failure(gone.error());
  }
  return {};
}

// After a clean shutdown the log ends with its last whole batch, as LogSegment.readNextOffset has
// it. An index that names what is not there is built anew.
Result<void, StorageError> Log::check_end(Recovery& recovery) {
  LogSegment& last = active();
  if (!recovery.clean_shutdown || last.size() == 0 || recovery.to_check.count(last.base()) > 0)
    return {};
  const auto position = last.size_of_batches();
  if (!position) return failure(position.error());
  const auto end = last.next_offset();
  if (!end) return failure(end.error());
  if (!last.indexes_end_below(*end)) {
    recovery.to_check.insert(last.base());
    found(fmt::format("An index file of {} goes past its end: they are built anew",
                      last.path(suffix::log)));
    return {};
  }
  if (*position == last.size()) return {};
  return end_after(last, {*position, *end}, recovery);
}

// The last segment holds something after its last sound batch, although nothing is in doubt.
Result<void, StorageError> Log::end_after(LogSegment& last, const Checked& at,
                                          const Recovery& recovery) {
  const auto torn = is_torn(*disk_, last, at.position);
  if (!torn) return failure(torn.error());
  return *torn && recovery.clean_shutdown ? cut(last, at) : refuse(last, at);
}

// The log ends there: what follows in the segment goes, and so do the segments after it.
Result<void, StorageError> Log::cut(LogSegment& segment, const Checked& at) {
  const auto later = std::distance(segments_.upper_bound(segment.base()), segments_.end());
  found(fmt::format("Corruption found in {} at byte {}, truncating to offset {}{}",
                    segment.path(suffix::log), at.position, at.end.value(),
                    later > 0 ? fmt::format(" and deleting segments after it: {}", later) : ""));
  if (auto done = segment.finish_rebuild(at.position); !done) return done;
  return drop_segments_after(segment.base());
}

// False where the epochs must be found in the batches.
Result<bool, StorageError> Log::load_epochs() {
  const std::string file = path(epoch_checkpoint_name);
  const auto content = read_file(*disk_, file);
  if (!content && content.error() != DiskError::not_found) return disk_failure(content.error());
  if (content && !content->empty()) {
    auto parsed = LeaderEpochCache::parse(content->text(), file);
    if (!parsed) {
      if (report_ != nullptr) report_->refusal = std::move(parsed.error());
      return failure(StorageError::corrupt);
    }
    epochs_ = std::move(*parsed);
    return true;
  }
  const bool has_records = segments_.size() > 1 || active().size() > 0;
  if (has_records)
    found(fmt::format("{} is missing or empty: leader epochs are taken from the batches", file));
  return !has_records;
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
    found(fmt::format("Failed to load producer snapshot from '{}': removed", path(*name)));
    if (auto gone = disk_->remove(path(*name)); !gone) return disk_failure(gone.error());
  }
  return {};
}

Result<void, StorageError> Log::replay(Recovery& recovery) {
  for (auto it = segments_.begin(); it != segments_.end(); ++it) {
    const auto next = std::next(it);
    const Offset end = next == segments_.end() ? last_offset_possible : next->first;
    if (recovery.to_check.count(it->first) > 0) {
      const auto ends_here = recover_segment(it->second, recovery);
      if (!ends_here) return failure(ends_here.error());
      if (*ends_here) return {};
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
  if (config_.compact && (segment.size() > 0 || segment.base() < cleaned_to)) return false;
  const auto end = segment.next_offset();
  if (!end) return failure(end.error());
  return *end < next_base;
}

// Builds the segment's indexes. True where the log ends with it, because something in it or after
// it is missing or damaged. Only what no sync vouches for is cut for that, and a torn last batch;
// what else is damaged stays, and is met by who reads it.
Result<bool, StorageError> Log::recover_segment(LogSegment& segment, const Recovery& recovery) {
  const auto checked = check_segment(segment, recovery);
  if (!checked) return failure(checked.error());
  const bool in_doubt = recovery.in_doubt.count(segment.base()) > 0;
  const auto next = segments_.upper_bound(segment.base());
  const bool is_last = next == segments_.end();
  bool damaged = checked->position < segment.size();
  if (damaged && is_last && !in_doubt) {
    if (auto ended = end_after(segment, *checked, recovery); !ended) return failure(ended.error());
    return true;
  }
  if (!damaged && !is_last) {
    const auto hole = ends_before(segment, next->first, recovery.cleaned_to);
    if (!hole) return failure(hole.error());
    damaged = *hole;
  }
  if (damaged && in_doubt) {
    if (auto done = cut(segment, *checked); !done) return failure(done.error());
    return true;
  }
  if (damaged) {
    found(
        fmt::format("{} is corrupt at byte {}, where offset {} should be; it had been synced, and "
                    "is left as it is",
                    segment.path(suffix::log), checked->position, checked->end.value()));
  }
  if (auto done = segment.write_indexes(false); !done) return failure(done.error());
  return false;
}

// Builds the segment's indexes from its batches, up to one that is torn or unsound.
Result<Log::Checked, StorageError> Log::check_segment(LogSegment& segment,
                                                      const Recovery& recovery) {
  if (auto begun = segment.begin_rebuild(); !begun) return failure(begun.error());
  BatchScanner scanner(*disk_, segment.log_file(), 0, segment.size());
  Checked sound{.position = 0, .end = segment.base()};
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    const auto batch = scanner.batch();
    if (!batch && batch.error() != StorageError::corrupt) return failure(batch.error());
    // What the checksum does not cover is compared with what comes before.
    const bool follows =
        recovery.without_gaps ? header.base_offset == sound.end : header.base_offset >= sound.end;
    if (!batch || !follows || !segment.spans(header.last_offset())) break;
    if (!batch->crc_matches() && !planted(Plant::skip_checksums)) break;
    segment.index_batch(header, scanner.position(), config_);
    note_epoch(header);
    replay_batch(*batch, &segment);
    sound = {scanner.position() + header.size_in_bytes(), header.next_offset()};
  }
  if (scanner.error() && *scanner.error() != StorageError::corrupt)
    return failure(*scanner.error());
  return sound;
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
  Offset end = std::max(segment.base(), begin == 0 ? no_offset : producers_.end());
  while (scanner.next()) {
    const protocol::BatchHeader& header = scanner.header();
    end = header.next_offset();
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
  if (scanner.error() && *scanner.error() != StorageError::corrupt)
    return failure(*scanner.error());
  if (scanner.error() || scanner.position() != segment.size())
    return refuse(segment, {scanner.position(), end});
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
