// A request that a node has taken in and not yet answered.
#pragma once

#include <cstdint>
#include <optional>
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
  // Of the Envelope in which a broker forwards the request, and in which its answer goes back.
  std::optional<protocol::RequestHead> envelope = {};
  std::string peer_host;  // As the connection was accepted from.
  Instant received;
  std::size_t bytes = 0;

  // For the quota on the time that requests take, on the process's count of nanoseconds.
  std::int64_t began_nanos = 0;
  std::optional<std::int64_t> handled_nanos = {};  // Once the handler has returned.
  bool is_charged = false;
  bool is_exempt = false;  // Nobody is charged: replication, say.

  // As it arrived on its connection.
  [[nodiscard]] const protocol::RequestHead& outermost() const {
    return envelope ? *envelope : head;
  }
};

}  // namespace ottla::broker
