// One seeded run: a cluster of three brokers with its everyday workload, under random kills, pauses
// and cuts, until everything is healed and has settled.
#pragma once

#include <cstdint>
#include <string>

namespace ottla::test {

struct RunOutcome {
  std::uint64_t trace_hash = 0;
  std::int64_t acknowledged = 0;
  std::int64_t consumed = 0;
  std::string violations;  // Empty when every invariant held.
  std::string unsettled;   // What did not converge after the faults; empty when all did.
};

[[nodiscard]] RunOutcome run_seed(std::uint64_t seed);

}  // namespace ottla::test
