#include "app/desktop/session_factory.h"

#include <random>
#include <vector>

#include "app/desktop/local_cluster.h"
#include "engine/runtime/wall_date.h"

namespace ottla::desktop {
namespace {

// Where free ports are sought: bases with room for a cluster between them.
constexpr std::uint16_t first_port = 9092;
constexpr std::uint16_t port_step = 200;
constexpr int port_tries = 100;
constexpr std::uint64_t usual_seed = 42;

runtime::SimulationOptions simulation_options(const DesktopOptions& options, std::uint16_t port) {
  runtime::SimulationOptions simulation;
  simulation.title = "three brokers, a small workload";
  if (options.brokers != 3) simulation.title = std::to_string(options.brokers) + " brokers";
  simulation.running = !options.at;
  simulation.cluster.seed = options.seed.value_or(usual_seed);
  // A picture replays; a cluster that real clients use lives in their time.
  if (!options.at) simulation.cluster.start = runtime::wall_date();
  simulation.cluster.brokers = options.brokers;
  simulation.cluster.controllers = options.controllers;
  simulation.cluster.combined = options.combined;
  simulation.cluster.port = port;
  simulation.cluster.workload = world::WorkloadSpec::everyday(options.brokers);
  return simulation;
}

Result<std::unique_ptr<LocalCluster>, std::string> make_cluster(const DesktopOptions& options,
                                                                std::uint16_t port) {
  runtime::SimulationOptions simulation = simulation_options(options, port);
  std::unique_ptr<data::DataDirectory> directory;
  if (!options.data_dir.empty()) {
    auto opened =
        data::DataDirectory::open(options.data_dir.string(), simulation.cluster.node_ids(), {});
    if (!opened) return failure(opened.error());
    directory = std::move(*opened);
    simulation.cluster.cluster_id = directory->cluster_id();
    simulation.cluster.make_disk = [from = directory.get()](const std::string& process,
                                                            SyncScheduler& scheduler) {
      return from->disk_of(process, scheduler);
    };
  }
  return std::make_unique<LocalCluster>(std::move(simulation), std::move(directory));
}

Result<std::unique_ptr<LocalCluster>, std::string> make_listening(const DesktopOptions& options) {
  const int tries = options.port == 0 ? port_tries : 1;
  std::uint16_t port = options.port == 0 ? first_port : options.port;
  for (int i = 1;; ++i, port = static_cast<std::uint16_t>(port + port_step)) {
    auto cluster = make_cluster(options, port);
    if (!cluster) return cluster;
    const auto listening = (*cluster)->listen();
    if (listening) return cluster;
    if (i == tries) return failure(listening.error());
  }
}

}  // namespace

Result<std::unique_ptr<observe::ClusterSession>, std::string> make_session(
    const DesktopOptions& options) {
  if (options.at) {
    auto cluster = make_cluster(options, options.port == 0 ? first_port : options.port);
    if (!cluster) return failure(cluster.error());
    if (options.kill_leader_at) {
      if (auto killed = (*cluster)->kill_leader_at(*options.kill_leader_at); !killed)
        return failure(killed.error());
    }
    (*cluster)->show_at(*options.at);
    return std::unique_ptr<observe::ClusterSession>(std::move(*cluster));
  }
  auto cluster = make_listening(options);
  if (!cluster) return failure(cluster.error());
  (*cluster)->start();
  return std::unique_ptr<observe::ClusterSession>(std::move(*cluster));
}

}  // namespace ottla::desktop
