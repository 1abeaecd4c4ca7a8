// A process: a broker, a controller or a client. The world (or any other host) calls it with what
// happened; it acts through its Env. A crash destroys the Node and keeps its disk; a start makes a
// new one.
#pragma once

#include "engine/base/bytes.h"
#include "engine/env/clock.h"
#include "engine/env/disk.h"
#include "engine/env/network.h"
#include "engine/env/probe.h"
#include "engine/env/processor.h"
#include "engine/env/random.h"
#include "engine/env/timers.h"

namespace ottla {

// The seams that one node sees. They outlive the node.
struct Env {
  Clock& clock;
  Timers& timers;
  Network& network;
  Disk& disk;
  Random& random;
  probe::Probe& probe;
  Processor& processor;
};

class Node {
 public:
  virtual ~Node() = default;
  // Called once, before anything else. What it needs from its disk is read here.
  virtual void on_start() = 0;
  // Asked to stop in an orderly way; the node calls nothing more once it reports `stopped()`.
  virtual void on_shutdown() = 0;
  [[nodiscard]] virtual bool stopped() const = 0;

  // A peer connected to one of this node's listeners. `peer_host` is an address or, in a
  // simulation, a node's name.
  virtual void on_accepted(ConnectionId connection, const Endpoint& listener,
                           std::string_view peer_host) = 0;
  // A connection that this node asked for is open.
  virtual void on_connected(ConnectionId connection) = 0;
  // Closed by the peer, refused, or reset. Never called for a connection that this node closed.
  virtual void on_connection_closed(ConnectionId connection) = 0;
  virtual void on_message(ConnectionId connection, ByteChain frame) = 0;
  virtual void on_timer(TimerId timer) = 0;
  virtual void on_disk(DiskOperationId operation, DiskResult<void> result) = 0;
};

}  // namespace ottla
