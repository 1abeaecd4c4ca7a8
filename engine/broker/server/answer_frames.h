// The bytes of answers, head and all.
#pragma once

#include <optional>

#include "engine/broker/server/api_table.h"
#include "engine/broker/server/error_answers.h"
#include "engine/protocol/request_frame.h"

namespace ottla::broker {

template <class Response>
void write_frame(ByteWriter& writer, const protocol::RequestHead& head, const Response& response) {
  protocol::write_response_head(writer, head.key, head.version, head.correlation_id);
  response.encode(writer, head.version);
}

template <class Response>
[[nodiscard]] ByteChain frame_of(const protocol::RequestHead& head, const Response& response) {
  ByteWriter writer;
  write_frame(writer, head, response);
  return writer.take_chain();
}

// An answer that quotes its request in words too long to be sent is, as in Kafka, the answer to an
// exception.
template <class Body, class Response>
[[nodiscard]] ByteChain frame_of(const Request<Body>& request, const Response& response) {
  ByteWriter writer;
  write_frame(writer, request.context.head, response);
  if (writer.ok()) return writer.take_chain();
  const Refusal too_long{protocol::ErrorCode::unknown_server_error, std::nullopt};
  return frame_of(request.context.head, error_answer(request.body, too_long));
}

}  // namespace ottla::broker
