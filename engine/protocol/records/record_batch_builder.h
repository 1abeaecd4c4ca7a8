// Builds a version 2 batch record by record, as Kafka's MemoryRecordsBuilder does: the first
// record's timestamp is the base, deltas follow, and compression and checksum come at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/byte_writer.h"
#include "engine/base/ids.h"
#include "engine/protocol/records/batch_header.h"
#include "engine/protocol/records/compression.h"
#include "engine/protocol/records/record.h"
#include "engine/protocol/records/record_batch.h"

namespace ottla::protocol {

struct RecordBatchOptions {
  Compression compression = Compression::none;
  int compression_level = default_compression_level;
  Offset base_offset{0};
  LeaderEpoch partition_leader_epoch = no_leader_epoch;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
  std::int32_t base_sequence = no_sequence;
  bool transactional = false;
  bool control = false;
  // Set: LogAppendTime, and every record's timestamp reads as this (milliseconds).
  std::optional<std::int64_t> append_time_ms;
  // Set by compaction: becomes the base timestamp (KIP-534).
  std::optional<std::int64_t> delete_horizon_ms;
};

class RecordBatchBuilder {
 public:
  explicit RecordBatchBuilder(RecordBatchOptions options = {});

  // Appends at the next offset. `timestamp` is in milliseconds.
  void append(std::int64_t timestamp, NullableView key, NullableView value,
              std::span<const RecordHeader> headers = {});
  // The same; the record's own offset is not looked at.
  void append(const Record& record);
  // Appends at the record's own offset, which must be past the last: compaction keeps offsets and
  // leaves gaps.
  void append_at_its_offset(const Record& record);
  // The idempotent producer's state, which is known only as the batch is sent
  // (MemoryRecordsBuilder.setProducerState).
  void set_producer_state(ProducerId id, ProducerEpoch epoch, std::int32_t base_sequence);
  // Makes the batch end at `last`, past its last record: what compaction removed at the end still
  // counts.
  void extend_to(Offset last);

  [[nodiscard]] std::int32_t record_count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] Offset next_offset() const { return options_.base_offset.plus(last_delta_ + 1); }
  // The batch's size as it stands, before compression; exact when there is none.
  [[nodiscard]] std::size_t size_estimate() const {
    return BatchHeader::encoded_size + body_.size();
  }

  // The batch. The builder is spent afterwards.
  [[nodiscard]] RecordBatch build();

 private:
  void write(std::int32_t offset_delta, std::int64_t timestamp, NullableView key,
             NullableView value, std::span<const RecordHeader> headers);

  RecordBatchOptions options_;
  ByteWriter body_;
  std::int32_t count_ = 0;
  std::int32_t last_delta_ = -1;
  std::int64_t base_timestamp_ = no_timestamp;
  std::int64_t max_timestamp_ = no_timestamp;
};

// The most bytes that a record of these parts adds to a batch: what a producer asks before it
// appends (AbstractRecords.estimateSizeInBytesUpperBound).
[[nodiscard]] std::size_t record_size_upper_bound(NullableView key, NullableView value,
                                                  std::span<const RecordHeader> headers = {});

}  // namespace ottla::protocol
