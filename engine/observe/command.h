// What a person, a script or a scenario can ask of a session: plain values. Impossible ones are
// refused with a reason and change nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/ids.h"
#include "engine/base/jitter.h"
#include "engine/base/time.h"

namespace ottla::observe {

// Processes are named as in the Snapshot: a broker or controller by its id ("2", "101"), a client
// by its name.

struct Kill {
  std::string process;
};  // SIGKILL: the page cache survives.
struct PowerLoss {
  std::string process;
};  // What was not synced is gone.
struct Shutdown {
  std::string process;
};  // Controlled shutdown.
struct Restart {
  std::string process;
};  // Starts it; kills it first when it runs.
struct Pause {
  std::string process;
};  // SIGSTOP, or a long garbage collection.
struct Resume {
  std::string process;
};

// Nothing passes from `from` to `to`, nor back unless `one_way`; connections stall as TCP's do.
struct CutLink {
  std::string from;
  std::string to;
  bool one_way = false;
};
struct HealLink {
  std::string from;
  std::string to;
};
struct HealAll {};
struct DelayLink {
  std::string from;
  std::string to;
  Duration latency;
  std::optional<Jitter> jitter = {};  // Nothing: as it is.
};
// This share (0 to 1) of the segments is lost, which shows as retransmission delay.
struct LoseOnLink {
  std::string from;
  std::string to;
  double share = 0;
};
struct NarrowLink {
  std::string from;
  std::string to;
  std::uint64_t bytes_per_s = 0;
};
// Every connection between the two is reset.
struct ResetLink {
  std::string from;
  std::string to;
};
// The nodes of a zone are cut off from all others.
struct CutZone {
  std::string zone;
};

struct SlowDisk {
  std::string process;
  Duration sync_latency;  // 0: as the disk was made.
};
// "full", "read_errors", "write_errors", "sync_errors", or "none" again.
struct SpoilDisk {
  std::string process;
  std::string trouble;
  std::string directory = {};  // One of the node's log.dirs; empty: its whole disk.
};
// One bit turns around in a file whose path begins so; such as "orders-0/". Nothing repairs it.
struct RotBit {
  std::string process;
  std::string path;
  std::string directory = {};  // One of the node's log.dirs; empty: the root of its disk.
};
struct SkewClock {
  std::string process;
  Duration by;  // Of the world's; negative is behind.
};

struct CreateTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication_factor = 1;
  std::map<std::string, std::string> config;
};
struct DeleteTopic {
  std::string name;
};

struct SetProducerRate {
  std::string producer;
  double records_per_s = 0;
};
// Sends this share (0 to 1) of the records with one key; 0 is uniform keys again.
struct SetHotKeyShare {
  std::string producer;
  double share = 0;
};

// The clock.
struct SetRunning {
  bool running = true;
};
struct SetSpeed {
  double speed = 1;
};                    // 0.01 to 1000; infinity is as fast as it can.
struct StepEvent {};  // One event.
struct StepTime {
  Duration by;
};
struct RunToNext {
  std::string event_kind;
};  // As name(EventKind) spells it.

using Action =
    std::variant<Kill, PowerLoss, Shutdown, Restart, Pause, Resume, CutLink, HealLink, HealAll,
                 DelayLink, LoseOnLink, NarrowLink, ResetLink, CutZone, SlowDisk, SpoilDisk, RotBit,
                 SkewClock, CreateTopic, DeleteTopic, SetProducerRate, SetHotKeyShare, SetRunning,
                 SetSpeed, StepEvent, StepTime, RunToNext>;

struct Command {
  Action action;
  // Undone after this long (a kill is followed by a restart, a cut by healing); nothing: it stays.
  std::optional<Duration> duration;
};

}  // namespace ottla::observe
