// A record, decoded: as values that share the batch's memory (Record), or as views into it
// (RecordView).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

namespace ottla::protocol {

struct RecordHeader {
  std::string key;
  std::optional<Bytes> value;

  bool operator==(const RecordHeader&) const = default;
};

struct Record {
  Offset offset{0};
  std::int64_t timestamp = 0;  // Milliseconds since the Unix epoch.
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<RecordHeader> headers;

  bool operator==(const Record&) const = default;
};

// Bytes of a batch's body, or null. Valid as long as the body is.
class NullableView {
 public:
  constexpr NullableView() = default;
  constexpr NullableView(std::span<const std::uint8_t> bytes)  // NOLINT: a view of what is there.
      : data_(bytes.data()), size_(static_cast<std::int32_t>(bytes.size())) {}

  [[nodiscard]] constexpr bool is_null() const { return size_ < 0; }
  // Empty when null.
  [[nodiscard]] constexpr std::span<const std::uint8_t> span() const {
    return {data_, static_cast<std::size_t>(size_ < 0 ? 0 : size_)};
  }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(data_), span().size()};
  }

 private:
  const std::uint8_t* data_ = nullptr;
  std::int32_t size_ = -1;
};

struct RecordView {
  Offset offset{0};
  std::int64_t timestamp = 0;
  std::int32_t offset_delta = 0;
  NullableView key;
  NullableView value;
  std::int32_t header_count = 0;
  std::span<const std::uint8_t> header_bytes;  // Well-formed; read_headers() decodes them.
};

// The headers of a record that a RecordCursor gave, with values that share `body`, the bytes it
// walked.
[[nodiscard]] std::vector<RecordHeader> read_headers(const RecordView& record, const Bytes& body);
// The record as values that share `body`.
[[nodiscard]] Record to_record(const RecordView& record, const Bytes& body);

}  // namespace ottla::protocol
