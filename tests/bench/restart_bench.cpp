// How long a broker with much on its disk takes to serve again after a clean shutdown: real files
// in a folder, one broker, and real time from its start until it is unfenced and leads every
// partition.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/env/posix_disk.h"
#include "engine/world/cluster.h"

namespace ottla::bench {
namespace {

constexpr Duration settling_in = Duration::seconds(5);
constexpr Duration ends_within = Duration::seconds(300);
constexpr Duration step = Duration::millis(20);
constexpr double batches_per_s = 1000;
constexpr std::int32_t record_bytes = 500'000;

struct Options {
  std::string folder;
  std::int32_t partitions = 1000;
  double gigabytes = 10;
};

world::ClusterSpec spec_of(const Options& options) {
  world::ClusterSpec spec;
  spec.brokers = 1;
  spec.keeps_history = false;
  spec.cluster_id = "AAAAAAAAAAAAAAAAAAAAAg";
  spec.settings["offsets.topic.num.partitions"] = "1";
  spec.make_disk = [root = options.folder](const std::string& process, SyncScheduler& scheduler) {
    auto disk = PosixDisk::open_folder(root + "/" + process, scheduler);
    if (!disk) {
      fmt::print(stderr, "{}\n", disk.error());
      std::exit(1);
    }
    return std::unique_ptr<Disk>(std::move(*disk));
  };
  return spec;
}

world::ClusterSpec with_load(world::ClusterSpec spec, const Options& options) {
  world::TopicSpec topic;
  topic.name = "bench";
  topic.partitions = options.partitions;
  spec.workload.topics.push_back(topic);
  world::ProducerSpec producer;
  producer.name = "filler";
  producer.topic = topic.name;
  producer.records_per_s = batches_per_s;
  producer.record_bytes = record_bytes;
  producer.keys = 100'000;
  spec.workload.producers.push_back(producer);
  return spec;
}

std::uintmax_t bytes_in(const std::string& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

bool serves(world::Cluster& cluster, std::int32_t partitions) {
  const metadata::Image* image = cluster.newest_image();
  const metadata::Topic* topic =
      image == nullptr ? nullptr : image->topic(std::string_view("bench"));
  return cluster.all_brokers_serving() && topic != nullptr &&
         topic->partitions.size() == static_cast<std::size_t>(partitions) &&
         cluster.snapshot({})->health.offline == 0;
}

// A whole life of the cluster, from an empty folder to a clean shutdown; when that was.
std::optional<Instant> fill(const Options& options) {
  world::Cluster cluster(with_load(spec_of(options), options));
  cluster.run_until(cluster.world().now() + settling_in);
  const double wanted = options.gigabytes * 1e9 / record_bytes;
  while (static_cast<double>(cluster.snapshot({})->producers.front().acknowledged) < wanted)
    cluster.run_until(cluster.world().now() + step);
  (void)cluster.apply({observe::SetProducerRate{"filler", 0}, {}});
  cluster.run_until(cluster.world().now() + settling_in);
  if (!serves(cluster, options.partitions)) return std::nullopt;
  cluster.shut_down_all(ends_within);
  return cluster.world().now();
}

int run(const Options& options) {
  const std::optional<Instant> filled = fill(options);
  if (!filled) return 1;
  world::ClusterSpec spec = spec_of(options);
  spec.start = *filled;
  const auto start = std::chrono::steady_clock::now();
  world::Cluster cluster(std::move(spec));
  const Instant until = cluster.world().now() + ends_within;
  while (!serves(cluster, options.partitions)) {
    if (cluster.world().now() >= until) return 1;
    cluster.run_until(cluster.world().now() + step);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{} partitions, {:.1f} GB: served {:.3f} s after its start\n", options.partitions,
             static_cast<double>(bytes_in(options.folder)) / 1e9, took.count());
  return cluster.violations().count() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ottla::bench

int main(int argc, char** argv) {
  ottla::bench::Options options;
  CLI::App app("Measures how long a broker with much on its disk takes to start");
  app.add_option("folder", options.folder, "Where its files go; must not be there yet")
      ->required()
      ->check(CLI::NonexistentPath);
  app.add_option("--partitions", options.partitions, "How many partitions it has")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--gigabytes", options.gigabytes, "How much is written before, in 10^9 bytes")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return ottla::bench::run(options);
}
