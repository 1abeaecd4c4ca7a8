#include "engine/metadata/controller_result.h"

namespace ottla::metadata {

std::optional<std::string> message_of(const ApiError& error) {
  if (!error.failed()) return std::nullopt;
  return error.message ? error.message : std::optional(std::string(protocol::message(error.code)));
}

}  // namespace ottla::metadata
