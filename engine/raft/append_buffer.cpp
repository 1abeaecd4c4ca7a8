#include "engine/raft/append_buffer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::raft {

void AppendBuffer::add(std::vector<Bytes> values, Instant now, Duration linger) {
  std::size_t bytes = 0;
  for (const Bytes& value : values) bytes += protocol::record_size_upper_bound({}, value.span());
  const bool fits = !batches_.empty() && batches_.back().bytes + bytes <= batch_bytes_max;
  if (!due_) due_ = now + linger;
  if (!batches_.empty() && !fits) due_ = now;
  if (!fits) batches_.push_back({now});
  Batch& batch = batches_.back();
  batch.bytes += bytes;
  count_ += static_cast<std::int64_t>(values.size());
  std::ranges::move(values, std::back_inserter(batch.values));
}

ByteChain AppendBuffer::take(Offset base, LeaderEpoch epoch) {
  ByteChain all;
  for (const Batch& batch : std::exchange(batches_, {})) {
    protocol::RecordBatchOptions options;
    options.base_offset = base;
    options.partition_leader_epoch = epoch;
    protocol::RecordBatchBuilder builder(options);
    for (const Bytes& value : batch.values)
      builder.append(batch.begun.millis_since_epoch(), {}, value.span());
    all.append(builder.build().bytes());
    base = base.plus(static_cast<std::int64_t>(batch.values.size()));
  }
  count_ = 0;
  due_.reset();
  return all;
}

}  // namespace ottla::raft
