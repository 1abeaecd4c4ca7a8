// ApiVersions (18), v0-v4. What this broker serves, from the very table that dispatches. v3 adds
// the client's name and version, and features; v4 shows features whose least version is 0
// (KIP-1022). An unknown version is answered in version 0 with UNSUPPORTED_VERSION and the list.
#include <utility>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/broker/server/announced_features.h"
#include "engine/broker/server/client_software.h"
#include "engine/protocol/messages/api_versions_response.h"

namespace ottla::broker {
namespace {

using protocol::ApiVersionsResponse;
using protocol::ErrorCode;

}  // namespace

void handle_api_versions(BrokerNode& broker, const Request<protocol::ApiVersionsRequest>& request) {
  const ApiVersion version = request.context.head.version;
  ApiVersionsResponse response;
  auto software = client_software(request.body, version);
  if (!software) {
    response.error_code = ErrorCode::invalid_request;
    return broker.server().reply(request.context.token, response);
  }
  broker.note_client_software(request.context.connection, std::move(*software));
  response.api_keys = advertised_apis();
  announce_features(broker.image(), broker.metadata().kraft_version(), version, response);
  broker.server().reply(request.context.token, response);
}

std::optional<ByteChain> answer_unknown_api_versions(const protocol::DecodeError& error) {
  const bool answerable =
      error.reason == protocol::DecodeError::Reason::unsupported_version &&
      error.api_key == static_cast<std::int16_t>(protocol::ApiKey::api_versions);
  if (!answerable) return std::nullopt;
  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  response.api_keys = advertised_apis();
  ByteWriter writer;
  protocol::write_response_head(writer, protocol::ApiKey::api_versions, ApiVersion{0},
                                error.correlation_id);
  response.encode(writer, ApiVersion{0});
  return writer.take_chain();
}

}  // namespace ottla::broker
