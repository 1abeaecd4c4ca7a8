// The last offset of every key in a log's dirty section: what a cleaning pass decides by. Bounded
// as Kafka's SkimpyOffsetMap is, by log.cleaner.dedupe.buffer.size and
// log.cleaner.io.buffer.load.factor; a pass covers what fits and leaves the rest to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/storage/key_digest.h"

namespace ottla::storage {

class OffsetMap {
 public:
  static constexpr std::size_t entry_bytes = 24;  // A digest and an offset.
  struct Limits {
    std::size_t memory_bytes = 128 * 1024 * 1024;  // At least two entries are kept.
    double load_factor = 0.9;
    bool operator==(const Limits&) const = default;
  };

  explicit OffsetMap(const Limits& limits);

  [[nodiscard]] bool full() const { return size_ >= size_max_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // The key was seen at `offset`, which is past all offsets before. Not for a full map.
  void put(std::span<const std::uint8_t> key, Offset offset);
  // no_offset where the key was not seen.
  [[nodiscard]] Offset find(std::span<const std::uint8_t> key) const;

  // The last offset up to which the map knows the log; no_offset when it knows nothing.
  [[nodiscard]] Offset latest() const { return latest_; }
  void advance_to(Offset latest) { latest_ = latest; }

 private:
  struct Entry {
    KeyDigest key;
    Offset offset = no_offset;  // no_offset: the place is free.
  };
  // Where the key's entry is, or would be.
  [[nodiscard]] std::size_t place_of(const KeyDigest& key) const;
  void grow();

  // Constant after construction.
  std::size_t places_max_;
  std::size_t size_max_;

  std::vector<Entry> places_;  // Grows with its content, up to places_max_.
  std::size_t size_ = 0;
  Offset latest_ = no_offset;
};

}  // namespace ottla::storage
