// How fast the simulation runs: a cluster with one topic under a steady load, for some virtual
// seconds, as fast as it can.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "engine/heap/recycled_blocks.h"
#include "engine/world/cluster.h"

namespace ottla::bench {
namespace {

constexpr Duration settling_in = Duration::seconds(3);

struct Options {
  std::uint64_t seed = 1;
  std::int32_t brokers = 3;
  std::int32_t partitions = 6;
  std::int32_t producers = 2;
  double rate = 1000;
  std::int32_t record_bytes = 100;
  std::int32_t keys = 1000;
  std::int64_t linger_ms = 5;
  std::int64_t seconds = 60;
};

world::ClusterSpec spec_of(const Options& options) {
  world::ClusterSpec spec;
  spec.seed = options.seed;
  spec.brokers = options.brokers;
  spec.keeps_history = false;
  world::TopicSpec topic;
  topic.name = "bench";
  topic.partitions = options.partitions;
  topic.replication_factor = static_cast<std::int16_t>(std::min(options.brokers, 3));
  spec.workload.topics.push_back(topic);
  for (std::int32_t n = 0; n < options.producers; ++n) {
    world::ProducerSpec producer;
    producer.name = fmt::format("producer-{}", n + 1);
    producer.topic = topic.name;
    producer.records_per_s = options.rate / options.producers;
    producer.record_bytes = options.record_bytes;
    producer.keys = options.keys;
    producer.linger = Duration::millis(options.linger_ms);
    spec.workload.producers.push_back(producer);
  }
  return spec;
}

std::uint64_t acknowledged(world::Cluster& cluster) {
  std::uint64_t sum = 0;
  for (const observe::ProducerState& producer : cluster.snapshot({})->producers) {
    sum += static_cast<std::uint64_t>(producer.acknowledged);
  }
  return sum;
}

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

int run(const Options& options) {
  world::Cluster cluster(spec_of(options));
  cluster.run_until(cluster.world().now() + settling_in);
  const std::uint64_t events_before = cluster.world().events_delivered();
  const std::uint64_t acknowledged_before = acknowledged(cluster);
  const heap::RecycledBlocks& blocks = heap::recycled_blocks();
  const std::uint64_t made_before = blocks.made();
  const std::uint64_t released_before = blocks.released();
  const auto start = std::chrono::steady_clock::now();
  cluster.run_until(cluster.world().now() + Duration::seconds(options.seconds));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;

  const auto events = static_cast<double>(cluster.world().events_delivered() - events_before);
  const auto made = static_cast<double>(blocks.made() - made_before);
  const auto released = static_cast<double>(blocks.released() - released_before);
  const std::uint64_t records = acknowledged(cluster) - acknowledged_before;
  fmt::print("{} brokers, {} partitions, {} records/s for {} virtual seconds (seed {})\n",
             options.brokers, options.partitions, options.rate, options.seconds, options.seed);
  fmt::print("took {:.3f} s: {:.1f} virtual seconds/s, {:.0f} events/s\n", took.count(),
             static_cast<double>(options.seconds) / took.count(), events / took.count());
  fmt::print("{} records acknowledged, {:.1f} events a record\n", records,
             records == 0 ? 0.0 : events / static_cast<double>(records));
  fmt::print("{:.3f} blocks asked of malloc an event, {:.3f} of them stay\n", made / events,
             (made - released) / events);
  fmt::print("trace hash {:016x}\n", cluster.world().trace_hash());
  fmt::print("peak RSS {:.1f} MB\n", peak_rss_mb());
  for (const world::Violation& violation : cluster.violations().kept()) {
    fmt::print(stderr, "violated: {}: {}\n", violation.invariant, violation.text);
  }
  const bool worked = records > 0 || options.producers == 0;
  return worked && cluster.violations().kept().empty() ? 0 : 1;
}

}  // namespace
}  // namespace ottla::bench

int main(int argc, char** argv) {
  ottla::bench::Options options;
  CLI::App app("Measures how fast a simulated cluster runs");
  app.add_option("--seed", options.seed, "The seed of the run")->capture_default_str();
  app.add_option("--brokers", options.brokers, "How many brokers")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--partitions", options.partitions, "The topic's partitions")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--producers", options.producers, "How many producers share the rate; 0: idle")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--rate", options.rate, "Records a virtual second, of all producers")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--record-bytes", options.record_bytes, "Bytes of a record's value")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--keys", options.keys,
                 "Distinct keys; 0: records without keys, which fill one batch after another")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--linger-ms", options.linger_ms, "linger.ms of the producers")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Virtual seconds to measure")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return ottla::bench::run(options);
}
