// A small cluster under load for a test to do things to: one topic, one producer.
#pragma once

#include <string>

#include "engine/world/cluster.h"

namespace ottla::test {

// Two partitions of `orders` in segments of 1 MiB, and 2,000 records/s of 400 bytes into them.
[[nodiscard]] world::ClusterSpec small_segments(std::uint64_t seed);

struct Scene {
  // Begins ten seconds in, when all is at work.
  explicit Scene(const world::ClusterSpec& spec);

  void run(Duration time) { cluster.run_until(cluster.world().now() + time); }
  [[nodiscard]] std::int64_t acknowledged() {
    return cluster.snapshot({})->producers.front().acknowledged;
  }
  // Every partition has a leader and all its replicas in sync.
  [[nodiscard]] bool healthy();
  // A line for each broken invariant, all logs compared.
  [[nodiscard]] std::string violations();

  world::Cluster cluster;
};

}  // namespace ottla::test
