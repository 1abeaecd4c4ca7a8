#include "engine/storage/batch_compactor.h"

#include <utility>

#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::storage {
namespace {

using protocol::BatchHeader;
using protocol::Record;
using protocol::RecordBatch;

// The batch with only these of its records, which keep their offsets and timestamps.
RecordBatch rewritten(const BatchHeader& header, const std::vector<Record>& retained,
                      std::optional<std::int64_t> delete_horizon_ms) {
  protocol::RecordBatchOptions options;
  options.compression = header.compression();
  options.base_offset = header.base_offset;
  options.partition_leader_epoch = header.partition_leader_epoch;
  options.producer_id = header.producer_id;
  options.producer_epoch = header.producer_epoch;
  options.base_sequence = header.base_sequence;
  options.transactional = header.is_transactional();
  options.control = header.is_control();
  if (header.timestamp_type() == protocol::TimestampType::log_append_time) {
    options.append_time_ms = header.max_timestamp;
  }
  options.delete_horizon_ms = delete_horizon_ms;
  protocol::RecordBatchBuilder builder(options);
  for (const Record& record : retained) builder.append_at_its_offset(record);
  // The last offset carries the last sequence number, which the producer's next batch follows.
  builder.extend_to(header.last_offset());
  return builder.build();
}

}  // namespace

// Of a producer that is still known, the batch with its last sequence; or, where it has written
// nothing since it was fenced, the marker with its last epoch.
bool BatchCompactor::is_last_of_producer(const BatchHeader& header) const {
  if (!header.has_producer_id()) return false;
  const auto known = producers_.find(header.producer_id);
  if (known == producers_.end()) return false;
  const ProducerEntry& producer = known->second;
  if (!producer.empty()) return header.last_offset() == producer.last_offset();
  return header.is_control() && header.producer_epoch == producer.epoch;
}

bool BatchCompactor::horizon_passed(const BatchHeader& header) const {
  const auto horizon = header.delete_horizon_ms();
  return horizon && *horizon <= rules_.now.millis_since_epoch();
}

bool BatchCompactor::retains(const BatchHeader& header, const Record& record) const {
  if (header.is_control() || record.offset > latest_.latest()) return true;
  if (!record.key) return false;
  if (record.offset < latest_.find(record.key->span())) return false;
  return record.value || !horizon_passed(header);
}

Result<BatchCompactor::Outcome, StorageError> BatchCompactor::compact(const RecordBatch& batch) {
  const BatchHeader& header = batch.header();
  Outcome outcome;
  bool discardable = false;
  if (header.is_control()) {
    const auto fate = transactions_.on_control_batch(batch);
    if (!fate) return failure(fate.error());
    discardable = fate->discardable;
    outcome.aborted = fate->aborted;
  } else {
    discardable = transactions_.on_batch(header);
  }
  // A marker without a transaction waits as a tombstone does: a reader may be in the middle.
  const bool discarded = discardable && (!header.is_control() || horizon_passed(header));
  if (!discarded) {
    auto left = filtered(batch, discardable);
    if (!left) return failure(left.error());
    outcome.batch = *std::move(left);
  }
  const bool stays = is_last_of_producer(header) || header.next_offset() == rules_.end;
  if (!outcome.batch && stays) outcome.batch = RecordBatch::without_records(header);
  return outcome;
}

Result<std::optional<RecordBatch>, StorageError> BatchCompactor::filtered(const RecordBatch& batch,
                                                                          bool waits) const {
  const BatchHeader& header = batch.header();
  auto records = batch.records();
  if (!records) return failure(StorageError::corrupt);
  const std::size_t count = records->size();
  std::erase_if(*records, [&](const Record& record) { return !retains(header, record); });
  if (records->empty()) return std::optional<RecordBatch>();
  for (const Record& record : *records) waits |= !record.value;
  auto horizon = header.delete_horizon_ms();
  const bool begins_to_wait = waits && !horizon;
  if (records->size() == count && !begins_to_wait) return std::optional(batch);
  if (begins_to_wait) horizon = (rules_.now + rules_.delete_retention).millis_since_epoch();
  return std::optional(rewritten(header, *records, horizon));
}

}  // namespace ottla::storage
