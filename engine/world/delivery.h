// One thing that happens to a process: what World hands to its Node. Data, because a paused
// process's deliveries wait in order until it resumes.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/env/disk.h"
#include "engine/env/network.h"
#include "engine/env/timers.h"
#include "engine/world/process_id.h"

namespace ottla::world {

struct Delivery {
  // The numbers are part of the trace hash.
  enum class Kind : std::uint8_t {
    start = 1,
    shutdown = 2,
    accepted = 3,
    connected = 4,
    closed = 5,
    message = 6,
    timer = 7,
    disk = 8,
  };

  Kind kind{};
  ConnectionId connection{};    // accepted, connected, closed, message.
  ProcessId peer{};             // accepted.
  const Endpoint* listener{};   // accepted; outlives every delivery.
  ByteChain frame{};            // message.
  TimerId timer{};              // timer.
  DiskOperationId operation{};  // disk.
  DiskResult<void> result{};    // disk.
};

}  // namespace ottla::world
