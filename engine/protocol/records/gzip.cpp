// gzip by zlib. A stream may hold several members, as java.util.zip.GZIPInputStream reads it.
#include <zlib.h>

#include <limits>

#include "engine/base/assert.h"
#include "engine/protocol/records/codec.h"
#include "engine/protocol/records/compression.h"

namespace ottla::protocol {
namespace {

constexpr int gzip_window_bits = 15 + 16;  // The largest window, in gzip's own wrapper.
constexpr int memory_level = 8;            // zlib's default.

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, gzip_window_bits) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  [[nodiscard]] bool is_ready() const { return ready_; }
  // The last member is whole and nothing follows it.
  [[nodiscard]] bool is_finished() const { return member_ended_; }

  Result<void, RecordError> inflate_slice(const Bytes& slice, InflatedBytes& output) {
    if (slice.size() > std::numeric_limits<uInt>::max())
      return failure(RecordError::bad_codec_data);
    stream_.next_in = const_cast<Bytef*>(slice.data());
    stream_.avail_in = static_cast<uInt>(slice.size());
    while (true) {
      if (member_ended_ && stream_.avail_in == 0) return {};
      if (member_ended_ && inflateReset(&stream_) != Z_OK)
        return failure(RecordError::bad_codec_data);
      member_ended_ = false;
      std::uint8_t past_limit = 0;
      const std::span<std::uint8_t> room = output.room();
      const bool full = room.empty();
      stream_.next_out = full ? &past_limit : room.data();
      const std::size_t offered = full ? 1 : std::min<std::size_t>(room.size(), 1U << 30);
      stream_.avail_out = static_cast<uInt>(offered);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t written = offered - stream_.avail_out;
      if (full && written > 0) return failure(RecordError::inflated_too_large);
      output.use(full ? 0 : written);
      member_ended_ = status == Z_STREAM_END;
      if (status == Z_BUF_ERROR && stream_.avail_in == 0) return {};  // Wants the next slice.
      if (status != Z_OK && status != Z_STREAM_END) return failure(RecordError::bad_codec_data);
      // Output that fits exactly leaves nothing pending; otherwise go round until zlib asks for
      // input.
      if (!member_ended_ && stream_.avail_in == 0 && stream_.avail_out > 0) return {};
    }
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool member_ended_ = false;
};

}  // namespace

Bytes gzip_compress(std::span<const std::uint8_t> content, int level) {
  OTTLA_ASSERT(content.size() <= std::numeric_limits<uInt>::max());
  const int used_level = level == default_compression_level
                             ? Z_DEFAULT_COMPRESSION
                             : std::clamp(level, 1, Z_BEST_COMPRESSION);
  z_stream stream{};
  const int started = deflateInit2(&stream, used_level, Z_DEFLATED, gzip_window_bits, memory_level,
                                   Z_DEFAULT_STRATEGY);
  OTTLA_ASSERT(started == Z_OK);
  MutableBytes output(deflateBound(&stream, static_cast<uLong>(content.size())));
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = output.data();
  stream.avail_out = static_cast<uInt>(output.size());
  const int status = deflate(&stream, Z_FINISH);
  OTTLA_ASSERT(status == Z_STREAM_END);
  const std::size_t written = output.size() - stream.avail_out;
  deflateEnd(&stream);
  return std::move(output).freeze(written);
}

Result<Bytes, RecordError> gzip_decompress(const ByteChain& content,
                                           std::size_t inflated_bytes_max) {
  Inflater inflater;
  if (!inflater.is_ready()) return failure(RecordError::bad_codec_data);
  InflatedBytes output(content.size() * 4, inflated_bytes_max);
  for (const Bytes& slice : content.slices()) {
    if (const auto done = inflater.inflate_slice(slice, output); !done)
      return failure(done.error());
  }
  if (!inflater.is_finished()) return failure(RecordError::bad_codec_data);
  return std::move(output).take();
}

}  // namespace ottla::protocol
