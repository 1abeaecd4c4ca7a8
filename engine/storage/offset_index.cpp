#include "engine/storage/offset_index.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"

namespace ottla::storage {

void OffsetIndex::append(Offset offset, std::uint32_t position) {
  const auto relative = static_cast<std::int32_t>(offset.value() - base_.value());
  OTTLA_ASSERT(entries_.empty() || relative > entries_.back().relative);
  entries_.push_back({relative, position});
}

OffsetIndex::Entry OffsetIndex::lookup(Offset target) const {
  const std::int64_t relative = target.value() - base_.value();
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), relative,
                       [](std::int64_t at, const Stored& entry) { return at < entry.relative; });
  if (after == entries_.begin()) return {base_, 0};
  return {base_.plus(std::prev(after)->relative), std::prev(after)->position};
}

void OffsetIndex::truncate_to(Offset offset) {
  const std::int64_t relative = offset.value() - base_.value();
  while (!entries_.empty() && entries_.back().relative >= relative) entries_.pop_back();
}

Bytes OffsetIndex::encode(std::size_t first) const {
  ByteWriter writer;
  for (std::size_t i = first; i < entries_.size(); ++i) {
    writer.write_int32(entries_[i].relative);
    writer.write_uint32(entries_[i].position);
  }
  return writer.take();
}

std::optional<OffsetIndex> OffsetIndex::parse(Offset base, const Bytes& content,
                                              std::uint64_t log_size) {
  if (content.size() % entry_size != 0) return std::nullopt;
  OffsetIndex index(base);
  index.entries_.reserve(content.size() / entry_size);
  ByteReader reader(content);
  while (reader.remaining() > 0) {
    const Stored entry{reader.read_int32(), reader.read_uint32()};
    const bool rises = index.entries_.empty() || (entry.relative > index.entries_.back().relative &&
                                                  entry.position > index.entries_.back().position);
    if (!rises || entry.relative < 0 || entry.position >= log_size) return std::nullopt;
    index.entries_.push_back(entry);
  }
  return index;
}

}  // namespace ottla::storage
