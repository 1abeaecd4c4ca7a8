// Record batches as a hostile client would send them, with the checksum made right, so that the
// fuzzer gets past it and into the codecs and the records. The first byte chooses how the input is
// cut into slices.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/assert.h"
#include "engine/base/big_endian.h"
#include "engine/base/crc32c.h"
#include "engine/protocol/records/produced_batch.h"
#include "engine/protocol/records/record_batch.h"
#include "engine/protocol/records/record_batch_builder.h"

using namespace ottla;
using namespace ottla::protocol;

namespace {

constexpr std::size_t inflated_bytes_max = std::size_t{1} << 20;

ByteChain chopped(const std::vector<std::uint8_t>& bytes, std::size_t slice_size) {
  const Bytes whole = Bytes::copy_of(bytes);
  ByteChain chain;
  for (std::size_t at = 0; at < whole.size(); at += slice_size) {
    chain.append(whole.slice(at, std::min(slice_size, whole.size() - at)));
  }
  return chain;
}

void exercise(const RecordBatch& batch) {
  ProduceLimits limits;
  limits.inflated_bytes_max = inflated_bytes_max;
  const bool valid = validate_produced(batch, limits).has_value();
  const auto records = batch.records(inflated_bytes_max);
  OTTLA_ASSERT(!valid || records.has_value());
  (void)batch.first_at_or_after(0, inflated_bytes_max);
  (void)batch.max_timestamp_offset(inflated_bytes_max);
  OTTLA_ASSERT(batch.placed_at(Offset{9}, LeaderEpoch{2}).crc_matches() == batch.crc_matches());
  if (!valid) return;
  // What was accepted means the same when it is written again.
  RecordBatchBuilder builder;
  for (const Record& record : *records) builder.append(record);
  OTTLA_ASSERT(builder.build().records(inflated_bytes_max) == records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t slice_size = data[0] == 0 ? size : data[0];
  std::vector<std::uint8_t> bytes(data + 1, data + size);
  if (const auto split = split_batches(chopped(bytes, slice_size))) {
    for (const RecordBatch& batch : *split) exercise(batch);
  }
  if (bytes.size() < BatchHeader::encoded_size) return 0;
  bytes[16] = 2;
  store_big_endian(bytes.data() + 8,
                   static_cast<std::int32_t>(bytes.size() - BatchHeader::length_prefix_size));
  const auto checked = std::span<const std::uint8_t>(bytes).subspan(BatchHeader::crc_begin);
  store_big_endian(bytes.data() + 17, crc32c(checked));
  const auto batch = RecordBatch::read(chopped(bytes, slice_size));
  OTTLA_ASSERT(batch.has_value() && batch->crc_matches());
  exercise(*batch);
  return 0;
}
