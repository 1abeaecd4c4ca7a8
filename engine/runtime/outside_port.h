// Where the outside world meets the simulated one. Real clients' frames come in through an
// OutsidePort, from any thread, and reach the same listeners that simulated peers connect to; what
// a node sends back leaves through the OutsideSink. Neither side sees the other's sockets or nodes.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/strong_id.h"
#include "engine/env/network.h"

namespace ottla::runtime {

using OutsideId = StrongId<struct OutsideIdTag, std::uint64_t>;

// Implemented by who owns the sockets; called on the engine's thread, and returns at once.
class OutsideSink {
 public:
  virtual ~OutsideSink() = default;
  // One response, without its length prefix.
  virtual void send(OutsideId client, ByteChain frame) = 0;
  // The node closed the connection, or nobody listens there.
  virtual void close(OutsideId client) = 0;
  // The node has begun with a delivered frame of `bytes`: the client may send on.
  virtual void begun(OutsideId client, std::size_t bytes) = 0;
};

// Implemented by the runtime; every function may be called from any thread.
class OutsidePort {
 public:
  virtual ~OutsidePort() = default;
  // Where responses go from now on; null before the sink is destroyed.
  virtual void attach(OutsideSink* sink) = 0;
  // A client connected to the listener of a node that advertises `listener`.
  [[nodiscard]] virtual OutsideId open(const Endpoint& listener, std::string peer_host) = 0;
  virtual void deliver(OutsideId client, Bytes frame) = 0;
  virtual void closed(OutsideId client) = 0;
  // A frame that the sockets' side refused; noted in the event log. The connection is closed by the
  // caller.
  virtual void refused(std::string why) = 0;
};

}  // namespace ottla::runtime
