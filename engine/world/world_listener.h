// Who watches a world: facts that its nodes tell, and what becomes of its processes. Listeners look
// on; they must not act on the world from within a call (World::at(now, ...) defers an act).
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/env/network.h"
#include "engine/env/probe.h"
#include "engine/world/process_id.h"

namespace ottla::world {

struct ObservedFact {
  Instant at;  // The world's time, not the node's.
  ProcessId process;
  std::uint32_t incarnation;
  BrokerId broker;  // The process's node.id, or no_broker.
  const probe::Fact& fact;
};

enum class ProcessChange : std::uint8_t {
  started,
  stopped,  // Ended by itself, as after a shutdown.
  killed,
  power_lost,
  paused,
  resumed,
};
[[nodiscard]] std::string_view name(ProcessChange change);

class WorldListener {
 public:
  virtual ~WorldListener() = default;
  virtual void on_fact(const ObservedFact& fact) = 0;
  virtual void on_process(Instant at, ProcessId process, BrokerId broker, ProcessChange change) = 0;
};

// The gateway's side of external connections. Called while the world runs; it may send and close.
class ExternalSink {
 public:
  virtual ~ExternalSink() = default;
  virtual void on_frame(ConnectionId connection, ByteChain frame) = 0;
  // Closed by the node or refused; not called for what external_close() closed.
  virtual void on_closed(ConnectionId connection) = 0;
  // A node has begun with a frame; also told of connections within the world.
  virtual void on_begun(ConnectionId connection, std::size_t bytes) = 0;
};

}  // namespace ottla::world
