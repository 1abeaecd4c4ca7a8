// Control records: what brokers write among the records, and consumers never see. Transaction
// markers in partitions (KIP-98), leader changes and snapshot frames in the metadata log (KIP-595,
// KIP-630, KIP-853).
//
// The key is a version (int16) and a type (int16); the value depends on the type.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/protocol/records/record.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

enum class ControlRecordType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6,
};

// The key of a control record of `type`.
[[nodiscard]] Bytes control_record_key(ControlRecordType type);
// The type that a control record's key names. Types of a newer Kafka come through as their number.
// Fails with bad_record where the key is too short.
[[nodiscard]] Result<ControlRecordType, RecordError> control_record_type(NullableView key);

// The end of a transaction, as its coordinator told the partition's leader.
struct EndTransactionMarker {
  bool committed = false;
  std::int32_t coordinator_epoch = 0;

  bool operator==(const EndTransactionMarker&) const = default;
};

struct MarkerOrigin {
  ProducerId producer_id;
  ProducerEpoch producer_epoch;
  std::int64_t timestamp = 0;  // Milliseconds.
  Offset base_offset{0};
  LeaderEpoch leader_epoch = no_leader_epoch;
};

// A batch of that one marker: control, transactional, without a sequence
// (MemoryRecords.withEndTransactionMarker).
[[nodiscard]] RecordBatch make_marker_batch(const EndTransactionMarker& marker,
                                            const MarkerOrigin& origin);
// Reads the marker of a control record; bad_record where it is of another type or too short.
[[nodiscard]] Result<EndTransactionMarker, RecordError> read_marker(NullableView key,
                                                                    NullableView value);

// A control record whose value another part of the protocol encodes: a LeaderChangeMessage, a
// SnapshotHeaderRecord, and so on.
struct ControlRecord {
  ControlRecordType type;
  Bytes value;
};
struct ControlBatchPlace {
  Offset base_offset{0};
  LeaderEpoch leader_epoch = no_leader_epoch;
  std::int64_t timestamp = 0;  // Milliseconds.
};
// One batch of the records.
[[nodiscard]] RecordBatch make_control_batch(std::span<const ControlRecord> records,
                                             const ControlBatchPlace& place);
[[nodiscard]] RecordBatch make_control_batch(ControlRecordType type, const Bytes& value,
                                             const ControlBatchPlace& place);

}  // namespace ottla::protocol
