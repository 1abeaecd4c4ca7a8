// One seeded run: a cluster of three brokers with its everyday workload, under random kills, pauses
// and cuts, until everything is healed and has settled.
#pragma once

#include <cstdint>
#include <string>

#include "engine/world/cluster_spec.h"

namespace ottla::test {

struct RunOutcome {
  std::uint64_t trace_hash = 0;
  std::int64_t acknowledged = 0;
  std::int64_t consumed = 0;
  std::string violations;  // Empty when every invariant held.
  std::string unsettled;   // What did not converge after the faults; empty when all did.
};

[[nodiscard]] world::ClusterSpec seeded_spec(std::uint64_t seed);
[[nodiscard]] RunOutcome run_under_faults(world::ClusterSpec spec);
[[nodiscard]] inline RunOutcome run_seed(std::uint64_t seed) {
  return run_under_faults(seeded_spec(seed));
}

}  // namespace ottla::test
