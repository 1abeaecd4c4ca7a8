#include "engine/protocol/records/control_record.h"

#include "engine/base/big_endian.h"
#include "engine/base/byte_writer.h"
#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::protocol {
namespace {

constexpr std::int16_t key_version = 0;
constexpr std::int16_t marker_version = 0;
constexpr std::size_t key_size_min = 4;
constexpr std::size_t marker_size_min = 6;

}  // namespace

Bytes control_record_key(ControlRecordType type) {
  ByteWriter writer;
  writer.write_int16(key_version);
  writer.write_int16(static_cast<std::int16_t>(type));
  return writer.take();
}

Result<ControlRecordType, RecordError> control_record_type(NullableView key) {
  if (key.span().size() < key_size_min) return failure(RecordError::bad_record);
  if (load_big_endian<std::int16_t>(key.span().data()) < 0) return failure(RecordError::bad_record);
  return static_cast<ControlRecordType>(load_big_endian<std::int16_t>(key.span().data() + 2));
}

RecordBatch make_marker_batch(const EndTransactionMarker& marker, const MarkerOrigin& origin) {
  RecordBatchOptions options;
  options.base_offset = origin.base_offset;
  options.partition_leader_epoch = origin.leader_epoch;
  options.producer_id = origin.producer_id;
  options.producer_epoch = origin.producer_epoch;
  options.transactional = true;
  options.control = true;
  ByteWriter value;
  value.write_int16(marker_version);
  value.write_int32(marker.coordinator_epoch);
  const Bytes key =
      control_record_key(marker.committed ? ControlRecordType::commit : ControlRecordType::abort);
  RecordBatchBuilder builder(options);
  builder.append(origin.timestamp, key.span(), value.take().span());
  return builder.build();
}

Result<EndTransactionMarker, RecordError> read_marker(NullableView key, NullableView value) {
  const auto type = control_record_type(key);
  if (!type) return failure(type.error());
  const bool committed = *type == ControlRecordType::commit;
  if (!committed && *type != ControlRecordType::abort) return failure(RecordError::bad_record);
  // A newer version may add fields after these.
  if (value.span().size() < marker_size_min) return failure(RecordError::bad_record);
  return EndTransactionMarker{committed, load_big_endian<std::int32_t>(value.span().data() + 2)};
}

RecordBatch make_control_batch(std::span<const ControlRecord> records,
                               const ControlBatchPlace& place) {
  RecordBatchOptions options;
  options.base_offset = place.base_offset;
  options.partition_leader_epoch = place.leader_epoch;
  options.control = true;
  RecordBatchBuilder builder(options);
  for (const ControlRecord& record : records) {
    const Bytes key = control_record_key(record.type);
    builder.append(place.timestamp, key.span(), record.value.span());
  }
  return builder.build();
}

RecordBatch make_control_batch(ControlRecordType type, const Bytes& value,
                               const ControlBatchPlace& place) {
  const ControlRecord record{type, value};
  return make_control_batch(std::span(&record, 1), place);
}

}  // namespace ottla::protocol
