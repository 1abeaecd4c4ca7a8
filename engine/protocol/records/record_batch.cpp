#include "engine/protocol/records/record_batch.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/copy_bytes.h"
#include "engine/base/crc32c.h"
#include "engine/protocol/records/chain_front.h"
#include "engine/protocol/records/record_cursor.h"

namespace ottla::protocol {
namespace {

// Up to here a copy is cheaper than one more slice, in every log and response it comes to be in.
constexpr std::size_t copied_body_max = 1024;
constexpr std::size_t record_size_min = 7;  // Six one-byte fields and the length before them.

// The first 61 bytes, in place where one slice holds them.
std::span<const std::uint8_t> header_bytes(const ByteChain& bytes, Bytes& gathered) {
  if (bytes.empty()) return {};
  const Bytes& first = bytes.slices().front();
  if (first.size() >= BatchHeader::encoded_size || bytes.slices().size() == 1) return first.span();
  gathered = bytes.slice(0, std::min(bytes.size(), BatchHeader::encoded_size)).flatten();
  return gathered.span();
}

std::uint32_t checksum(std::span<const std::uint8_t> header, const ByteChain& body) {
  std::uint32_t crc = crc32c(header.subspan(BatchHeader::crc_begin));
  for (const Bytes& slice : body.slices()) crc = crc32c_extend(crc, slice.span());
  return crc;
}

ByteChain one_slice(const BatchHeader& header, const ByteChain& body) {
  MutableBytes bytes(BatchHeader::encoded_size + body.size());
  std::uint8_t* to = copy_bytes(header.encoded(), bytes.data());
  for (const Bytes& slice : body.slices()) to = copy_bytes(slice.span(), to);
  return ByteChain(std::move(bytes).freeze());
}

}  // namespace

Result<RecordBatch, RecordError> RecordBatch::read(const ByteChain& bytes) {
  Bytes gathered;
  const auto header = BatchHeader::read(header_bytes(bytes, gathered));
  if (!header) return failure(header.error());
  if (header->size_in_bytes() > bytes.size()) return failure(RecordError::truncated);
  if (header->size_in_bytes() == bytes.size()) return RecordBatch(*header, bytes);
  return RecordBatch(*header, bytes.slice(0, header->size_in_bytes()));
}

RecordBatch RecordBatch::assemble(const BatchHeader& header, const ByteChain& body) {
  OTTLA_ASSERT(header.size_in_bytes() == BatchHeader::encoded_size + body.size());
  if (body.size() <= copied_body_max) return RecordBatch(header, one_slice(header, body));
  ByteChain bytes(Bytes::copy_of(header.encoded()));
  bytes.append(body);
  return RecordBatch(header, std::move(bytes));
}

RecordBatch RecordBatch::sealed(BatchHeader header, const ByteChain& body) {
  header.crc = checksum(header.encoded(), body);
  return assemble(header, body);
}

ByteChain RecordBatch::body_bytes() const {
  return bytes_.slice(BatchHeader::encoded_size, bytes_.size() - BatchHeader::encoded_size);
}

bool RecordBatch::crc_matches() const {
  std::uint32_t crc = 0;
  std::size_t skipped = BatchHeader::crc_begin;
  for (const Bytes& slice : bytes_.slices()) {
    const std::size_t skip = std::min(skipped, slice.size());
    skipped -= skip;
    crc = crc32c_extend(crc, slice.span().subspan(skip));
  }
  return crc == header_.crc;
}

RecordBatch RecordBatch::placed_at(Offset base, LeaderEpoch epoch) const {
  BatchHeader placed = header_;
  placed.base_offset = base;
  placed.partition_leader_epoch = epoch;
  return assemble(placed, body_bytes());
}

RecordBatch RecordBatch::with_append_time(Instant now) const {
  BatchHeader stamped = header_;
  stamped.attributes =
      static_cast<std::int16_t>(stamped.attributes | BatchHeader::timestamp_type_bit);
  stamped.max_timestamp = now.millis_since_epoch();
  return sealed(stamped, body_bytes());
}

RecordBatch RecordBatch::with_max_timestamp(std::int64_t timestamp) const {
  if (header_.max_timestamp == timestamp) return *this;
  BatchHeader corrected = header_;
  corrected.max_timestamp = timestamp;
  return sealed(corrected, body_bytes());
}

RecordBatch RecordBatch::with_producer_state(ProducerId id, ProducerEpoch epoch,
                                             std::int32_t base_sequence) const {
  BatchHeader stamped = header_;
  stamped.producer_id = id;
  stamped.producer_epoch = epoch;
  stamped.base_sequence = base_sequence;
  return stamped == header_ ? *this : sealed(stamped, body_bytes());
}

RecordBatch RecordBatch::without_records(const BatchHeader& header) {
  constexpr int kept =
      BatchHeader::timestamp_type_bit | BatchHeader::transactional_bit | BatchHeader::control_bit;
  BatchHeader empty = header;
  empty.batch_length = BatchHeader().batch_length;
  empty.attributes = static_cast<std::int16_t>(header.attributes & kept);
  empty.base_timestamp = no_timestamp;
  empty.record_count = 0;
  return sealed(empty, ByteChain());
}

Result<Bytes, RecordError> RecordBatch::body(std::size_t inflated_bytes_max) const {
  return decompress(header_.compression(), body_bytes(), inflated_bytes_max);
}

Result<std::vector<Record>, RecordError> RecordBatch::records(
    std::size_t inflated_bytes_max) const {
  const auto content = body(inflated_bytes_max);
  if (!content) return failure(content.error());
  std::vector<Record> records;
  const auto claimed = static_cast<std::size_t>(std::max(header_.record_count, 0));
  records.reserve(std::min(claimed, content->size() / record_size_min));
  RecordCursor cursor(header_, content->span());
  while (cursor.next()) records.push_back(to_record(cursor.record(), *content));
  if (cursor.error()) return failure(*cursor.error());
  return records;
}

Result<std::optional<TimestampedOffset>, RecordError> RecordBatch::first_at_or_after(
    std::int64_t timestamp, std::size_t inflated_bytes_max) const {
  const auto content = body(inflated_bytes_max);
  if (!content) return failure(content.error());
  RecordCursor cursor(header_, content->span());
  while (cursor.next()) {
    const RecordView& record = cursor.record();
    if (record.timestamp >= timestamp) return TimestampedOffset{record.offset, record.timestamp};
  }
  if (cursor.error()) return failure(*cursor.error());
  return std::nullopt;
}

Result<std::optional<TimestampedOffset>, RecordError> RecordBatch::max_timestamp_offset(
    std::size_t inflated_bytes_max) const {
  const auto content = body(inflated_bytes_max);
  if (!content) return failure(content.error());
  std::optional<TimestampedOffset> best;
  RecordCursor cursor(header_, content->span());
  while (cursor.next()) {
    const RecordView& record = cursor.record();
    if (!best || record.timestamp > best->timestamp) {
      best = TimestampedOffset{record.offset, record.timestamp};
    }
  }
  if (cursor.error()) return failure(*cursor.error());
  return best;
}

Result<LeadingBatches, RecordError> leading_batches(const ByteChain& bytes) {
  LeadingBatches leading;
  const auto walked = walk_batches(bytes, [&](const BatchHeader& header, ChainFront& front) {
    const std::size_t size = header.size_in_bytes();
    leading.size_in_bytes += size;
    leading.batches.push_back(RecordBatch::of(header, front.take(size)));
  });
  if (!walked) return failure(walked.error());
  return leading;
}

Result<std::vector<RecordBatch>, RecordError> split_batches(const ByteChain& bytes) {
  auto leading = leading_batches(bytes);
  if (!leading) return failure(leading.error());
  if (leading->size_in_bytes != bytes.size()) return failure(RecordError::truncated);
  return std::move(leading->batches);
}

}  // namespace ottla::protocol
