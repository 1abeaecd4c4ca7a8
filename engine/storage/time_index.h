// A segment's sparse index from timestamp to offset: its `.timeindex` file. An entry is 12 bytes: a
// timestamp (8), and relative to the segment's base offset the last offset of the batch that has it
// (4): every record before that batch is earlier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

namespace ottla::storage {

class TimeIndex {
 public:
  static constexpr std::size_t entry_size = 12;
  struct Entry {
    std::int64_t timestamp;
    Offset offset;
    bool operator==(const Entry&) const = default;
  };

  explicit TimeIndex(Offset base) : base_(base) {}

  // Adds the entry if its timestamp is later than the last one's and its offset past it.
  void append_if_later(std::int64_t timestamp, Offset offset);
  // The last entry that is not later than `timestamp`; none before the first.
  [[nodiscard]] std::optional<Entry> lookup(std::int64_t timestamp) const;
  [[nodiscard]] std::optional<Entry> last() const;
  // Forgets the entries at and after `offset`.
  void truncate_to(Offset offset);
  void clear() { entries_.clear(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  [[nodiscard]] Bytes encode(std::size_t first = 0) const;
  // Nothing when the content is not a time index.
  [[nodiscard]] static std::optional<TimeIndex> parse(Offset base, const Bytes& content);

 private:
  struct Stored {
    std::int64_t timestamp;
    std::int32_t relative;
  };
  [[nodiscard]] Entry entry_of(const Stored& stored) const {
    return {stored.timestamp, base_.plus(stored.relative)};
  }

  Offset base_;
  std::vector<Stored> entries_;
};

}  // namespace ottla::storage
