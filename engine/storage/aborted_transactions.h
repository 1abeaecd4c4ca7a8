// A segment's aborted transactions, so that a read_committed consumer knows what to leave out: its
// `.txnindex` file. An entry is 34 bytes: version 0 (2), producer id, first offset, last offset (of
// the marker), and last stable offset (8 each).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

namespace ottla::storage {

struct AbortedTransaction {
  ProducerId producer_id;
  Offset first;
  Offset last;                // The abort marker's.
  Offset last_stable_offset;  // As the marker was appended: no transaction was open below it.
  bool operator==(const AbortedTransaction&) const = default;
};

class AbortedTransactions {
 public:
  static constexpr std::size_t entry_size = 34;

  void append(const AbortedTransaction& transaction) { entries_.push_back(transaction); }
  // Adds those that overlap [from, upper_bound) to `found`. True when later segments cannot hold
  // any more.
  bool collect(Offset from, Offset upper_bound, std::vector<AbortedTransaction>& found) const;
  // Forgets those whose marker is at or after `offset`.
  void truncate_to(Offset offset);
  void clear() { entries_.clear(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  // The entries from the `first` on, as the file holds them.
  [[nodiscard]] Bytes encode(std::size_t first = 0) const;
  // Nothing when the content is not such a file.
  [[nodiscard]] static std::optional<AbortedTransactions> parse(const Bytes& content);

 private:
  std::vector<AbortedTransaction> entries_;  // By rising marker offset.
};

}  // namespace ottla::storage
