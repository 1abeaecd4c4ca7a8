#include "engine/protocol/decode_error.h"

#include <fmt/format.h>

namespace ottla::protocol {

std::string describe(const DecodeError& error) {
  switch (error.reason) {
    case DecodeError::Reason::malformed: return "malformed or truncated message";
    case DecodeError::Reason::unknown_api: return fmt::format("unknown key {}", error.api_key);
    case DecodeError::Reason::unsupported_version: break;
  }
  return fmt::format("unsupported version {} of key {}", error.version.value(), error.api_key);
}

}  // namespace ottla::protocol
