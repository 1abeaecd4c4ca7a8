#include "engine/protocol/records/record_batch_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/copy_bytes.h"
#include "engine/base/varint.h"

namespace ottla::protocol {
namespace {

NullableView view(const std::optional<Bytes>& bytes) {
  return bytes ? NullableView(bytes->span()) : NullableView();
}

std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::size_t size_of(NullableView field) {
  if (field.is_null()) return varint_size(-1);
  return varint_size(static_cast<std::int64_t>(field.span().size())) + field.span().size();
}

std::size_t size_of(std::span<const RecordHeader> headers) {
  std::size_t size = varint_size(static_cast<std::int64_t>(headers.size()));
  for (const RecordHeader& header : headers) {
    size += size_of(NullableView(octets(header.key))) + size_of(view(header.value));
  }
  return size;
}

// Writes the fields of one record into room that fits them.
class FieldWriter {
 public:
  explicit FieldWriter(std::span<std::uint8_t> room) : at_(room.data()) {}

  void varint(std::int64_t value) { at_ = store_unsigned_varlong(at_, zigzag(value)); }
  void field(NullableView content) {
    if (content.is_null()) return varint(-1);
    varint(static_cast<std::int64_t>(content.span().size()));
    at_ = copy_bytes(content.span(), at_);
  }
  void headers(std::span<const RecordHeader> headers) {
    varint(static_cast<std::int64_t>(headers.size()));
    for (const RecordHeader& header : headers) {
      field(octets(header.key));
      field(view(header.value));
    }
  }

 private:
  std::uint8_t* at_;
};

}  // namespace

RecordBatchBuilder::RecordBatchBuilder(RecordBatchOptions options) : options_(options) {
  OTTLA_ASSERT(is_known(options_.compression));
  if (options_.delete_horizon_ms) base_timestamp_ = *options_.delete_horizon_ms;
}

void RecordBatchBuilder::append(std::int64_t timestamp, NullableView key, NullableView value,
                                std::span<const RecordHeader> headers) {
  write(last_delta_ + 1, timestamp, key, value, headers);
}

void RecordBatchBuilder::append(const Record& record) {
  append(record.timestamp, view(record.key), view(record.value), record.headers);
}

void RecordBatchBuilder::append_at_its_offset(const Record& record) {
  const std::int64_t delta = record.offset.value() - options_.base_offset.value();
  OTTLA_ASSERT(delta > last_delta_ && delta <= std::numeric_limits<std::int32_t>::max());
  write(static_cast<std::int32_t>(delta), record.timestamp, view(record.key), view(record.value),
        record.headers);
}

void RecordBatchBuilder::set_producer_state(ProducerId id, ProducerEpoch epoch,
                                            std::int32_t base_sequence) {
  options_.producer_id = id;
  options_.producer_epoch = epoch;
  options_.base_sequence = base_sequence;
}

void RecordBatchBuilder::extend_to(Offset last) {
  const std::int64_t delta = last.value() - options_.base_offset.value();
  OTTLA_ASSERT(delta >= last_delta_ && delta <= std::numeric_limits<std::int32_t>::max());
  last_delta_ = static_cast<std::int32_t>(delta);
}

void RecordBatchBuilder::write(std::int32_t offset_delta, std::int64_t timestamp, NullableView key,
                               NullableView value, std::span<const RecordHeader> headers) {
  if (count_ == 0 && !options_.delete_horizon_ms) base_timestamp_ = timestamp;
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  last_delta_ = offset_delta;
  ++count_;
  // Wraps where two timestamps lie further apart than a delta reaches; readers wrap back.
  const auto timestamp_delta = static_cast<std::int64_t>(
      static_cast<std::uint64_t>(timestamp) - static_cast<std::uint64_t>(base_timestamp_));
  const std::size_t size = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) +
                           size_of(key) + size_of(value) + size_of(headers);
  FieldWriter writer(body_.write_room(varint_size(static_cast<std::int64_t>(size)) + size));
  writer.varint(static_cast<std::int64_t>(size));
  writer.varint(0);  // Attributes; none is in use, and 0 is one zero byte as a varint too.
  writer.varint(timestamp_delta);
  writer.varint(offset_delta);
  writer.field(key);
  writer.field(value);
  writer.headers(headers);
}

RecordBatch RecordBatchBuilder::build() {
  Bytes body = body_.take();
  if (options_.compression != Compression::none) {
    body = compress(options_.compression, body.span(), options_.compression_level);
  }
  BatchHeader header;
  header.base_offset = options_.base_offset;
  header.batch_length += static_cast<std::int32_t>(body.size());
  header.partition_leader_epoch = options_.partition_leader_epoch;
  int attributes = static_cast<int>(options_.compression);
  if (options_.append_time_ms) attributes |= BatchHeader::timestamp_type_bit;
  if (options_.transactional) attributes |= BatchHeader::transactional_bit;
  if (options_.control) attributes |= BatchHeader::control_bit;
  if (options_.delete_horizon_ms) attributes |= BatchHeader::delete_horizon_bit;
  header.attributes = static_cast<std::int16_t>(attributes);
  header.last_offset_delta = last_delta_;
  header.base_timestamp = base_timestamp_;
  header.max_timestamp = options_.append_time_ms.value_or(max_timestamp_);
  header.producer_id = options_.producer_id;
  header.producer_epoch = options_.producer_epoch;
  header.base_sequence = options_.base_sequence;
  header.record_count = count_;
  return RecordBatch::sealed(header, ByteChain(std::move(body)));
}

std::size_t record_size_upper_bound(NullableView key, NullableView value,
                                    std::span<const RecordHeader> headers) {
  constexpr std::size_t overhead_max =
      5 + 1 + 10 + 5;  // Length, attributes, timestamp and offset delta.
  return overhead_max + size_of(key) + size_of(value) + size_of(headers);
}

}  // namespace ottla::protocol
