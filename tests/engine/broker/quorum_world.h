// Controllers, and brokers as far as the metadata quorum is concerned, in a simulated world.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/broker/server_node.h"
#include "engine/world/world.h"
#include "tests/engine/broker/quorum_follower.h"

namespace ottla::broker::test {

using namespace world;
using protocol::ErrorCode;

struct Quorum {
  // Where there are `initial` voters, the log says who votes.
  explicit Quorum(metadata::ConfigValues server = {}, int count = 1, raft::VoterSet initial = {})
      : settings(std::move(server)),
        controllers(count),
        initial_voters(std::move(initial)),
        voters_in_log(!initial_voters.empty()),
        world(WorldSpec{}) {
    for (const ControllerVoter& voter : voters_of(controllers)) add_controller(voter);
    controller_process = controller_processes.front();
  }
  void add_controller(const ControllerVoter& voter) {
    ProcessSpec spec;
    spec.name = spec.host = voter.endpoint.host;
    spec.listeners = {voter.endpoint};
    spec.broker = voter.id;
    spec.make = [this, voter](Env env) {
      ServerConfig config;
      config.node_id = voter.id;
      config.cluster_id = "cluster";
      config.controller = voter.endpoint;
      config.voters = voters_of(controllers);
      config.voters_in_log = voters_in_log;
      config.initial_voters = initial_voters;
      config.settings = settings;
      return std::make_unique<ServerNode>(env, std::move(config));
    };
    controller_processes.push_back(world.add(spec));
    world.start(controller_processes.back());
  }
  // Where the active controller stands among them.
  [[nodiscard]] std::size_t active() const {
    for (std::size_t place = 0; place < controller_processes.size(); ++place) {
      const bool is_up = world.node_of(controller_processes[place]) != nullptr;
      if (is_up && at(place).is_active()) return place;
    }
    qFatal("no controller is active");
    return 0;
  }
  [[nodiscard]] const ControllerNode& at(std::size_t place) const {
    return *server(controller_processes.at(place)).controller();
  }
  void add_follower(int id) {
    ProcessSpec spec;
    spec.name = spec.host = "broker-" + std::to_string(id);
    spec.broker = BrokerId{id};
    spec.make = [this, id](Env env) {
      auto node = std::make_unique<Follower>(env, BrokerId{id}, controllers, voters_in_log);
      followers[id] = node.get();
      return node;
    };
    follower_processes[id] = world.add(spec);
    world.start(follower_processes[id]);
  }
  const ControllerNode& controller() const { return *server(controller_process).controller(); }
  [[nodiscard]] const ServerNode& server(ProcessId process) const {
    return *static_cast<const ServerNode*>(world.node_of(process));
  }
  // Registers a broker and lets it be unfenced.
  BrokerEpoch bring_up(int id) {
    protocol::BrokerRegistrationRequest request;
    request.broker_id = BrokerId{id};
    request.cluster_id = "cluster";
    request.incarnation_id = Uuid(1, static_cast<std::uint64_t>(++incarnations));
    request.rack.reset();
    request.log_dirs = {Uuid(7, static_cast<std::uint64_t>(id))};
    request.features.push_back(
        {.name = "metadata.version", .min_supported_version = 7, .max_supported_version = 27});
    request.features.push_back({.name = "eligible.leader.replicas.version",
                                .min_supported_version = 0,
                                .max_supported_version = 1});
    request.features.push_back(
        {.name = "group.version", .min_supported_version = 0, .max_supported_version = 1});
    followers[id]->ask(request, ApiVersion{4});
    world.run_for(Duration::millis(300));
    const auto registered = followers[id]->take<protocol::BrokerRegistrationResponse>();
    if (!registered || registered->error_code != ErrorCode::none) return no_broker_epoch;
    protocol::BrokerHeartbeatRequest beat;
    beat.broker_id = BrokerId{id};
    beat.broker_epoch = registered->broker_epoch;
    beat.current_metadata_offset = followers[id]->replica.image().applied_offset();
    followers[id]->ask(beat, ApiVersion{1});
    world.run_for(Duration::millis(300));
    const auto answered = followers[id]->take<protocol::BrokerHeartbeatResponse>();
    return answered && !answered->is_fenced ? registered->broker_epoch : no_broker_epoch;
  }

  const metadata::ConfigValues settings;
  const int controllers;
  const raft::VoterSet initial_voters;
  bool voters_in_log;  // What nodes are configured with that start from now on.
  std::map<int, Follower*> followers;
  std::map<int, ProcessId> follower_processes;
  World world;
  std::vector<ProcessId> controller_processes;
  ProcessId controller_process{};
  int incarnations = 0;
};

}  // namespace ottla::broker::test
