#include "engine/explore/profile.h"

#include <algorithm>
#include <array>

namespace ottla::explore {
namespace {

using world::FaultProfile;
using world::FaultWeights;
using world::no_faults;

FaultProfile faults(const FaultWeights& weights, Duration between, Duration lasts_max) {
  FaultProfile profile;
  profile.weights = weights;
  profile.between_mean = between;
  profile.lasts_max = lasts_max;
  profile.quiet_share = 0;  // What comes after the faults is a phase of its own.
  return profile;
}

// What an operator does on a good day: restarts, one after the other.
FaultProfile calm() {
  FaultWeights weights = no_faults;
  weights.clean_restart = 1;
  return faults(weights, Duration::seconds(10), Duration::seconds(4));
}

FaultProfile network() {
  FaultWeights weights = no_faults;
  weights.cut = 3;
  weights.cut_one_way = 3;
  weights.isolate = 2;
  weights.slow_link = 3;
  weights.narrow_link = 1;
  weights.reset = 2;
  weights.zone_outage = 1;
  return faults(weights, Duration::seconds(2), Duration::seconds(12));
}

FaultProfile disk() {
  FaultWeights weights = no_faults;
  weights.power_loss = 4;
  weights.kill = 1;
  weights.slow_disk = 2;
  weights.disk_full = 2;
  weights.disk_error = 2;
  FaultProfile profile = faults(weights, Duration::seconds(3), Duration::seconds(8));
  profile.rot_share = 0.5;
  return profile;
}

FaultProfile havoc() {
  FaultWeights weights;
  weights.power_loss = 2;
  weights.cut_one_way = 2;
  weights.narrow_link = 1;
  weights.disk_full = 1;
  weights.disk_error = 1;
  weights.zone_outage = 1;
  FaultProfile profile = faults(weights, Duration::millis(1500), Duration::seconds(12));
  profile.impaired_max = 2;
  profile.rot_share = 0.3;
  return profile;
}

// Restarts, and where the profile is rough, kills and pauses.
FaultProfile members(bool rough) {
  FaultWeights weights = no_faults;
  weights.clean_restart = 1;
  weights.kill = rough ? 2 : 0;
  weights.pause = rough ? 1 : 0;
  return faults(weights, Duration::seconds(8), Duration::seconds(8));
}

}  // namespace

std::span<const Profile> profiles() {
  static const std::array<Profile, 4> all{{
      {"calm", "clean restarts alone", calm(), members(false)},
      {"network", "cuts, one-way cuts, zones cut off, slow, lossy and narrow links, resets",
       network(), members(true)},
      {"disk",
       "power losses, rotten bits, full disks, read, write and sync errors, slow disks, kills",
       disk(), members(true)},
      {"havoc", "everything at once, two nodes at a time", havoc(), members(true)},
  }};
  return all;
}

const Profile* find_profile(std::string_view name) {
  const auto all = profiles();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Profile& p) { return p.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace ottla::explore
