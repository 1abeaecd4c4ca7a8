// A process of a world: what it is made of, and what state it is in. Its Node comes and goes; its
// disk, its endpoints and its random stream stay.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/env/node.h"
#include "engine/world/delivery.h"
#include "engine/world/event_heap.h"
#include "engine/world/process_env.h"
#include "engine/world/process_id.h"
#include "engine/world/sim_disk.h"

namespace ottla::world {

struct ProcessSpec {
  std::string name;  // Unique; names its random streams, so a seed means the same for it wherever
                     // it stands.
  std::string
      host;  // Processes of one host talk over loopback; what peers see as this one's address.
  std::string zone;  // broker.rack, or the rack of a client.
  std::vector<Endpoint> listeners;
  std::function<std::unique_ptr<Node>(Env)> make;  // Called at every start.
  BrokerId broker = no_broker;                     // The node.id of a broker or controller.
  // A disk that is not simulated, with files outside, made at every start; null: a simulated one.
  std::function<std::unique_ptr<Disk>(SyncScheduler&)> make_disk;
  SimDiskTiming disk_timing;
};

enum class ProcessState : std::uint8_t {
  stopped,  // Not started, killed, powered off, or ended by itself.
  running,
  stopping,  // Asked to shut down.
};

// What a person or a snapshot wants to know of a process.
struct ProcessStatus {
  ProcessState state = ProcessState::stopped;
  bool paused = false;
  bool powered_off = false;
  std::uint32_t incarnation = 0;  // Starts so far.
  Instant since;                  // When `state` or `paused` last changed.
  Duration clock_skew;
};

struct Process {
  ProcessId id;
  ProcessSpec spec;
  ProcessStatus status;
  std::unique_ptr<ProcessEnv> env;
  std::unique_ptr<SimDisk> sim_disk;  // Null where the disk is not simulated.
  std::unique_ptr<Disk> disk;         // Then, this one of the present incarnation.
  std::unique_ptr<Node> node;         // Null unless running or stopping.
  std::deque<Delivery> held;          // Arrived while paused, or behind others that did.
  EventId start{};                    // The scheduled start, if any.
  std::optional<Duration> start_after_stop;
};

}  // namespace ottla::world
