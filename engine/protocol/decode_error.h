// Why bytes are not the message they were taken for. What a broker needs to answer an API or a
// version that it does not speak (key, version, correlation id) stays readable.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/ids.h"

namespace ottla::protocol {

struct DecodeError {
  enum class Reason : std::uint8_t {
    malformed,    // Truncated, or with a length, tag or null that the schema does not allow.
    unknown_api,  // No such API key, or no such record type.
    unsupported_version,  // A known message in a version that has no schema.
  };

  Reason reason = Reason::malformed;
  std::int16_t api_key = -1;       // As read; -1 when it could not be.
  ApiVersion version{};            // As read.
  CorrelationId correlation_id{};  // As read, where a request head was read.

  bool operator==(const DecodeError&) const = default;
};

// One line for a log: "unsupported version 99 of API 18".
[[nodiscard]] std::string describe(const DecodeError& error);

}  // namespace ottla::protocol
