// The 61 bytes before the records of a version 2 batch (KIP-98):
//
//    0 base offset            8   17 crc                4   35 max timestamp     8
//    8 batch length           4   21 attributes         2   43 producer id       8
//   12 partition leader epoch 4   23 last offset delta  4   51 producer epoch    2
//   16 magic                  1   27 base timestamp     8   53 base sequence     4   57 record
//   count 4
//
// The length counts the bytes after itself; the CRC-32C covers the attributes and all that follows.
// So a broker sets the base offset and the leader epoch without touching the checksum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/protocol/records/compression.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

// Who set the records' timestamps: the producer, or the broker on append (message.timestamp.type).
enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

inline constexpr std::int64_t no_timestamp = -1;
inline constexpr std::int32_t no_sequence = -1;

struct BatchHeader {
  static constexpr std::size_t encoded_size = 61;
  static constexpr std::size_t length_prefix_size =
      12;  // Base offset and length, which the length leaves out.
  static constexpr std::size_t crc_begin = 21;  // The first byte that the checksum covers.

  static constexpr std::int16_t compression_mask = 0x07;
  static constexpr std::int16_t timestamp_type_bit = 0x08;
  static constexpr std::int16_t transactional_bit = 0x10;
  static constexpr std::int16_t control_bit = 0x20;
  static constexpr std::int16_t delete_horizon_bit = 0x40;

  Offset base_offset{0};
  std::int32_t batch_length = static_cast<std::int32_t>(encoded_size - length_prefix_size);
  LeaderEpoch partition_leader_epoch = no_leader_epoch;
  std::int8_t magic = 2;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = no_timestamp;
  std::int64_t max_timestamp = no_timestamp;
  ProducerId producer_id = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
  std::int32_t base_sequence = no_sequence;
  std::int32_t record_count = 0;

  bool operator==(const BatchHeader&) const = default;

  // Wraps rather than overflows for a hostile header, as offset_at() does.
  [[nodiscard]] Offset last_offset() const { return offset_at(last_offset_delta); }
  // The offset after the last record: the next batch's base offset in a log without gaps.
  [[nodiscard]] Offset next_offset() const {
    return offset_at(std::int64_t{last_offset_delta} + 1);
  }
  // The offset of the record with that delta.
  [[nodiscard]] Offset offset_at(std::int64_t delta) const {
    return Offset{static_cast<std::int64_t>(static_cast<std::uint64_t>(base_offset.value()) +
                                            static_cast<std::uint64_t>(delta))};
  }
  [[nodiscard]] std::size_t size_in_bytes() const {
    return length_prefix_size + static_cast<std::size_t>(batch_length);
  }
  [[nodiscard]] Compression compression() const {
    return static_cast<Compression>(attributes & compression_mask);
  }
  [[nodiscard]] TimestampType timestamp_type() const {
    return has(timestamp_type_bit) ? TimestampType::log_append_time : TimestampType::create_time;
  }
  [[nodiscard]] bool is_transactional() const { return has(transactional_bit); }
  [[nodiscard]] bool is_control() const { return has(control_bit); }
  // When the tombstones and markers of a compacted batch may go, if compaction has set it
  // (KIP-534).
  [[nodiscard]] std::optional<std::int64_t> delete_horizon_ms() const {
    return has(delete_horizon_bit) ? std::optional(base_timestamp) : std::nullopt;
  }
  [[nodiscard]] bool has_producer_id() const { return producer_id > no_producer_id; }
  [[nodiscard]] bool is_idempotent() const { return has_producer_id() && base_sequence >= 0; }
  // The sequence number of the last record; sequences wrap from 2^31 - 1 to 0. no_sequence without
  // a base.
  [[nodiscard]] std::int32_t last_sequence() const;

  // Reads the fields. Fails with truncated under 61 bytes, bad_magic, or bad_length when the length
  // is less than this header's own. Says nothing of the checksum, nor whether the records are
  // there.
  [[nodiscard]] static Result<BatchHeader, RecordError> read(std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::array<std::uint8_t, encoded_size> encoded() const;

 private:
  [[nodiscard]] bool has(std::int16_t bit) const { return (attributes & bit) != 0; }
};

// The sequence number `distance` after `sequence`, wrapping as Kafka's
// DefaultRecordBatch.incrementSequence.
[[nodiscard]] std::int32_t sequence_after(std::int32_t sequence, std::int32_t distance);

}  // namespace ottla::protocol
