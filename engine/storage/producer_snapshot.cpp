// The snapshot file of ProducerState.
#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/base/crc32c.h"
#include "engine/storage/producer_state.h"

namespace ottla::storage {
namespace {

constexpr std::int16_t snapshot_version = 1;
constexpr std::size_t head_size = 6;  // Version and checksum, which the checksum leaves out.
constexpr std::size_t entry_size = 46;

void write_entry(ByteWriter& writer, ProducerId id, const ProducerEntry& entry) {
  writer.write_int64(id.value());
  writer.write_int16(entry.epoch.value());
  writer.write_int32(entry.last_sequence());
  writer.write_int64(entry.last_offset().value());
  writer.write_int32(entry.empty() ? 0 : entry.last().offset_delta);
  writer.write_int64(entry.last_timestamp);
  writer.write_int32(entry.coordinator_epoch);
  writer.write_int64(entry.transaction_start.value_or(no_offset).value());
}

ProducerEntry read_entry(ByteReader& reader) {
  ProducerEntry entry;
  const ProducerEpoch epoch{reader.read_int16()};
  const std::int32_t last_sequence = reader.read_int32();
  const Offset last_offset{reader.read_int64()};
  const std::int32_t offset_delta = reader.read_int32();
  const std::int64_t timestamp = reader.read_int64();
  if (last_offset >= Offset{0}) {
    entry.add(epoch, {last_sequence, last_offset, offset_delta, timestamp});
  }
  entry.epoch = epoch;
  entry.last_timestamp = timestamp;
  entry.coordinator_epoch = reader.read_int32();
  const Offset transaction_start{reader.read_int64()};
  if (transaction_start >= Offset{0}) entry.transaction_start = transaction_start;
  return entry;
}

}  // namespace

Bytes ProducerState::encode_snapshot() const {
  ByteWriter entries;
  entries.write_int32(static_cast<std::int32_t>(producers_.size()));
  for (const auto& [id, entry] : producers_) write_entry(entries, id, entry);
  const Bytes content = entries.take();
  ByteWriter snapshot;
  snapshot.write_int16(snapshot_version);
  snapshot.write_uint32(crc32c(content.span()));
  snapshot.write_raw(content.span());
  return snapshot.take();
}

std::optional<ProducerState> ProducerState::parse_snapshot(const Bytes& content, Offset end,
                                                           Instant now, Duration expiration) {
  ByteReader reader(content);
  const std::int16_t version = reader.read_int16();
  const std::uint32_t crc = reader.read_uint32();
  const std::int32_t count = reader.read_int32();
  if (!reader.ok() || version != snapshot_version || count < 0 ||
      crc != crc32c(content.span().subspan(head_size)) ||
      reader.remaining() != static_cast<std::size_t>(count) * entry_size) {
    return std::nullopt;
  }
  ProducerState state;
  state.end_ = end;
  for (std::int32_t i = 0; i < count; ++i) {
    const ProducerId id{reader.read_int64()};
    const ProducerEntry entry = read_entry(reader);
    if (entry.transaction_start) state.open_.insert_or_assign(*entry.transaction_start, id);
    state.producers_.insert_or_assign(id, entry);
  }
  state.expire(now, expiration);
  return state;
}

}  // namespace ottla::storage
