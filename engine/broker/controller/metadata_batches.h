// Metadata records as they lie in batches, in the metadata log and in its snapshots alike.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/protocol/metadata_record_codec.h"
#include "engine/protocol/records/record_batch.h"

namespace ottla::broker {

struct MetadataBatchPlace {
  Offset base_offset{0};
  LeaderEpoch epoch{};
  Instant now;
};

// One batch of all the records.
[[nodiscard]] protocol::RecordBatch metadata_batch(
    std::span<const protocol::MetadataRecord> records, const MetadataBatchPlace& place);

// Calls `apply` for every data record of the batch, in order; none for a control batch. Fails with
// a sentence that begins with `where`.
using ApplyMetadata = std::function<void(const protocol::MetadataRecord&, Offset)>;
[[nodiscard]] Result<void, std::string> apply_metadata_batch(const protocol::RecordBatch& batch,
                                                             std::string_view where,
                                                             const ApplyMetadata& apply);

}  // namespace ottla::broker
