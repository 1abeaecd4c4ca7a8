#include "engine/protocol/records/compression.h"

#include "engine/base/assert.h"
#include "engine/protocol/records/codec.h"

namespace ottla::protocol {

std::string_view name(Compression codec) {
  switch (codec) {
    case Compression::none: return "none";
    case Compression::gzip: return "gzip";
    case Compression::snappy: return "snappy";
    case Compression::lz4: return "lz4";
    case Compression::zstd: return "zstd";
  }
  return "unknown";
}

std::optional<Compression> compression_of_type(std::string_view type) {
  if (type == "uncompressed") return Compression::none;
  for (const Compression codec :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    if (type == name(codec)) return codec;
  }
  return std::nullopt;
}

Bytes compress(Compression codec, std::span<const std::uint8_t> content, int level) {
  OTTLA_ASSERT(is_known(codec));
  switch (codec) {
    case Compression::none: break;
    case Compression::gzip: return gzip_compress(content, level);
    case Compression::snappy: return snappy_compress(content);
    case Compression::lz4: return lz4_compress(content, level);
    case Compression::zstd: return zstd_compress(content, level);
  }
  return Bytes::copy_of(content);
}

Result<Bytes, RecordError> decompress(Compression codec, const ByteChain& content,
                                      std::size_t inflated_bytes_max) {
  switch (codec) {
    case Compression::none: return content.flatten();
    case Compression::gzip: return gzip_decompress(content, inflated_bytes_max);
    case Compression::snappy: return snappy_decompress(content, inflated_bytes_max);
    case Compression::lz4: return lz4_decompress(content, inflated_bytes_max);
    case Compression::zstd: return zstd_decompress(content, inflated_bytes_max);
  }
  return failure(RecordError::unknown_codec);
}

}  // namespace ottla::protocol
