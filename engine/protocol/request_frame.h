// The heads of requests and responses, in front of every message on a connection. The four bytes of
// frame length are the transport's and not part of it.
//
//   request, header v1 (v2 adds tagged fields where the API's version is flexible; KIP-482):
//     int16 api key, int16 version, int32 correlation id, nullable string client id (int16 length
//     in both)
//   response, header v0 (v1 adds tagged fields where the API's version is flexible):
//     int32 correlation id
//   Responses of ApiVersions always have header v0, so that a client can read one before it knows
//   the broker.
#pragma once

#include <optional>
#include <string>

#include "engine/protocol/message_types.h"

namespace ottla::protocol {

struct RequestHead {
  ApiKey key = ApiKey::produce;
  ApiVersion version{};
  CorrelationId correlation_id{};
  std::optional<std::string> client_id{};
  UnknownTaggedFields unknown_tagged_fields{};

  bool operator==(const RequestHead&) const = default;
};

struct ResponseHead {
  CorrelationId correlation_id{};
  UnknownTaggedFields unknown_tagged_fields{};

  bool operator==(const ResponseHead&) const = default;
};

// Reads up to the request's body. For an API or a version without a schema the error carries key,
// version and correlation id as they came: a version of ApiVersions that is not known is answered
// (in v0), all others close the connection, as Kafka does.
[[nodiscard]] Result<RequestHead, DecodeError> read_request_head(ByteReader& reader);
void write_request_head(ByteWriter& writer, const RequestHead& head);

void write_response_head(ByteWriter& writer, ApiKey key, ApiVersion version,
                         CorrelationId correlation_id);
[[nodiscard]] Result<ResponseHead, DecodeError> read_response_head(ByteReader& reader, ApiKey key,
                                                                   ApiVersion version);

}  // namespace ottla::protocol
