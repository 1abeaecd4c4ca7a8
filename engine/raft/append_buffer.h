// What a leader was given to append and gathers for a while, so that what is decided shortly after
// each other becomes one batch and one sync (Kafka's BatchAccumulator).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::raft {

class AppendBuffer {
 public:
  static constexpr std::size_t batch_bytes_max = 8 * 1024 * 1024;  // Kafka's MAX_BATCH_SIZE_BYTES

  // The values of records that are to lie in one batch. The first ones are due after `linger`; what
  // does not fit into one batch with those before is due at once, and so are they.
  void add(std::vector<Bytes> values, Instant now, Duration linger);

  [[nodiscard]] std::int64_t count() const { return count_; }  // Of records.
  [[nodiscard]] std::optional<Instant> due() const { return due_; }
  // All of it as batches, the first one placed at `base`.
  [[nodiscard]] ByteChain take(Offset base, LeaderEpoch epoch);

 private:
  struct Batch {
    Instant begun;
    std::size_t bytes = 0;
    std::vector<Bytes> values = {};
  };
  std::vector<Batch> batches_;
  std::int64_t count_ = 0;
  std::optional<Instant> due_;
};

}  // namespace ottla::raft
