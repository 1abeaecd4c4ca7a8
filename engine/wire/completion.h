// What comes of a request sent over a Channel: the response's body, or why there is none.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/byte_reader.h"
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"
#include "engine/protocol/api_key.h"

namespace ottla::wire {

// Chosen by the owner of a channel, to know a completion by. Need not be unique.
using RequestToken = StrongId<struct RequestTokenTag, std::uint64_t>;

enum class WireError : std::uint8_t {
  timed_out,     // No response within the request's timeout; it may have been carried out.
  disconnected,  // The connection ended after the request was written; it may have been carried
                 // out.
  not_sent,      // The connection failed or the time was over before the request was written.
  malformed_response,
};
[[nodiscard]] std::string_view describe(WireError error);

// A response without its head.
struct ResponseFrame {
  protocol::ApiKey key{};
  ApiVersion version;
  Instant sent_at;  // When the request was handed to the network.
  ByteChain body;   // Empty for a request that expects no response.
};

struct Completion {
  RequestToken token;
  Result<ResponseFrame, WireError> response;
};

// The completion's response as a message. Trailing bytes are malformed. `completion` must be of a
// request of the same API.
template <class Response>
[[nodiscard]] Result<Response, WireError> decode_response(const Completion& completion) {
  if (!completion.response) return failure(completion.response.error());
  const ResponseFrame& frame = *completion.response;
  if (frame.key != Response::api_key) return failure(WireError::malformed_response);
  ByteReader reader(frame.body);
  auto decoded = Response::decode(reader, frame.version);
  if (!decoded || reader.remaining() != 0) return failure(WireError::malformed_response);
  return std::move(*decoded);
}

}  // namespace ottla::wire
