#include "engine/protocol/records/produced_batch.h"

#include <algorithm>

#include "engine/protocol/records/record_batch_builder.h"
#include "engine/protocol/records/record_cursor.h"

namespace ottla::protocol {
namespace {

std::optional<RecordError> broken_rule(const RecordView& record, bool own_timestamp,
                                       const ProduceLimits& limits) {
  if (limits.keys_required && record.key.is_null()) return RecordError::missing_key;
  if (!own_timestamp || record.timestamp == no_timestamp) return std::nullopt;
  if (record.timestamp < limits.timestamp_min || record.timestamp > limits.timestamp_max) {
    return RecordError::bad_timestamp;
  }
  return std::nullopt;
}

}  // namespace

Result<void, RecordError> check_batch(const RecordBatch& batch, const ProduceLimits& limits) {
  const BatchHeader& header = batch.header();
  if (header.base_offset != Offset{0}) return failure(RecordError::bad_base_offset);
  if (batch.size_in_bytes() > limits.batch_bytes_max) return failure(RecordError::batch_too_large);
  if (!batch.crc_matches()) return failure(RecordError::bad_crc);
  if (header.record_count <= 0) return failure(RecordError::bad_count);
  if (header.last_offset_delta != header.record_count - 1) return failure(RecordError::bad_count);
  if (header.is_control()) return failure(RecordError::control_batch);
  if (header.has_producer_id() && header.base_sequence < 0)
    return failure(RecordError::bad_sequence);
  if (!is_known(header.compression())) return failure(RecordError::unknown_codec);
  return {};
}

Result<ProducedRecords, RecordError> check_records(const RecordBatch& batch,
                                                   const ProduceLimits& limits) {
  const auto body = batch.body(limits.inflated_bytes_max);
  if (!body) return failure(body.error());
  const bool own_timestamps = batch.header().timestamp_type() == TimestampType::create_time;
  ProducedRecords found;
  std::int32_t index = 0;
  RecordCursor cursor(batch.header(), body->span());
  for (; cursor.next(); ++index) {
    const RecordView& record = cursor.record();
    if (record.offset_delta != index) return failure(RecordError::bad_offset_delta);
    found.max_timestamp = std::max(found.max_timestamp, record.timestamp);
    const auto broken = broken_rule(record, own_timestamps, limits);
    if (broken) found.refused.push_back({index, *broken});
  }
  if (cursor.error()) return failure(*cursor.error());
  return found;
}

Result<RecordBatch, RecordError> recompressed(const RecordBatch& batch, Compression codec,
                                              int level) {
  const auto records = batch.records();
  if (!records) return failure(records.error());
  const BatchHeader& header = batch.header();
  RecordBatchOptions options;
  options.compression = codec;
  options.compression_level = level;
  options.base_offset = header.base_offset;
  options.partition_leader_epoch = header.partition_leader_epoch;
  options.producer_id = header.producer_id;
  options.producer_epoch = header.producer_epoch;
  options.base_sequence = header.base_sequence;
  options.transactional = header.is_transactional();
  RecordBatchBuilder builder(options);
  for (const Record& record : *records) builder.append(record);
  return builder.build();
}

Result<void, RecordError> validate_produced(const RecordBatch& batch, const ProduceLimits& limits) {
  if (const auto sound = check_batch(batch, limits); !sound) return sound;
  const auto records = check_records(batch, limits);
  if (!records) return failure(records.error());
  if (!records->refused.empty()) return failure(records->refused.front().error);
  return {};
}

}  // namespace ottla::protocol
