// The values of the metadata log's data records: an unsigned varint frame version (always 1), the
// record's key and its version as unsigned varints, then the record (KIP-631, MetadataRecordSerde).
// Control records of the same log (LeaderChangeMessage, VotersRecord, ...) are not framed and are
// decoded by themselves.
#pragma once

#include "engine/protocol/messages/metadata_record.h"

namespace ottla::protocol {

inline constexpr std::uint32_t metadata_frame_version = 1;

// Bytes behind the record make it malformed, as they do for Kafka.
[[nodiscard]] Result<MetadataRecord, DecodeError> decode_metadata_record(const Bytes& value);

// In the highest version of the record's type.
[[nodiscard]] Bytes encode_metadata_record(const MetadataRecord& record);
// In the version that the cluster's metadata.version asks for.
[[nodiscard]] Bytes encode_metadata_record(const MetadataRecord& record, ApiVersion version);

// "PartitionRecord"
[[nodiscard]] std::string_view record_name(const MetadataRecord& record);

}  // namespace ottla::protocol
