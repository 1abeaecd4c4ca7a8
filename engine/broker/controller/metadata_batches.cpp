#include "engine/broker/controller/metadata_batches.h"

#include <fmt/format.h>

#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::broker {

protocol::RecordBatch metadata_batch(std::span<const protocol::MetadataRecord> records,
                                     const MetadataBatchPlace& place) {
  protocol::RecordBatchOptions options;
  options.base_offset = place.base_offset;
  options.partition_leader_epoch = place.epoch;
  protocol::RecordBatchBuilder builder(options);
  for (const protocol::MetadataRecord& record : records) {
    const Bytes value = protocol::encode_metadata_record(record);
    builder.append(place.now.millis_since_epoch(), {}, value.span());
  }
  return builder.build();
}

Result<void, std::string> apply_metadata_batch(const protocol::RecordBatch& batch,
                                               std::string_view where, const ApplyMetadata& apply) {
  if (batch.header().is_control()) return {};
  const auto records = batch.records();
  if (!records)
    return failure(fmt::format("{} is damaged at offset {}", where, batch.base_offset().value()));
  for (const protocol::Record& record : *records) {
    const auto decoded = record.value ? protocol::decode_metadata_record(*record.value)
                                      : failure(protocol::DecodeError{});
    if (!decoded) {
      return failure(
          fmt::format("{} has an unknown record at offset {}", where, record.offset.value()));
    }
    apply(*decoded, record.offset);
  }
  return {};
}

}  // namespace ottla::broker
