// Faults as plain values: what a person, a scenario or a random plan does to a world.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/prng.h"
#include "engine/world/link.h"
#include "engine/world/process_id.h"
#include "engine/world/rot.h"

namespace ottla::world {

class World;

namespace fault {

struct Start {
  ProcessId process;
};
struct Kill {
  ProcessId process;
};
struct PowerLoss {
  ProcessId process;
};
struct Shutdown {
  ProcessId process;
};
struct Restart {
  ProcessId process;
  Duration after;
  bool clean = false;  // Shut down first, instead of killed.
};
struct Pause {
  ProcessId process;
};
struct Resume {
  ProcessId process;
};
struct Skew {
  ProcessId process;
  Duration by;
};
struct Cut {
  ProcessId from;
  ProcessId to;
  bool both_ways = true;
};
struct Heal {
  ProcessId from;
  ProcessId to;
  bool both_ways = true;
};
struct SetLink {
  ProcessId from;
  ProcessId to;
  std::optional<LinkSpec> spec;  // Nothing: what the network gives such a link by itself.
  bool both_ways = true;
};
struct ResetConnections {
  ProcessId a;
  ProcessId b;
};
// How long a sync takes beyond its bytes' time; nothing: as the disk was made.
struct SlowDisk {
  ProcessId process;
  std::optional<Duration> sync_latency;
};

// What the disk refuses from now on, in place of what it refused before; or the device that is
// mounted in one of its folders.
enum class DiskTrouble : std::uint8_t { none, full, read_errors, write_errors, sync_errors };
struct SpoilDisk {
  ProcessId process;
  DiskTrouble trouble = DiskTrouble::none;
  std::string folder = {};  // Empty: the whole disk.
};
// One bit of one file of that kind whose path begins with `prefix` turns around.
struct RotBit {
  ProcessId process;
  std::string prefix = {};
  RotIn where = RotIn::any_file;
};

}  // namespace fault

using Fault =
    std::variant<fault::Start, fault::Kill, fault::PowerLoss, fault::Shutdown, fault::Restart,
                 fault::Pause, fault::Resume, fault::Skew, fault::Cut, fault::Heal, fault::SetLink,
                 fault::ResetConnections, fault::SlowDisk, fault::SpoilDisk, fault::RotBit>;

// Does it, now.
void apply_fault(World& world, const Fault& fault);
// One line: "cut broker-1 <-> broker-2".
[[nodiscard]] std::string describe(const World& world, const Fault& fault);

struct TimedFault {
  Duration after;  // The plan's beginning.
  Fault fault;
  std::size_t act =
      0;  // What a fault and its repair have in common: neither goes without the other.
};
using FaultPlan = std::vector<TimedFault>;  // In order of time.

// Schedules a whole plan, from now on.
void schedule(World& world, const FaultPlan& plan);

}  // namespace ottla::world
