#include "engine/storage/offset_map.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"

namespace ottla::storage {
namespace {

constexpr std::size_t first_places = 1024;

}  // namespace

OffsetMap::OffsetMap(const Limits& limits)
    : places_max_(std::max<std::size_t>(limits.memory_bytes / entry_bytes, 2)),
      size_max_(std::clamp<std::size_t>(
          static_cast<std::size_t>(static_cast<double>(places_max_) * limits.load_factor), 1,
          places_max_ - 1)),
      places_(std::min(first_places, places_max_)) {}

std::size_t OffsetMap::place_of(const KeyDigest& key) const {
  // There is always a free place, since the map is full before its places are.
  std::size_t at = key.low % places_.size();
  while (places_[at].offset != no_offset && places_[at].key != key) {
    at = at + 1 == places_.size() ? 0 : at + 1;
  }
  return at;
}

void OffsetMap::put(std::span<const std::uint8_t> key, Offset offset) {
  OTTLA_ASSERT(!full());
  if (4 * (size_ + 1) > 3 * places_.size() && places_.size() < places_max_) grow();
  const KeyDigest digest = digest_of(key);
  Entry& entry = places_[place_of(digest)];
  if (entry.offset == no_offset) ++size_;
  entry = {digest, offset};
  latest_ = offset;
}

Offset OffsetMap::find(std::span<const std::uint8_t> key) const {
  return places_[place_of(digest_of(key))].offset;
}

void OffsetMap::grow() {
  std::vector<Entry> before(std::min(places_.size() * 2, places_max_));
  std::swap(before, places_);
  for (const Entry& entry : before) {
    if (entry.offset != no_offset) places_[place_of(entry.key)] = entry;
  }
}

}  // namespace ottla::storage
