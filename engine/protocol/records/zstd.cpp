// zstd frames; clients stream them, so the content size is mostly not declared. Contexts are kept
// per thread, for making one costs more than inflating a small batch.
#include <zstd.h>

#include <memory>

#include "engine/base/assert.h"
#include "engine/protocol/records/codec.h"
#include "engine/protocol/records/compression.h"

namespace ottla::protocol {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

ZSTD_DCtx* fresh_decoder() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  OTTLA_ASSERT(context != nullptr);
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
  return context.get();
}

ZSTD_CCtx* fresh_encoder() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  OTTLA_ASSERT(context != nullptr);
  ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
  return context.get();
}

// Feeds one slice in. `wanted` is zstd's hint: 0 when a frame has ended and all of it was given
// out.
Result<void, RecordError> inflate_slice(ZSTD_DCtx* context, const Bytes& slice,
                                        InflatedBytes& output, std::size_t& wanted) {
  ZSTD_inBuffer in{slice.data(), slice.size(), 0};
  while (true) {
    std::uint8_t past_limit = 0;
    const std::span<std::uint8_t> room = output.room();
    const bool full = room.empty();
    ZSTD_outBuffer out{full ? &past_limit : room.data(), full ? 1 : room.size(), 0};
    wanted = ZSTD_decompressStream(context, &out, &in);
    if (ZSTD_isError(wanted) != 0) return failure(RecordError::bad_codec_data);
    if (full && out.pos > 0) return failure(RecordError::inflated_too_large);
    output.use(full ? 0 : out.pos);
    if (in.pos == in.size && (wanted == 0 || out.pos < out.size)) return {};
  }
}

}  // namespace

Bytes zstd_compress(std::span<const std::uint8_t> content, int level) {
  const int used_level = level == default_compression_level
                             ? ZSTD_CLEVEL_DEFAULT
                             : std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel());
  ZSTD_CCtx* context = fresh_encoder();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, used_level);
  MutableBytes output(ZSTD_compressBound(content.size()));
  const std::size_t written =
      ZSTD_compress2(context, output.data(), output.size(), content.data(), content.size());
  OTTLA_ASSERT(ZSTD_isError(written) == 0);
  return std::move(output).freeze(written);
}

Result<Bytes, RecordError> zstd_decompress(const ByteChain& content,
                                           std::size_t inflated_bytes_max) {
  ZSTD_DCtx* context = fresh_decoder();
  InflatedBytes output(content.size() * 4, inflated_bytes_max);
  std::size_t wanted = 1;  // An empty input has not ended a frame.
  for (const Bytes& slice : content.slices()) {
    const auto done = inflate_slice(context, slice, output, wanted);
    if (!done) return failure(done.error());
  }
  if (wanted != 0) return failure(RecordError::bad_codec_data);
  return std::move(output).take();
}

}  // namespace ottla::protocol
