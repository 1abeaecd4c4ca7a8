#include "tests/simulation/scene.h"

#include <fmt/format.h>

namespace ottla::test {

world::ClusterSpec small_segments(std::uint64_t seed) {
  world::ClusterSpec spec;
  spec.seed = seed;
  spec.settings["offsets.topic.num.partitions"] = "2";
  world::TopicSpec topic;
  topic.name = "orders";
  topic.partitions = 2;
  topic.replication_factor = 3;
  topic.config["segment.bytes"] = "1048576";
  spec.workload.topics.push_back(topic);
  spec.workload.producers.push_back(
      {.name = "shop", .topic = "orders", .records_per_s = 2000, .record_bytes = 400});
  return spec;
}

Scene::Scene(const world::ClusterSpec& spec) : cluster(spec) {
  run(Duration::seconds(10));
}

bool Scene::healthy() {
  const auto snapshot = cluster.snapshot({});
  return snapshot->health.offline == 0 && snapshot->health.under_replicated == 0;
}

std::string Scene::violations() {
  cluster.check_everything();
  std::string text;
  for (const world::Violation& violation : cluster.violations().kept())
    text += fmt::format("{}: {}\n", violation.invariant, violation.text);
  return text;
}

}  // namespace ottla::test
