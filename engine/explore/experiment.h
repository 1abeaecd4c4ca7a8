// What one seed of one profile runs: a random cluster with random settings and a random workload.
// The faults are drawn once the cluster stands, from a stream of its world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/explore/administration.h"
#include "engine/explore/profile.h"
#include "engine/world/cluster_spec.h"

namespace ottla::explore {

struct Experiment {
  const Profile* profile = nullptr;
  world::ClusterSpec cluster;  // With the seed.
  Duration faulty;             // How long faults befall it.
  Administration administration;
  bool faulty_members = false;  // Group members are killed, paused and restarted as well.
};

// The same profile and seed give the same experiment; with so many brokers, if that is asked for,
// instead of a number that is drawn.
[[nodiscard]] Experiment draw_experiment(const Profile& profile, std::uint64_t seed,
                                         std::optional<std::int32_t> brokers = {});

// "3 brokers, 3 controllers, 2 topics with 5 partitions, 2 producers, 3 consumers"
[[nodiscard]] std::string summary(const Experiment& experiment);
// Its settings, topics and producers, a line each: what to read beside a failure.
[[nodiscard]] std::string details(const Experiment& experiment);

}  // namespace ottla::explore
