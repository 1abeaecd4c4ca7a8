#include "engine/metadata/controller_result.h"

namespace ottla::metadata {

std::optional<std::string> message_of(const ApiError& error) {
  // A quota that is exceeded is an exception in Kafka, whose words are left out when they are those
  // of its code.
  const bool without_words = error.code == protocol::ErrorCode::throttling_quota_exceeded;
  if (!error.failed() || (without_words && !error.message)) return std::nullopt;
  return error.message ? error.message : std::optional(std::string(protocol::message(error.code)));
}

}  // namespace ottla::metadata
