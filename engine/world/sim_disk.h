// A machine's disk: a memory file system that survives its processes, with faults, and the time
// that a sync takes. One process at a time uses it, as its Disk.
//
//   SimDisk machine(timing, Prng::split(seed, "disk-1"));
//   Disk& disk = machine.start_process(scheduler);   // scheduler: arm an event after
//   machine.sync_duration(id);
//   ...                                              // as it fires: machine.finish_sync(id),
//   Node::on_disk. machine.end_process();                           // A kill: all that was written
//   is kept. machine.lose_power();                            // What was not synced is gone, or
//   torn.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/env/memory_disk.h"
#include "engine/env/memory_file_system.h"
#include "engine/env/sync_scheduler.h"

namespace ottla::world {

struct SimDiskTiming {
  Duration sync_latency = Duration::micros(500);
  Duration sync_jitter_max = Duration::micros(500);  // Added uniformly.
  std::int64_t bytes_per_second = 500'000'000;       // What a sync writes; 0 is without limit.
};

class SimDisk {
 public:
  SimDisk(const SimDiskTiming& timing, Prng draws) : timing_(timing), draws_(draws) {}
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // The disk as a new process sees it. `scheduler` outlives the process. A process that is there
  // has ended.
  [[nodiscard]] Disk& start_process(SyncScheduler& scheduler);
  // Killed or stopped: its files are closed, and its syncs under way never finish.
  void end_process() { process_.reset(); }

  // How long a sync that was just scheduled takes. One draw: ask once for each.
  [[nodiscard]] Duration sync_duration(DiskOperationId operation);
  // A sync's time has passed: its bytes are on stable storage. Call this before Node::on_disk.
  void finish_sync(DiskOperationId operation);

  // Ends the process, and drops or tears what was not synced.
  void lose_power();
  // Flips one bit somewhere in those places; tells in which file.
  std::optional<std::string> rot_bit(const std::vector<FileRange>& places) {
    return files_.rot_bit(draws_, places);
  }
  [[nodiscard]] DiskFaults& faults() { return files_.faults; }
  // Of what is mounted in a folder; "" is the whole disk.
  [[nodiscard]] DiskFaults& faults_below(std::string_view folder) {
    return files_.faults_below(folder);
  }
  [[nodiscard]] SimDiskTiming& timing() { return timing_; }
  [[nodiscard]] const MemoryFileSystem& files() const { return files_; }
  [[nodiscard]] std::uint64_t used_bytes() const { return files_.used_bytes(); }

 private:
  SimDiskTiming timing_;
  Prng draws_;
  MemoryFileSystem files_;
  std::unique_ptr<MemoryDisk> process_;
};

}  // namespace ottla::world
