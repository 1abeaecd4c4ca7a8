// What a decision of the controller is made of: the records to write, and the answer that leaves
// once they are committed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/metadata_record_codec.h"

namespace ottla::metadata {

using Records = std::vector<protocol::MetadataRecord>;

// An error with Kafka's words for it; the default message of the code when there are none.
struct ApiError {
  protocol::ErrorCode code = protocol::ErrorCode::none;
  std::optional<std::string> message;
  [[nodiscard]] bool failed() const { return code != protocol::ErrorCode::none; }
};

// Records are appended as one batch, all or nothing.
template <class Response>
struct ControllerResult {
  Records records;
  Response response;
  // Of the whole request: then there are no records, and each of its items is answered with this.
  ApiError refusal = {};
};

struct ControllerContext {
  Instant now;
  Offset next_offset;  // Where the first record of the result will lie.
  ApiVersion version;  // Of the request.
};

// Asked before that many partitions are created or deleted (KIP-599); false: not now. None: always.
using PartitionCharge = std::function<bool(std::int64_t partitions)>;

// The refusal of a charge; nothing when it is granted.
[[nodiscard]] inline ApiError refuse_charge(const PartitionCharge& charge, std::size_t partitions) {
  if (!charge || charge(static_cast<std::int64_t>(partitions))) return {};
  return {protocol::ErrorCode::throttling_quota_exceeded, std::nullopt};
}

// What an answer says of the error; nothing where there is none.
[[nodiscard]] std::optional<std::string> message_of(const ApiError& error);

// Sets an answer's, or an item's, error fields.
template <class Answer>
void set_error(Answer& answer, const ApiError& error) {
  answer.error_code = error.code;
  answer.error_message = message_of(error);
}

}  // namespace ottla::metadata
