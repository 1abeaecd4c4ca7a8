#include "engine/storage/leader_epoch_cache.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/storage/checkpoint_text.h"

namespace ottla::storage {

bool LeaderEpochCache::would_change(EpochStart entry) const {
  return entries_.empty() || entry.epoch != entries_.back().epoch ||
         entry.start < entries_.back().start;
}

bool LeaderEpochCache::assign(EpochStart entry) {
  OTTLA_ASSERT(entry.epoch >= LeaderEpoch{0} && entry.start >= Offset{0});
  if (!would_change(entry)) return false;
  while (!entries_.empty() &&
         (entries_.back().epoch >= entry.epoch || entries_.back().start >= entry.start)) {
    entries_.pop_back();
  }
  entries_.push_back(entry);
  return true;
}

std::optional<LeaderEpoch> LeaderEpochCache::latest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.back().epoch;
}

std::optional<LeaderEpoch> LeaderEpochCache::epoch_at(Offset offset) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), offset,
                       [](Offset at, const EpochStart& entry) { return at < entry.start; });
  if (after == entries_.begin()) return std::nullopt;
  return std::prev(after)->epoch;
}

EpochEnd LeaderEpochCache::end_of(LeaderEpoch requested, Offset log_end) const {
  if (requested == no_leader_epoch || entries_.empty()) return {};
  if (requested == entries_.back().epoch) return {requested, log_end};
  const auto higher = std::upper_bound(
      entries_.begin(), entries_.end(), requested,
      [](LeaderEpoch epoch, const EpochStart& entry) { return epoch < entry.epoch; });
  if (higher == entries_.end()) return {};
  if (higher == entries_.begin()) return {requested, higher->start};
  return {std::prev(higher)->epoch, higher->start};
}

bool LeaderEpochCache::truncate_from_end(Offset end) {
  bool changed = false;
  while (!entries_.empty() && entries_.back().start >= end) {
    entries_.pop_back();
    changed = true;
  }
  return changed;
}

bool LeaderEpochCache::truncate_from_start(Offset start) {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), start,
                       [](Offset at, const EpochStart& entry) { return at < entry.start; });
  if (after == entries_.begin()) return false;
  const auto first = std::prev(after);
  if (first == entries_.begin() && first->start == start) return false;
  first->start = start;
  entries_.erase(entries_.begin(), first);
  return true;
}

std::string LeaderEpochCache::encode() const {
  std::vector<std::string> lines;
  lines.reserve(entries_.size());
  for (const EpochStart& entry : entries_) {
    lines.push_back(std::to_string(entry.epoch.value()) + " " +
                    std::to_string(entry.start.value()));
  }
  return encode_checkpoint(lines);
}

Result<LeaderEpochCache, std::string> LeaderEpochCache::parse(std::string_view text,
                                                              std::string_view path) {
  const auto lines = parse_checkpoint(text, 2, path);
  if (!lines) return failure(lines.error());
  LeaderEpochCache cache;
  for (const CheckpointLine& line : *lines) {
    const auto epoch = parse_number<std::int32_t>(line.words[0]);
    const auto start = parse_number<std::int64_t>(line.words[1]);
    if (!epoch || !start || *epoch < 0 || *start < 0)
      return failure(malformed_line(path, line.text));
    cache.assign({LeaderEpoch{*epoch}, Offset{*start}});
  }
  return cache;
}

}  // namespace ottla::storage
