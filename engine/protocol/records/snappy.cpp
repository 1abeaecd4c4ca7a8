// snappy, in the two framings that clients send. Most write xerial's stream
// (org.xerial.snappy.SnappyOutputStream): a 16-byte header, then blocks, each after its length.
// Some write one bare block. librdkafka and the Java client read both.
//
//   0 magic 82 'S' 'N' 'A' 'P' 'P' 'Y' 00    8 version (int32)    12 oldest compatible version
//   (int32) then, until the end: length (int32), block; or another such header, where streams were
//   joined.
#include <snappy.h>

#include <array>

#include "engine/base/big_endian.h"
#include "engine/protocol/records/codec.h"

namespace ottla::protocol {
namespace {

constexpr std::array<std::uint8_t, 8> magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t stream_header_size = 16;
constexpr std::size_t length_size = 4;
constexpr std::int32_t stream_version = 1;
constexpr std::size_t block_size = 32 * 1024;  // SnappyOutputStream's default, which Kafka uses.

// An element of a block is at least two bytes and gives at most 64, so a block that declares more
// than this many times its own size lies.
constexpr std::size_t ratio_max = 64;

const char* chars(std::span<const std::uint8_t> bytes) {
  return reinterpret_cast<const char*>(bytes.data());
}

bool begins_stream(std::span<const std::uint8_t> content) {
  return content.size() >= stream_header_size &&
         std::equal(magic.begin(), magic.end(), content.begin());
}

Result<void, RecordError> inflate_block(std::span<const std::uint8_t> block,
                                        InflatedBytes& output) {
  std::size_t declared = 0;
  if (!snappy::GetUncompressedLength(chars(block), block.size(), &declared) ||
      declared / ratio_max > block.size()) {
    return failure(RecordError::bad_codec_data);
  }
  const std::span<std::uint8_t> room = output.room(declared);
  if (room.size() < declared) return failure(RecordError::inflated_too_large);
  // A block of nothing still has its one byte of length to be checked; snappy wants a place to
  // point at.
  char nothing = 0;
  char* to = declared == 0 ? &nothing : reinterpret_cast<char*>(room.data());
  if (!snappy::RawUncompress(chars(block), block.size(), to)) {
    return failure(RecordError::bad_codec_data);
  }
  output.use(declared);
  return {};
}

Result<void, RecordError> inflate_stream(std::span<const std::uint8_t> content,
                                         InflatedBytes& output) {
  while (!content.empty()) {
    if (begins_stream(content)) {
      content = content.subspan(stream_header_size);
      continue;
    }
    if (content.size() < length_size) return failure(RecordError::bad_codec_data);
    const auto length = load_big_endian<std::int32_t>(content.data());
    content = content.subspan(length_size);
    if (length < 0 || static_cast<std::size_t>(length) > content.size()) {
      return failure(RecordError::bad_codec_data);
    }
    const auto block = content.first(static_cast<std::size_t>(length));
    if (const auto done = inflate_block(block, output); !done) return done;
    content = content.subspan(block.size());
  }
  return {};
}

}  // namespace

Bytes snappy_compress(std::span<const std::uint8_t> content) {
  const std::size_t blocks = (content.size() + block_size - 1) / block_size;
  MutableBytes output(stream_header_size +
                      blocks * (length_size + snappy::MaxCompressedLength(block_size)));
  std::copy(magic.begin(), magic.end(), output.data());
  store_big_endian(output.data() + 8, stream_version);
  store_big_endian(output.data() + 12, stream_version);
  std::size_t used = stream_header_size;
  while (!content.empty()) {
    const auto block = content.first(std::min(content.size(), block_size));
    std::uint8_t* to = output.data() + used;
    std::size_t written = 0;
    snappy::RawCompress(chars(block), block.size(), reinterpret_cast<char*>(to + length_size),
                        &written);
    store_big_endian(to, static_cast<std::int32_t>(written));
    used += length_size + written;
    content = content.subspan(block.size());
  }
  return std::move(output).freeze(used);
}

Result<Bytes, RecordError> snappy_decompress(const ByteChain& content,
                                             std::size_t inflated_bytes_max) {
  const Bytes whole = content.flatten();
  InflatedBytes output(whole.size() * 2, inflated_bytes_max);
  const bool is_stream = begins_stream(whole.span());
  const auto done =
      is_stream ? inflate_stream(whole.span(), output) : inflate_block(whole.span(), output);
  if (!done) return failure(done.error());
  return std::move(output).take();
}

}  // namespace ottla::protocol
