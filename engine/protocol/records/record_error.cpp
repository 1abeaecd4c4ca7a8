#include "engine/protocol/records/record_error.h"

#include "engine/protocol/error_code.h"

namespace ottla::protocol {

std::string_view message(RecordError error) {
  switch (error) {
    case RecordError::truncated: return "the bytes end inside a record batch";
    case RecordError::bad_magic: return "the record batch is not of version 2";
    case RecordError::bad_crc: return "the record batch does not match its checksum";
    case RecordError::bad_length: return "the record batch's length is impossible";
    case RecordError::batch_too_large: return "the record batch is larger than max.message.bytes";
    case RecordError::unknown_codec: return "the record batch names an unknown compression";
    case RecordError::bad_codec_data: return "the compressed records cannot be inflated";
    case RecordError::inflated_too_large: return "the compressed records inflate past the limit";
    case RecordError::bad_record: return "a record's lengths do not add up";
    case RecordError::bad_count: return "the records are not as many as the batch says";
    case RecordError::bad_offset_delta: return "the records' offsets do not follow each other";
    case RecordError::bad_base_offset: return "a client's record batch must begin at offset 0";
    case RecordError::bad_sequence: return "the producer's batch has no valid sequence number";
    case RecordError::control_batch: return "clients may not write control records";
    case RecordError::missing_key: return "a compacted topic's record needs a key";
    case RecordError::bad_timestamp: return "the record's timestamp is out of the allowed range";
  }
  return "unknown record error";
}

ErrorCode error_code_of(RecordError error) {
  switch (error) {
    case RecordError::bad_crc:
    case RecordError::bad_length: return ErrorCode::corrupt_message;
    // Kafka sees no batch in bytes that end inside the first one, and asks for exactly one.
    case RecordError::truncated: return ErrorCode::invalid_record;
    // Kafka 4 throws a KafkaException that is no ApiException: "Failed to decompress record
    // stream".
    case RecordError::bad_codec_data: return ErrorCode::unknown_server_error;
    case RecordError::batch_too_large:
    case RecordError::inflated_too_large: return ErrorCode::message_too_large;
    case RecordError::unknown_codec: return ErrorCode::unsupported_compression_type;
    case RecordError::bad_timestamp: return ErrorCode::invalid_timestamp;
    case RecordError::bad_magic:
    case RecordError::bad_record:
    case RecordError::bad_count:
    case RecordError::bad_offset_delta:
    case RecordError::bad_base_offset:
    case RecordError::bad_sequence:
    case RecordError::control_batch:
    case RecordError::missing_key: return ErrorCode::invalid_record;
  }
  return ErrorCode::unknown_server_error;
}

}  // namespace ottla::protocol
