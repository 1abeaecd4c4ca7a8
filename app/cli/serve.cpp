#include "app/cli/serve.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>

#include "app/cli/stop_signals.h"
#include "app/data/data_directory.h"
#include "engine/broker/log_dir_places.h"
#include "engine/gateway/control_server.h"
#include "engine/gateway/kafka_gateway.h"
#include "engine/runtime/simulation_session.h"
#include "engine/runtime/wall_date.h"
#include "engine/world/cluster_spec.h"

namespace ottla::cli {
namespace {

constexpr auto ready_poll = std::chrono::milliseconds(2);
// Whoever may change the cluster sits at this machine, wherever its clients are.
constexpr const char* loopback = "127.0.0.1";

int fail(const std::string& why) {
  fmt::print(stderr, "ottla: {}.\n", why);
  return 1;
}

// What an operator must know of, as a line on stderr.
void log(const observe::Event& event) {
  if (event.severity < observe::Severity::warning) return;
  const std::int64_t ms = event.at.millis_since_epoch();
  fmt::print(stderr, "{:%F %H:%M:%S}.{:03} {:<7} {}\n", fmt::gmtime(ms / 1000), ms % 1000,
             observe::name(event.severity), event.text);
}

std::uint64_t drawn_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

// What clients are told to connect to. They cannot connect to "every address", so then it is this
// machine's name.
std::string advertised_host(const ServeOptions& options) {
  if (!options.advertise.empty()) return options.advertise;
  const bool every_address = options.bind == "0.0.0.0" || options.bind == "::";
  if (!every_address) return options.bind;
  std::array<char, 256> name{};
  const bool named = gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0';
  return named ? std::string(name.data()) : "127.0.0.1";
}

world::ClusterSpec spec_of(const ServeOptions& options) {
  world::ClusterSpec spec;
  spec.seed = options.seed.value_or(drawn_seed());
  spec.start = runtime::wall_date();
  spec.brokers = options.brokers;
  spec.controllers = options.controllers;
  spec.combined = options.combined;
  spec.kraft_version = options.kraft_version;
  spec.initial_voters = options.voters;
  spec.racks = options.racks;
  spec.cluster_id = options.cluster_id;
  spec.advertised_host = advertised_host(options);
  spec.port = options.port;
  spec.controller_port = options.controller_port;
  if (!options.log_dirs.empty()) spec.settings["log.dirs"] = options.log_dirs;
  if (!options.no_workload) spec.workload = world::WorkloadSpec::everyday(options.brokers);
  return spec;
}

std::vector<std::string> log_folders(const metadata::ConfigValues& settings) {
  std::vector<std::string> folders;
  for (const broker::LogDirPlace& place : broker::log_dir_places(settings).logs)
    folders.push_back(place.folder);
  return folders;
}

// The ports in a row that the nodes of one kind listen on.
struct Ports {
  std::string_view option;
  std::string_view whose;
  int first;
  int count;
  [[nodiscard]] int last() const { return first + count - 1; }
  [[nodiscard]] bool has(int port) const { return port >= first && port <= last(); }
};

std::string why_ports_impossible(const ServeOptions& options) {
  std::vector<Ports> rows{{"--port", "brokers", options.port, options.brokers}};
  if (options.controller_port) {
    rows.push_back(
        {"--controller-port", "controllers", *options.controller_port, options.controllers});
  }
  for (const Ports& row : rows) {
    if (row.last() > 65535) {
      return fmt::format(
          "{} {} from port {} on would need port {}; the last port is 65535. Choose a lower {}",
          row.count, row.whose, row.first, row.last(), row.option);
    }
    if (options.control_port && row.has(*options.control_port)) {
      return fmt::format("--control {} is one of the {}' ports, {} to {}. Choose another",
                         *options.control_port, row.whose, row.first, row.last());
    }
  }
  const bool overlap =
      rows.size() > 1 && (rows[0].has(rows[1].first) || rows[1].has(rows[0].first));
  if (!overlap) return {};
  return fmt::format(
      "The controllers' ports, {} to {}, and the brokers', {} to {}, overlap. "
      "Choose another --controller-port",
      rows[1].first, rows[1].last(), rows[0].first, rows[0].last());
}

std::string why_impossible(const ServeOptions& options) {
  if (options.voters > options.controllers) {
    return fmt::format("--voters {} are more than there are controllers. Choose --controllers {}",
                       options.voters, options.voters);
  }
  if (options.voters > 0 && options.kraft_version == 0)
    return "--voters needs --kraft-version 1: without it all controllers vote";
  return why_ports_impossible(options);
}

// Safe, as it is with Kafka: brokers that were not started are down, and what they hold waits for
// them. But somebody may have meant all of them.
void warn_of_left_out(const data::DataDirectory& directory, const ServeOptions& options) {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> controllers;
  for (const BrokerId id : directory.left_out())
    (id.value() < world::first_controller_id ? ids : controllers).push_back(id.value());
  if (!controllers.empty()) {
    fmt::print(stderr,
               "ottla: warning: {} also holds the data of {} {}, which {} not start with "
               "--controllers {}{}. What nobody else has of the metadata log is missing.\n",
               options.data_dir, controllers.size() == 1 ? "controller" : "controllers",
               fmt::join(controllers, ", "), controllers.size() == 1 ? "does" : "do",
               options.controllers, options.combined ? " --combined" : "");
  }
  if (ids.empty()) return;
  fmt::print(
      stderr,
      "ottla: warning: {} also holds the data of {} {}, which {} not start with --brokers "
      "{}. A partition whose in-sync replicas are all there is offline. Start with --brokers "
      "{} to have all.\n",
      options.data_dir, ids.size() == 1 ? "broker" : "brokers", fmt::join(ids, ", "),
      ids.size() == 1 ? "does" : "do", options.brokers, ids.back());
}

std::string listed(const std::vector<Endpoint>& listeners) {
  std::string bootstrap;
  for (const Endpoint& listener : listeners) {
    const bool v6 = listener.host.find(':') != std::string::npos;
    bootstrap += fmt::format(fmt::runtime(v6 ? "{}[{}]:{}" : "{}{}:{}"),
                             bootstrap.empty() ? "" : ",", listener.host, listener.port);
  }
  return bootstrap;
}

// How to reach the cluster, by the names of the clients' configs.
void announce(const runtime::SimulationSession& session, const std::string& control) {
  fmt::print("bootstrap.servers={}\n", listed(session.listeners()));
  const std::vector<Endpoint> controllers = session.controller_listeners();
  if (!controllers.empty()) fmt::print("bootstrap.controllers={}\n", listed(controllers));
  if (!control.empty()) fmt::print("control={}\n", control);
  std::fflush(stdout);
}

// Serves until a signal, from when everything listens.
void serve_until_stopped(runtime::SimulationSession& session, gateway::KafkaGateway& kafka,
                         gateway::ControlServer* control) {
  StopSignals signals;
  session.start();
  kafka.start();
  if (control != nullptr) control->start();
  bool stopped = false;
  while (!stopped && !session.is_ready()) stopped = signals.wait_for(ready_poll);
  if (!stopped) {
    announce(session, control == nullptr ? "" : control->address());
    signals.wait();
  }
}

}  // namespace

int serve(const ServeOptions& options) {
  if (const std::string why = why_impossible(options); !why.empty()) return fail(why);
  runtime::SimulationOptions simulation;
  simulation.cluster = spec_of(options);
  simulation.title = "serve";
  simulation.speed = options.speed;
  simulation.tell = log;
  std::unique_ptr<data::DataDirectory> directory;
  if (!options.data_dir.empty()) {
    auto opened =
        data::DataDirectory::open(options.data_dir, simulation.cluster.node_ids(),
                                  options.cluster_id, log_folders(simulation.cluster.settings));
    if (!opened) return fail(opened.error());
    directory = std::move(*opened);
    warn_of_left_out(*directory, options);
    simulation.cluster.cluster_id = directory->cluster_id();
    simulation.cluster.make_disk = [&directory](const std::string& process,
                                                SyncScheduler& scheduler) {
      return directory->disk_of(process, scheduler);
    };
  }
  runtime::SimulationSession session(std::move(simulation));
  gateway::KafkaGateway kafka(session, gateway::ConnectionLimits());
  for (const Endpoint& listener : session.listeners()) {
    if (auto listening = kafka.listen(listener, options.bind); !listening)
      return fail(listening.error());
  }
  for (const Endpoint& listener : session.controller_listeners()) {
    if (auto listening = kafka.listen(listener, options.bind, "--controller-port"); !listening)
      return fail(listening.error());
  }
  std::unique_ptr<gateway::ControlServer> control;
  if (options.control_port) {
    control = std::make_unique<gateway::ControlServer>(session);
    const auto listening = control->listen(loopback, *options.control_port);
    if (!listening) return fail(listening.error());
  }
  serve_until_stopped(session, kafka, control.get());
  if (control) control->stop();
  kafka.stop();
  session.stop();
  return 0;
}

}  // namespace ottla::cli
