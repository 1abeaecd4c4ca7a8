// Ordered, connection-oriented messages between processes, as TCP gives them to Kafka. A message is
// one frame without its four-byte length: framing belongs to whoever owns real sockets.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/strong_id.h"

namespace ottla {

// Unique within a run; never reused.
using ConnectionId = StrongId<struct ConnectionIdTag, std::uint64_t>;

// Where a process listens: what Kafka calls a listener's host and port.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

class Network {
 public:
  virtual ~Network() = default;
  // Starts to connect. Ends with Node::on_connected or, when nobody listens there or the link is
  // cut, Node::on_connection_closed.
  [[nodiscard]] virtual ConnectionId connect(const Endpoint& to) = 0;
  // Queues one frame. Ignored on a connection that is closed or not yet connected.
  virtual void send(ConnectionId connection, ByteChain frame) = 0;
  // Closes from this side; the peer learns of it, this node is not called back.
  virtual void close(ConnectionId connection) = 0;
  // A message of `bytes` that came on the connection is begun: its sender may send more (the
  // window of TCP). A network without a bound on what is under way ignores it.
  virtual void begun(ConnectionId, std::size_t) {}
};

}  // namespace ottla
