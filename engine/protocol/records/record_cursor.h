// Walks the records of an inflated batch without allocating. Nothing is trusted: each length is
// checked against what is left, as Kafka's DefaultRecord.readFrom does.
//
//   RecordCursor cursor(batch.header(), body.span());
//   while (cursor.next()) use(cursor.record());
//   if (cursor.error()) ...
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/protocol/records/batch_header.h"
#include "engine/protocol/records/record.h"
#include "engine/protocol/records/record_error.h"

namespace ottla::protocol {

class RecordCursor {
 public:
  // `body` is what follows the header, inflated, and must outlive the cursor and the views it
  // gives.
  RecordCursor(const BatchHeader& header, std::span<const std::uint8_t> body);

  // Moves to the next record. False at the end, and when the records are malformed: then error()
  // says how (bad_record; bad_count where there are fewer records or more bytes than the header
  // says).
  [[nodiscard]] bool next();
  [[nodiscard]] const RecordView& record() const { return record_; }
  [[nodiscard]] std::optional<RecordError> error() const { return error_; }

 private:
  bool fail(RecordError error);
  bool read_record(const std::uint8_t* end);

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::int32_t left_;  // Records not yet read.
  Offset base_offset_;
  std::int64_t base_timestamp_;
  std::optional<std::int64_t>
      append_time_;  // What every record's timestamp is under LogAppendTime.
  RecordView record_;
  std::optional<RecordError> error_;
};

}  // namespace ottla::protocol
