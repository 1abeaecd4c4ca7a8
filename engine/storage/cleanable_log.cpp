// What of a log may be cleaned: LogCleanerManager.cleanableOffsets and LogToClean.
#include <algorithm>
#include <iterator>

#include "engine/storage/log_cleaner.h"

namespace ottla::storage {
namespace {

using Segments = std::map<Offset, LogSegment>;

// The segment that holds `offset`, or the first where all begin after it (LogSegments.values).
Segments::iterator holding(Segments& segments, Offset offset) {
  const auto after = segments.upper_bound(offset);
  return after == segments.begin() ? after : std::prev(after);
}

Segments::iterator active_of(Segments& segments) {
  return std::prev(segments.end());
}

// The first segment with a record that is not older than min.compaction.lag.ms.
Result<std::optional<Offset>, StorageError> first_too_young(Segments& segments, Offset first_dirty,
                                                            Instant older_than) {
  for (auto it = holding(segments, first_dirty); it != active_of(segments); ++it) {
    const auto latest = it->second.latest_timestamp();
    if (!latest) return failure(latest.error());
    const Instant newest =
        latest->timestamp >= 0 ? Instant::from_millis(latest->timestamp) : it->second.created();
    if (newest > older_than) return std::optional(it->first);
  }
  return std::optional<Offset>();
}

// Whether a dirty segment's first batch is older than max.compaction.lag.ms.
Result<bool, StorageError> has_older(Segments& segments, Offset first_dirty, Instant than) {
  for (auto it = holding(segments, first_dirty); it != active_of(segments); ++it) {
    const auto first = it->second.first_timestamp();
    if (!first) return failure(first.error());
    if (first->value_or(0) > 0 && **first < than.millis_since_epoch()) return true;
  }
  return false;
}

}  // namespace

double CleanableLog::dirty_ratio() const {
  const std::uint64_t total = clean_bytes + cleanable_bytes;
  return total == 0 ? 0.0 : static_cast<double>(cleanable_bytes) / static_cast<double>(total);
}

bool CleanableLog::worth_cleaning(const LogConfig& config) const {
  return (overdue && cleanable_bytes > 0) || dirty_ratio() > config.min_cleanable_ratio;
}

Result<CleanableLog, StorageError> LogCleaner::measure(Log& log, const Position& at) {
  Segments& segments = log.segments_;
  CleanableLog what;
  what.first_dirty = at.cleaned_to.value_or(log.log_start());
  if (what.first_dirty < log.log_start() || what.first_dirty > log.log_end()) {
    what.first_dirty = log.log_start();
    what.checkpoint_is_wrong = true;
  }
  Offset bound = std::min(at.last_stable, log.active().base());
  if (log.config_.min_compaction_lag > Duration()) {
    const auto young =
        first_too_young(segments, what.first_dirty, at.now - log.config_.min_compaction_lag);
    if (!young) return failure(young.error());
    if (*young) bound = std::min(bound, **young);
  }
  bound = std::max(bound, what.first_dirty);
  what.first_uncleanable =
      std::min(holding(segments, bound), active_of(segments), [](auto a, auto b) {
        return a->first < b->first;
      })->first;
  for (const auto& [base, segment] : segments) {
    if (base < what.first_dirty) what.clean_bytes += segment.size();
  }
  if (what.first_dirty < what.first_uncleanable) {
    for (auto it = holding(segments, what.first_dirty); it->first < what.first_uncleanable; ++it)
      what.cleanable_bytes += it->second.size();
  }
  if (log.config_.max_compaction_lag) {
    const auto overdue =
        has_older(segments, what.first_dirty, at.now - *log.config_.max_compaction_lag);
    if (!overdue) return failure(overdue.error());
    what.overdue = *overdue;
  }
  return what;
}

}  // namespace ottla::storage
