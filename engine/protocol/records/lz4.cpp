// lz4 frames (LZ4 Frame Format 1.6), written as Kafka's Lz4BlockOutputStream does: 64 KiB
// independent blocks, no content size, no checksum but the header's. Read in whatever form the
// frame format allows.
#include <lz4frame.h>
#include <lz4hc.h>

#include <memory>

#include "engine/base/assert.h"
#include "engine/protocol/records/codec.h"
#include "engine/protocol/records/compression.h"

namespace ottla::protocol {
namespace {

struct FreeDecoder {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

// `compression.lz4.level` when nobody says otherwise. Kafka's Lz4BlockOutputStream compresses fast
// at this level, and searches (LZ4 HC) at every other.
constexpr int kafka_default_level = 9;
constexpr int fast_level = 0;

int frame_level(int level) {
  if (level == default_compression_level || level == kafka_default_level) return fast_level;
  return std::clamp(level, LZ4HC_CLEVEL_MIN, LZ4HC_CLEVEL_MAX);
}

LZ4F_preferences_t preferences(int level) {
  LZ4F_preferences_t wanted{};
  wanted.frameInfo.blockSizeID = LZ4F_max64KB;
  wanted.frameInfo.blockMode = LZ4F_blockIndependent;
  wanted.compressionLevel = frame_level(level);
  return wanted;
}

// Feeds one slice in. `wanted` is lz4's hint: how much more the frame needs; 0 at a frame's end.
Result<void, RecordError> inflate_slice(LZ4F_dctx* context, std::span<const std::uint8_t> slice,
                                        InflatedBytes& output, std::size_t& wanted) {
  while (true) {
    std::uint8_t past_limit = 0;
    const std::span<std::uint8_t> room = output.room();
    const bool full = room.empty();
    std::size_t written = full ? 1 : room.size();
    std::size_t consumed = slice.size();
    const std::size_t offered = written;
    wanted = LZ4F_decompress(context, full ? &past_limit : room.data(), &written, slice.data(),
                             &consumed, nullptr);
    if (LZ4F_isError(wanted) != 0) return failure(RecordError::bad_codec_data);
    if (full && written > 0) return failure(RecordError::inflated_too_large);
    output.use(full ? 0 : written);
    slice = slice.subspan(consumed);
    if (slice.empty() && (wanted == 0 || written < offered)) return {};
  }
}

}  // namespace

Bytes lz4_compress(std::span<const std::uint8_t> content, int level) {
  const LZ4F_preferences_t wanted = preferences(level);
  MutableBytes output(LZ4F_compressFrameBound(content.size(), &wanted));
  const std::size_t written =
      LZ4F_compressFrame(output.data(), output.size(), content.data(), content.size(), &wanted);
  OTTLA_ASSERT(LZ4F_isError(written) == 0);
  return std::move(output).freeze(written);
}

Result<Bytes, RecordError> lz4_decompress(const ByteChain& content,
                                          std::size_t inflated_bytes_max) {
  LZ4F_dctx* created = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&created, LZ4F_VERSION)) != 0) {
    return failure(RecordError::bad_codec_data);
  }
  const std::unique_ptr<LZ4F_dctx, FreeDecoder> context(created);
  InflatedBytes output(content.size() * 2, inflated_bytes_max);
  std::size_t wanted = 1;  // An empty input has not ended a frame.
  for (const Bytes& slice : content.slices()) {
    const auto done = inflate_slice(context.get(), slice.span(), output, wanted);
    if (!done) return failure(done.error());
  }
  if (wanted != 0) return failure(RecordError::bad_codec_data);
  return std::move(output).take();
}

}  // namespace ottla::protocol
