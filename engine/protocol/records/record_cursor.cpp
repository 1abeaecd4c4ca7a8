#include "engine/protocol/records/record_cursor.h"

#include <algorithm>

#include "engine/base/varint.h"

namespace ottla::protocol {
namespace {

// Reads varints and lengths between two pointers. Failure sticks, like ByteReader's; this one is
// for the path that carries every record.
class SpanReader {
 public:
  SpanReader(const std::uint8_t* begin, const std::uint8_t* end) : at_(begin), end_(end) {}

  [[nodiscard]] const std::uint8_t* at() const { return at_; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

  void skip_byte() {
    if (at_ == end_) return fail();
    ++at_;
  }

  std::int64_t varlong() { return unzigzag(unsigned_varint(10)); }

  std::int32_t varint() {
    const std::uint64_t raw = unsigned_varint(5);
    if (raw > 0xFFFF'FFFF) fail();
    return static_cast<std::int32_t>(unzigzag(raw & 0xFFFF'FFFF));
  }

  // A length and that many bytes; null when the length is negative.
  NullableView nullable() {
    const std::int32_t size = varint();
    if (!ok_ || size < 0) return {};
    return take(static_cast<std::size_t>(size));
  }

  NullableView take(std::size_t size) {
    if (size > remaining()) {
      fail();
      return {};
    }
    const std::uint8_t* from = at_;
    at_ += size;
    return NullableView(std::span(from, size));
  }

 private:
  void fail() {
    ok_ = false;
    at_ = end_;
  }

  // Nearly all of a record's numbers take one byte or two.
  std::uint64_t unsigned_varint(unsigned bytes_max) {
    const std::ptrdiff_t left = end_ - at_;
    if (left > 0 && at_[0] < 0x80) return *at_++;
    if (left > 1 && at_[1] < 0x80) {
      at_ += 2;
      return static_cast<std::uint64_t>(at_[-2] & 0x7F) |
             (static_cast<std::uint64_t>(at_[-1]) << 7);
    }
    return long_varint(bytes_max);
  }

  [[gnu::noinline]] std::uint64_t long_varint(unsigned bytes_max) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes_max && at_ != end_; ++i) {
      const std::uint8_t byte = *at_++;
      if (i == 9 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

// A hostile delta wraps instead of overflowing.
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// Steps over a header; false when it is malformed. A header's key may not be null, its value may.
bool skip_header(SpanReader& reader) {
  if (reader.nullable().is_null()) return false;
  reader.nullable();
  return reader.ok();
}

Bytes shared(std::span<const std::uint8_t> part, const Bytes& body) {
  if (part.empty()) return {};
  return body.slice(static_cast<std::size_t>(part.data() - body.data()), part.size());
}

std::optional<Bytes> shared(const NullableView& part, const Bytes& body) {
  if (part.is_null()) return std::nullopt;
  return shared(part.span(), body);
}

}  // namespace

RecordCursor::RecordCursor(const BatchHeader& header, std::span<const std::uint8_t> body)
    : at_(body.data()),
      end_(body.data() + body.size()),
      left_(std::max(header.record_count, 0)),
      base_offset_(header.base_offset),
      base_timestamp_(header.base_timestamp) {
  if (header.timestamp_type() == TimestampType::log_append_time)
    append_time_ = header.max_timestamp;
  if (header.record_count < 0) error_ = RecordError::bad_count;
}

bool RecordCursor::fail(RecordError error) {
  error_ = error;
  left_ = 0;
  return false;
}

bool RecordCursor::next() {
  if (error_) return false;
  if (left_ == 0) return at_ == end_ ? false : fail(RecordError::bad_count);
  if (at_ == end_) return fail(RecordError::bad_count);
  SpanReader reader(at_, end_);
  const std::int32_t size = reader.varint();
  if (!reader.ok() || size < 0 || static_cast<std::size_t>(size) > reader.remaining()) {
    return fail(RecordError::bad_record);
  }
  at_ = reader.at();
  --left_;
  return read_record(at_ + size);
}

bool RecordCursor::read_record(const std::uint8_t* end) {
  SpanReader reader(at_, end);
  reader.skip_byte();  // A record's own attributes; none is in use.
  const std::int64_t timestamp_delta = reader.varlong();
  record_.offset_delta = reader.varint();
  record_.offset = Offset{wrapping_sum(base_offset_.value(), record_.offset_delta)};
  record_.timestamp = append_time_.value_or(wrapping_sum(base_timestamp_, timestamp_delta));
  record_.key = reader.nullable();
  record_.value = reader.nullable();
  record_.header_count = reader.varint();
  if (!reader.ok() || record_.header_count < 0) return fail(RecordError::bad_record);
  const std::uint8_t* headers = reader.at();
  for (std::int32_t i = 0; i < record_.header_count; ++i) {
    if (!skip_header(reader)) return fail(RecordError::bad_record);
  }
  if (reader.at() != end) return fail(RecordError::bad_record);
  record_.header_bytes = std::span(headers, end);
  at_ = end;
  return true;
}

std::vector<RecordHeader> read_headers(const RecordView& record, const Bytes& body) {
  std::vector<RecordHeader> headers;
  if (record.header_count == 0) return headers;
  headers.reserve(static_cast<std::size_t>(record.header_count));
  SpanReader reader(record.header_bytes.data(),
                    record.header_bytes.data() + record.header_bytes.size());
  for (std::int32_t i = 0; i < record.header_count; ++i) {
    std::string key(reader.nullable().text());
    headers.push_back({std::move(key), shared(reader.nullable(), body)});
  }
  return headers;
}

Record to_record(const RecordView& record, const Bytes& body) {
  return {record.offset, record.timestamp, shared(record.key, body), shared(record.value, body),
          read_headers(record, body)};
}

}  // namespace ottla::protocol
