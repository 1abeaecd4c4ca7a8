// A request that a node has taken in and not yet answered.
#pragma once

#include <string>

#include "engine/base/strong_id.h"
#include "engine/base/time.h"
#include "engine/env/network.h"
#include "engine/protocol/request_frame.h"

namespace ottla::broker {

// Names one request until it is answered; never reused by a node.
using RequestToken = StrongId<struct RequestTokenTag, std::uint64_t>;

struct RequestContext {
  RequestToken token;
  ConnectionId connection;
  protocol::RequestHead head;
  std::string peer_host;  // As the connection was accepted from.
  Instant received;
  std::size_t bytes = 0;
};

}  // namespace ottla::broker
