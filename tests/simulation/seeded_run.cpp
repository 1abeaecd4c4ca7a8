#include "tests/simulation/seeded_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/world/cluster.h"
#include "engine/world/fault_plan.h"

namespace ottla::test {
namespace {

constexpr Duration settling_in = Duration::seconds(3);
constexpr Duration faulty = Duration::seconds(30);
// At most and at least: once all is well, it stays so for a while.
constexpr Duration settling_down = Duration::seconds(20);
constexpr Duration settled = Duration::seconds(5);

std::string what_is_unsettled(const observe::Snapshot& snapshot) {
  std::string text;
  if (snapshot.health.offline > 0)
    text += fmt::format("{} partitions offline; ", snapshot.health.offline);
  if (snapshot.health.under_replicated > 0) {
    text += fmt::format("{} partitions under-replicated; ", snapshot.health.under_replicated);
  }
  return text;
}

void settle(world::Cluster& cluster) {
  const Instant last = cluster.world().now() + settling_down;
  Instant until = cluster.world().now() + settled;
  while (cluster.world().now() < std::min(until, last)) {
    cluster.run_until(cluster.world().now() + Duration::seconds(1));
    if (!what_is_unsettled(*cluster.snapshot({})).empty()) until = cluster.world().now() + settled;
  }
}

}  // namespace

world::ClusterSpec seeded_spec(std::uint64_t seed) {
  world::ClusterSpec spec;
  spec.seed = seed;
  spec.brokers = 3;
  spec.controllers = seed % 2 == 0 ? 3 : 1;
  spec.workload = world::WorkloadSpec::everyday(3);
  for (world::ProducerSpec& producer : spec.workload.producers) producer.records_per_s = 60;
  // Few, since every partition costs time in every run.
  spec.settings["offsets.topic.num.partitions"] = "5";
  spec.settings["replica.lag.time.max.ms"] = "10000";
  // So that nodes begin from snapshots, too.
  if (seed % 4 == 0) spec.settings["metadata.log.max.record.bytes.between.snapshots"] = "5000";
  return spec;
}

RunOutcome run_under_faults(world::ClusterSpec spec) {
  world::Cluster cluster(std::move(spec));
  const Instant start = cluster.world().now();
  cluster.run_until(start + settling_in);
  world::FaultProfile profile;
  profile.between_mean = Duration::seconds(4);
  // A lone controller has nobody to take over: its faults would only make everybody wait.
  const auto victims = cluster.controllers().size() > 1 ? cluster.nodes() : cluster.brokers();
  const auto plan =
      world::random_plan(cluster.world().stream("faults"),
                         world::targets_among(cluster.world(), victims), faulty, profile);
  world::schedule(cluster.world(), plan);
  cluster.run_until(start + settling_in + faulty);
  settle(cluster);
  cluster.check_everything();

  const auto snapshot = cluster.snapshot({});
  RunOutcome outcome;
  outcome.trace_hash = cluster.world().trace_hash();
  for (const observe::ProducerState& producer : snapshot->producers)
    outcome.acknowledged += producer.acknowledged;
  for (const auto& group : snapshot->groups) {
    for (const auto& partition : group->partitions) {
      outcome.consumed += partition.committed.value_or(Offset{0}).value();
    }
  }
  for (const world::Violation& violation : cluster.violations().kept()) {
    outcome.violations += fmt::format("{}: {}\n", violation.invariant, violation.text);
  }
  outcome.unsettled = what_is_unsettled(*snapshot);
  return outcome;
}

}  // namespace ottla::test
