// A version 2 record batch: its header decoded, its bytes shared with whoever read them from a
// socket or a disk. A batch is a value; "changing" one makes a new header before the same body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/protocol/records/batch_header.h"
#include "engine/protocol/records/compression.h"
#include "engine/protocol/records/record.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

// How far a batch may inflate where nothing tighter is known: 64 MiB.
inline constexpr std::size_t default_inflated_bytes_max = std::size_t{64} << 20;

struct TimestampedOffset {
  Offset offset;
  std::int64_t timestamp;

  bool operator==(const TimestampedOffset&) const = default;
};

class RecordBatch {
 public:
  // The batch at the front of `bytes`; what follows it is left out. Checks the header's form and
  // that the whole batch is there (truncated, bad_magic, bad_length); the checksum is
  // crc_matches()'s.
  [[nodiscard]] static Result<RecordBatch, RecordError> read(const ByteChain& bytes);
  // `bytes` are one whole batch, whose header was read already.
  [[nodiscard]] static RecordBatch of(const BatchHeader& header, ByteChain bytes) {
    return RecordBatch(header, std::move(bytes));
  }

  [[nodiscard]] const BatchHeader& header() const { return header_; }
  [[nodiscard]] const ByteChain& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size_in_bytes() const { return bytes_.size(); }
  [[nodiscard]] Offset base_offset() const { return header_.base_offset; }
  [[nodiscard]] Offset last_offset() const { return header_.last_offset(); }
  [[nodiscard]] bool crc_matches() const;

  // The same batch where a leader puts it. The body is shared and the checksum does not change.
  [[nodiscard]] RecordBatch placed_at(Offset base, LeaderEpoch epoch) const;
  // The same batch under message.timestamp.type=LogAppendTime: every record's timestamp reads as
  // `now`.
  [[nodiscard]] RecordBatch with_append_time(Instant now) const;
  // The same batch with the largest timestamp its header should name (LogValidator corrects a
  // producer's).
  [[nodiscard]] RecordBatch with_max_timestamp(std::int64_t timestamp) const;

  // The same batch of another producer state: another id or epoch begins with other sequences.
  [[nodiscard]] RecordBatch with_producer_state(ProducerId id, ProducerEpoch epoch,
                                                std::int32_t base_sequence) const;

  // What compaction keeps of a batch whose records have all gone: offsets, producer and sequences,
  // and the latest timestamp (DefaultRecordBatch.writeEmptyHeader).
  [[nodiscard]] static RecordBatch without_records(const BatchHeader& header);

  // The records' bytes, inflated; shared when they are not compressed and lie in one slice.
  [[nodiscard]] Result<Bytes, RecordError> body(std::size_t inflated_bytes_max) const;
  // All records, whose keys and values share the body. Walk body() with a RecordCursor to allocate
  // nothing.
  [[nodiscard]] Result<std::vector<Record>, RecordError> records(
      std::size_t inflated_bytes_max = default_inflated_bytes_max) const;

  // The first record at or after `timestamp`, with its own timestamp; none when all are earlier
  // (ListOffsets).
  [[nodiscard]] Result<std::optional<TimestampedOffset>, RecordError> first_at_or_after(
      std::int64_t timestamp, std::size_t inflated_bytes_max = default_inflated_bytes_max) const;
  // The first record with the batch's largest timestamp (ListOffsets -3, KIP-734); none in an empty
  // batch.
  [[nodiscard]] Result<std::optional<TimestampedOffset>, RecordError> max_timestamp_offset(
      std::size_t inflated_bytes_max = default_inflated_bytes_max) const;

  friend bool operator==(const RecordBatch& a, const RecordBatch& b) {
    return a.bytes_ == b.bytes_;
  }

 private:
  friend class RecordBatchBuilder;
  RecordBatch(const BatchHeader& header, ByteChain bytes)
      : header_(header), bytes_(std::move(bytes)) {}

  // A batch of `header` and `body`; with the checksum made for both where `header.crc` is not
  // theirs.
  [[nodiscard]] static RecordBatch assemble(const BatchHeader& header, const ByteChain& body);
  [[nodiscard]] static RecordBatch sealed(BatchHeader header, const ByteChain& body);
  [[nodiscard]] ByteChain body_bytes() const;

  BatchHeader header_;
  ByteChain bytes_;
};

// The batches of `bytes`, which hold whole batches and nothing else: a produce request's records. A
// torn last batch is truncated. Empty bytes give no batches.
[[nodiscard]] Result<std::vector<RecordBatch>, RecordError> split_batches(const ByteChain& bytes);

// The whole batches at the front of `bytes`, where the end may cut one: a fetch response, a log's
// tail.
struct LeadingBatches {
  std::vector<RecordBatch> batches;
  std::size_t size_in_bytes = 0;  // Of those batches: where the torn one begins.
};
[[nodiscard]] Result<LeadingBatches, RecordError> leading_batches(const ByteChain& bytes);

}  // namespace ottla::protocol
