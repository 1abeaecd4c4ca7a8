// Why the log refused something, and which Kafka error code tells a client so.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/env/disk.h"
#include "engine/protocol/error_code.h"

namespace ottla::storage {

enum class StorageError : std::uint8_t {
  disk_full,
  disk_read_only,
  disk_failed,
  file_missing,         // Somebody took a file away.
  corrupt,              // What is on the disk, or what was to be appended, is not a record batch.
  offset_out_of_range,  // A read outside [log start, upper bound].
  batches_too_large,    // One append is larger than a segment may be.
  offset_went_back,     // A follower's batch begins before the log's end.
  leader_epoch_went_back,     // A batch of an older leader after one of a newer.
  out_of_order_sequence,      // Of an idempotent producer.
  invalid_producer_epoch,     // Of a producer that another has fenced.
  invalid_transaction_state,  // A plain batch while the producer's transaction is open.
  coordinator_fenced,         // A marker from a transaction coordinator of the past.
};

// A sentence for logs.
[[nodiscard]] std::string_view message(StorageError error);
[[nodiscard]] StorageError storage_error(DiskError error);
// What a broker answers. A disk's errors all read as KAFKA_STORAGE_ERROR.
[[nodiscard]] protocol::ErrorCode error_code_of(StorageError error);

[[nodiscard]] inline tl::unexpected<StorageError> disk_failure(DiskError error) {
  return failure(storage_error(error));
}

}  // namespace ottla::storage
