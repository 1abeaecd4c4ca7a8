#include "engine/protocol/records/batch_header.h"

#include "engine/base/big_endian.h"

namespace ottla::protocol {
namespace {

constexpr std::int32_t length_min =
    static_cast<std::int32_t>(BatchHeader::encoded_size - BatchHeader::length_prefix_size);

}  // namespace

std::int32_t sequence_after(std::int32_t sequence, std::int32_t distance) {
  // 2^31 sequence numbers, from 0.
  return static_cast<std::int32_t>((static_cast<std::int64_t>(sequence) + distance) & 0x7FFF'FFFF);
}

std::int32_t BatchHeader::last_sequence() const {
  if (base_sequence < 0) return no_sequence;
  return sequence_after(base_sequence, last_offset_delta);
}

Result<BatchHeader, RecordError> BatchHeader::read(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < encoded_size) return failure(RecordError::truncated);
  const std::uint8_t* from = bytes.data();
  BatchHeader header;
  header.magic = load_big_endian<std::int8_t>(from + 16);
  if (header.magic != 2) return failure(RecordError::bad_magic);
  header.batch_length = load_big_endian<std::int32_t>(from + 8);
  if (header.batch_length < length_min) return failure(RecordError::bad_length);
  header.base_offset = Offset{load_big_endian<std::int64_t>(from)};
  header.partition_leader_epoch = LeaderEpoch{load_big_endian<std::int32_t>(from + 12)};
  header.crc = load_big_endian<std::uint32_t>(from + 17);
  header.attributes = load_big_endian<std::int16_t>(from + 21);
  header.last_offset_delta = load_big_endian<std::int32_t>(from + 23);
  header.base_timestamp = load_big_endian<std::int64_t>(from + 27);
  header.max_timestamp = load_big_endian<std::int64_t>(from + 35);
  header.producer_id = ProducerId{load_big_endian<std::int64_t>(from + 43)};
  header.producer_epoch = ProducerEpoch{load_big_endian<std::int16_t>(from + 51)};
  header.base_sequence = load_big_endian<std::int32_t>(from + 53);
  header.record_count = load_big_endian<std::int32_t>(from + 57);
  return header;
}

std::array<std::uint8_t, BatchHeader::encoded_size> BatchHeader::encoded() const {
  std::array<std::uint8_t, encoded_size> bytes{};
  std::uint8_t* to = bytes.data();
  store_big_endian(to, base_offset.value());
  store_big_endian(to + 8, batch_length);
  store_big_endian(to + 12, partition_leader_epoch.value());
  store_big_endian(to + 16, magic);
  store_big_endian(to + 17, crc);
  store_big_endian(to + 21, attributes);
  store_big_endian(to + 23, last_offset_delta);
  store_big_endian(to + 27, base_timestamp);
  store_big_endian(to + 35, max_timestamp);
  store_big_endian(to + 43, producer_id.value());
  store_big_endian(to + 51, producer_epoch.value());
  store_big_endian(to + 53, base_sequence);
  store_big_endian(to + 57, record_count);
  return bytes;
}

}  // namespace ottla::protocol
