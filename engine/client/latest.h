// Sends a request in the newest version that both sides know, up to the newest that the client is
// written for.
#pragma once

#include "engine/wire/channel.h"

namespace ottla::client {

// A channel that is not ready yet does not know the peer's versions: it gets the ceiling, which
// every broker of the same Kafka release serves. False when the channel's queue is full.
template <class Request>
[[nodiscard]] bool send_latest(wire::Channel& channel, const Request& request, ApiVersion ceiling,
                               wire::RequestToken token, Instant now,
                               wire::SendOptions options = {}) {
  const ApiVersion version = channel.latest<Request>(ceiling).value_or(ceiling);
  return channel.send(request, version, token, now, options);
}

}  // namespace ottla::client
