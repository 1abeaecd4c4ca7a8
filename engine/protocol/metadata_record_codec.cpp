#include "engine/protocol/metadata_record_codec.h"

#include <type_traits>

namespace ottla::protocol {
namespace {

DecodeError error_of(DecodeError::Reason reason, std::int16_t key, ApiVersion version) {
  return DecodeError{.reason = reason, .api_key = key, .version = version};
}

// Tries the variant's alternatives from the one at `Index` on.
template <std::size_t Index = 0>
Result<MetadataRecord, DecodeError> decode_body(std::uint32_t key, ApiVersion version,
                                                ByteReader& reader) {
  if constexpr (Index == std::variant_size_v<MetadataRecord>) {
    return failure(
        error_of(DecodeError::Reason::unknown_api, static_cast<std::int16_t>(key), version));
  } else {
    using Record = std::variant_alternative_t<Index, MetadataRecord>;
    if (key != static_cast<std::uint32_t>(Record::api_key))
      return decode_body<Index + 1>(key, version, reader);
    auto record = Record::decode(reader, version);
    if (!record) return failure(record.error());
    return MetadataRecord(std::move(*record));
  }
}

}  // namespace

Result<MetadataRecord, DecodeError> decode_metadata_record(const Bytes& value) {
  ByteReader reader(value);
  const std::uint32_t frame = reader.read_unsigned_varint();
  const std::uint32_t key = reader.read_unsigned_varint();
  const std::uint32_t raw_version = reader.read_unsigned_varint();
  constexpr std::uint32_t int16_max = 0x7FFF;
  if (!reader.ok() || key > int16_max || raw_version > int16_max) return failure(DecodeError{});
  const auto narrow_key = static_cast<std::int16_t>(key);
  const ApiVersion version(static_cast<std::int16_t>(raw_version));
  if (frame != metadata_frame_version) {
    return failure(error_of(DecodeError::Reason::unsupported_version, narrow_key, version));
  }
  auto record = decode_body(key, version, reader);
  if (record && reader.remaining() > 0) {
    return failure(error_of(DecodeError::Reason::malformed, narrow_key, version));
  }
  return record;
}

Bytes encode_metadata_record(const MetadataRecord& record) {
  const auto highest = [](const auto& typed) { return std::decay_t<decltype(typed)>::max_version; };
  return encode_metadata_record(record, std::visit(highest, record));
}

Bytes encode_metadata_record(const MetadataRecord& record, ApiVersion version) {
  ByteWriter writer;
  writer.write_unsigned_varint(metadata_frame_version);
  std::visit(
      [&](const auto& typed) {
        writer.write_unsigned_varint(static_cast<std::uint32_t>(typed.api_key));
        writer.write_unsigned_varint(static_cast<std::uint32_t>(version.value()));
        typed.encode(writer, version);
      },
      record);
  return writer.take();
}

std::string_view record_name(const MetadataRecord& record) {
  return std::visit([](const auto& typed) { return typed.message_name; }, record);
}

}  // namespace ottla::protocol
