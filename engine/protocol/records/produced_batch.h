// What a leader checks before it appends a client's batch: Kafka's ProduceRequest.validateRecords,
// UnifiedLog and LogValidator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/base/result.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

struct ProduceLimits {
  std::size_t batch_bytes_max = 1'048'588;  // max.message.bytes
  std::size_t inflated_bytes_max = default_inflated_bytes_max;
  bool keys_required = false;  // cleanup.policy has compact.
  // Milliseconds between which a producer's timestamps must lie: the broker's time less
  // message.timestamp.before.max.ms, and plus message.timestamp.after.max.ms. Not for
  // LogAppendTime.
  std::int64_t timestamp_min = std::numeric_limits<std::int64_t>::min();
  std::int64_t timestamp_max = std::numeric_limits<std::int64_t>::max();
};

// A record that breaks a topic's rule (missing_key, bad_timestamp): Produce v8+ names it by its
// place in the batch.
struct RefusedRecord {
  std::int32_t batch_index;
  RecordError error;

  bool operator==(const RefusedRecord&) const = default;
};

// What walking a sound batch found.
struct ProducedRecords {
  std::int64_t max_timestamp = no_timestamp;  // Of the records, whatever the header says.
  std::vector<RefusedRecord> refused;         // Empty: append it.
};

// Everything about the batch but its records: length, checksum, counts, codec, control, sequence.
[[nodiscard]] Result<void, RecordError> check_batch(const RecordBatch& batch,
                                                    const ProduceLimits& limits);

// Walks every record: whole, counted, offsets in sequence, nothing after them. Does not copy or
// allocate for an uncompressed batch in one slice.
[[nodiscard]] Result<ProducedRecords, RecordError> check_records(const RecordBatch& batch,
                                                                 const ProduceLimits& limits);

// The same records in another codec: what a topic's compression.type asks for. `level` is the
// codec's own scale.
[[nodiscard]] Result<RecordBatch, RecordError> recompressed(const RecordBatch& batch,
                                                            Compression codec, int level);

// Both. A refused record refuses the batch with the first one's error.
[[nodiscard]] Result<void, RecordError> validate_produced(const RecordBatch& batch,
                                                          const ProduceLimits& limits);

}  // namespace ottla::protocol
