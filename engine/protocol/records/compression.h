// The codecs of record batches, as Kafka numbers them in a batch's attributes, and their framings
// on the wire: gzip (RFC 1952), snappy (xerial blocks as the Java client writes them, or one bare
// block), lz4 frame, zstd.
//
// Input comes from the network: a decoder never believes a declared size, and never holds more than
// `inflated_bytes_max` bytes of output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

// The low three bits of a batch's attributes. The values 5 to 7 name no codec; see is_known().
enum class Compression : std::int8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

[[nodiscard]] constexpr bool is_known(Compression codec) {
  return codec >= Compression::none && codec <= Compression::zstd;
}

// As `compression.type` spells it: "none", "gzip", "snappy", "lz4", "zstd"; "unknown" for anything
// else.
[[nodiscard]] std::string_view name(Compression codec);
// What a topic's `compression.type` stores batches in ("uncompressed", "gzip", ...); nothing for
// "producer", which keeps the producer's own.
[[nodiscard]] std::optional<Compression> compression_of_type(std::string_view type);

// The level that Kafka's clients use when none is configured.
inline constexpr int default_compression_level = std::numeric_limits<int>::min();

// `content` as the codec writes it. `level` is the codec's own scale (compression.gzip.level,
// .lz4.level and .zstd.level), brought into its range; snappy has none. The codec must be known.
[[nodiscard]] Bytes compress(Compression codec, std::span<const std::uint8_t> content,
                             int level = default_compression_level);

// What `content` inflates to, as one slice. `Compression::none` shares `content` where it is one
// slice. Fails with unknown_codec, bad_codec_data (damaged, truncated, or followed by something
// else), or inflated_too_large as soon as the output would pass `inflated_bytes_max`.
[[nodiscard]] Result<Bytes, RecordError> decompress(Compression codec, const ByteChain& content,
                                                    std::size_t inflated_bytes_max);

}  // namespace ottla::protocol
