// Why a record batch was refused, and which Kafka error code tells a client so.
#pragma once

#include <cstdint>
#include <string_view>

namespace ottla::protocol {

enum class ErrorCode : std::int16_t;

enum class RecordError {
  truncated,           // The bytes end inside a batch.
  bad_magic,           // Not a version 2 batch.
  bad_crc,             // The checksum does not match the content.
  bad_length,          // A batch length that no batch can have.
  batch_too_large,     // Over max.message.bytes.
  unknown_codec,       // Attributes name compression 5, 6 or 7.
  bad_codec_data,      // The compressed content cannot be inflated.
  inflated_too_large,  // It inflates past the limit.
  bad_record,          // A record's own fields do not add up.
  bad_count,           // The records are not as many as the header says, or bytes follow them.
  bad_offset_delta,    // Offset deltas do not count up from 0 by 1.
  bad_base_offset,     // A client's batch must begin at offset 0.
  bad_sequence,        // A producer id without a sequence number.
  control_batch,       // A client sent a control batch, which only brokers may write.
  missing_key,         // A compacted topic's record has no key.
  bad_timestamp,       // Outside message.timestamp.before.max.ms and .after.max.ms.
};

// A sentence for logs and error messages.
[[nodiscard]] std::string_view message(RecordError error);

// What a broker answers, as Kafka's LogValidator, UnifiedLog and ProduceRequest do. The only such
// mapping.
[[nodiscard]] ErrorCode error_code_of(RecordError error);

}  // namespace ottla::protocol
