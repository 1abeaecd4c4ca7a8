// Runs one experiment: the cluster comes up, faults befall it, everything is healed, the readers
// catch up; and tells what did not hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/explore/experiment.h"
#include "engine/world/fault_plan.h"

namespace ottla::explore {

// What did not hold. Times count from the world's beginning.
struct Failure {
  std::string what;  // The invariant's sentence, the anomaly's name, or "did not converge".
  Duration at;
  std::string text;
};

struct Outcome {
  world::FaultPlan plan;
  std::vector<std::string> plan_lines;   // "00:07.250 kill 2"
  std::vector<Failure> failures;         // In the order in which they were found.
  std::vector<std::string> last_events;  // Before the run ended, where it failed.
  Duration virtual_time;
  std::uint64_t events = 0;
  std::uint64_t trace_hash = 0;
  std::int64_t acknowledged = 0;  // Records.
  std::int64_t read = 0;
};

inline constexpr std::string_view did_not_converge = "did not converge";

// With the faults that the seed draws, or with `plan`. Ends at the first second in which something
// did not hold.
[[nodiscard]] Outcome run(const Experiment& experiment,
                          const std::optional<world::FaultPlan>& plan = std::nullopt);

// The fewest faults of a failing run's plan, taken away one by one, that still break the same
// thing; a fault and its repair go together. `outcome` is of a run that failed.
[[nodiscard]] Outcome minimize(const Experiment& experiment, Outcome outcome);

}  // namespace ottla::explore
