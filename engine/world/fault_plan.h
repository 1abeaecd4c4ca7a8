// Random fault plans: from a seed, a sequence of faults and their repairs that ends with everything
// repaired.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/world/faults.h"

namespace ottla::world {

// How often which kind of fault is drawn, relative to the others; 0 is never.
struct FaultWeights {
  std::uint32_t kill = 3;
  std::uint32_t clean_restart = 1;
  std::uint32_t power_loss = 0;
  std::uint32_t pause = 2;
  std::uint32_t cut = 3;  // One pair, both ways.
  std::uint32_t cut_one_way = 1;
  std::uint32_t isolate = 1;    // One process from all others.
  std::uint32_t slow_link = 2;  // Latency or loss.
  std::uint32_t reset = 1;
  std::uint32_t slow_disk = 1;
  std::uint32_t skew = 1;
  std::uint32_t narrow_link = 0;  // Bandwidth.
  std::uint32_t disk_full = 0;    // And started again once there is room.
  std::uint32_t disk_error = 0;   // Writes, syncs or reads fail.
  std::uint32_t zone_outage = 0;  // A zone is cut off from all others.
};

// To begin from, where only some are wanted.
inline constexpr FaultWeights no_faults{.kill = 0,
                                        .clean_restart = 0,
                                        .power_loss = 0,
                                        .pause = 0,
                                        .cut = 0,
                                        .cut_one_way = 0,
                                        .isolate = 0,
                                        .slow_link = 0,
                                        .reset = 0,
                                        .slow_disk = 0,
                                        .skew = 0};

struct FaultProfile {
  FaultWeights weights;
  Duration between_mean = Duration::seconds(5);  // From one fault to the next, exponential.
  Duration lasts_min = Duration::millis(200);    // From a fault to its repair, uniform.
  Duration lasts_max = Duration::seconds(15);
  // Of processes killed, paused or isolated at the same time.
  std::size_t impaired_max = 1;
  // The share of the duration at the end that stays without faults, so that the cluster settles.
  double quiet_share = 0.25;
  // Of the times that a process is down, in how many a bit of its disk rots. Only what a start
  // makes good rots so: what Kafka neither notices nor gets back would stay broken.
  double rot_share = 0;
};

// Whom faults may befall: nodes, the links among them, the zones they stand in, and the devices
// mounted in folders of each node's disk.
struct FaultTargets {
  std::vector<ProcessId> nodes;
  std::vector<std::vector<ProcessId>> zones = {};  // Of the nodes.
  std::vector<std::string> folders = {};           // None: a disk fails as a whole.
  std::vector<ProcessId> observers = {};           // Nodes that have no vote in the quorum.
};
[[nodiscard]] FaultTargets targets_among(const World& world, std::vector<ProcessId> nodes);

// The same draws give the same plan. There is at least one node.
[[nodiscard]] FaultPlan random_plan(Prng prng, const FaultTargets& targets, Duration duration,
                                    const FaultProfile& profile = {});

}  // namespace ottla::world
