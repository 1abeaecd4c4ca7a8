// A segment's sparse index from offset to file position: its `.index` file. An entry is 8 bytes: a
// batch's last offset relative to the segment's base offset (4), and the batch's position (4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

namespace ottla::storage {

class OffsetIndex {
 public:
  static constexpr std::size_t entry_size = 8;
  struct Entry {
    Offset offset;
    std::uint32_t position;
    bool operator==(const Entry&) const = default;
  };

  explicit OffsetIndex(Offset base) : base_(base) {}

  // Offsets and positions rise; an offset lies within 2^31 - 1 of the base.
  void append(Offset offset, std::uint32_t position);
  // The last entry at or before `target`; the segment's beginning where there is none.
  [[nodiscard]] Entry lookup(Offset target) const;
  // Forgets the entries at and after `offset`.
  void truncate_to(Offset offset);
  void clear() { entries_.clear(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  [[nodiscard]] Bytes encode(std::size_t first = 0) const;
  // Nothing when the content is not an index of a log file of `log_size` bytes.
  [[nodiscard]] static std::optional<OffsetIndex> parse(Offset base, const Bytes& content,
                                                        std::uint64_t log_size);

 private:
  struct Stored {
    std::int32_t relative;
    std::uint32_t position;
  };
  Offset base_;
  std::vector<Stored> entries_;
};

}  // namespace ottla::storage
