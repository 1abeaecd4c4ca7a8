#include "engine/storage/time_index.h"

#include <algorithm>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"

namespace ottla::storage {

void TimeIndex::append_if_later(std::int64_t timestamp, Offset offset) {
  const auto relative = static_cast<std::int32_t>(offset.value() - base_.value());
  if (timestamp < 0) return;
  if (!entries_.empty() &&
      (timestamp <= entries_.back().timestamp || relative <= entries_.back().relative)) {
    return;
  }
  entries_.push_back({timestamp, relative});
}

std::optional<TimeIndex::Entry> TimeIndex::lookup(std::int64_t timestamp) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), timestamp,
                       [](std::int64_t at, const Stored& entry) { return at < entry.timestamp; });
  if (after == entries_.begin()) return std::nullopt;
  return entry_of(*std::prev(after));
}

std::optional<TimeIndex::Entry> TimeIndex::last() const {
  if (entries_.empty()) return std::nullopt;
  return entry_of(entries_.back());
}

void TimeIndex::truncate_to(Offset offset) {
  const std::int64_t relative = offset.value() - base_.value();
  while (!entries_.empty() && entries_.back().relative >= relative) entries_.pop_back();
}

Bytes TimeIndex::encode(std::size_t first) const {
  ByteWriter writer;
  for (std::size_t i = first; i < entries_.size(); ++i) {
    writer.write_int64(entries_[i].timestamp);
    writer.write_int32(entries_[i].relative);
  }
  return writer.take();
}

std::optional<TimeIndex> TimeIndex::parse(Offset base, const Bytes& content) {
  if (content.size() % entry_size != 0) return std::nullopt;
  TimeIndex index(base);
  index.entries_.reserve(content.size() / entry_size);
  ByteReader reader(content);
  while (reader.remaining() > 0) {
    const std::int64_t timestamp = reader.read_int64();
    const std::int32_t relative = reader.read_int32();
    const bool rises = index.entries_.empty() || (timestamp > index.entries_.back().timestamp &&
                                                  relative > index.entries_.back().relative);
    if (!rises || timestamp < 0 || relative < 0) return std::nullopt;
    index.entries_.push_back({timestamp, relative});
  }
  return index;
}

}  // namespace ottla::storage
