// Controllers, and brokers as far as the metadata quorum is concerned, in a simulated world.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/controller/controller_node.h"
#include "engine/broker/controller/metadata_replica.h"
#include "engine/wire/channel.h"
#include "engine/world/world.h"
#include "tests/support/test_registry.h"

namespace ottla::broker::test {

using namespace world;
using protocol::ErrorCode;

inline const Endpoint controller_endpoint{"controller", 9093};

inline std::vector<ControllerVoter> voters_of(int count) {
  std::vector<ControllerVoter> voters{{BrokerId{101}, controller_endpoint}};
  for (int n = 2; n <= count; ++n)
    voters.push_back({BrokerId{100 + n}, Endpoint{"controller-" + std::to_string(n), 9093}});
  return voters;
}

// A broker that only follows the metadata log, and asks what a test asks.
class Follower : public Node {
 public:
  Follower(Env env, BrokerId id, int controllers)
      : env_(env), config_(config_of(id, controllers)), replica(env_, config_) {
    turn_to(controller_endpoint);
  }

  // Whom it asks from now on.
  void turn_to(const Endpoint& controller) {
    wire::ChannelOptions options;
    options.negotiate = false;
    channel_ = std::make_unique<wire::Channel>(controller, env_.network, env_.random, options);
  }

  template <class Request>
  void ask(const Request& request, ApiVersion version) {
    QVERIFY(channel_->send(request, version, wire::RequestToken{1}, env_.clock.now()));
    arm();
  }
  template <class Response>
  std::optional<Response> take() {
    if (answers.empty()) return std::nullopt;
    auto decoded = wire::decode_response<Response>(answers.front());
    answers.erase(answers.begin());
    if (!decoded) return std::nullopt;
    return *decoded;
  }

  void on_start() override {
    replica.start(Uuid{});
    arm();
  }
  void on_shutdown() override { stopped_ = true; }
  bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId, std::string_view) override {}
  void on_connected(ConnectionId connection) override {
    if (!replica.on_connected(connection)) channel_->on_connected(env_.clock.now());
    arm();
  }
  void on_connection_closed(ConnectionId connection) override {
    if (!replica.on_connection_closed(connection)) channel_->on_connection_closed(env_.clock.now());
    arm();
  }
  void on_message(ConnectionId connection, ByteChain frame) override {
    if (!replica.on_message(connection, frame)) channel_->on_message(frame, env_.clock.now());
    arm();
  }
  void on_timer(TimerId) override {
    armed_ = false;
    replica.on_time();
    channel_->expire(env_.clock.now());
    arm();
  }
  void on_disk(DiskOperationId, DiskResult<void>) override {}

 private:
  static BrokerConfig config_of(BrokerId id, int controllers) {
    BrokerConfig config;
    config.node_id = id;
    config.cluster_id = "cluster";
    config.controllers = voters_of(controllers);
    return config;
  }
  void arm() {
    for (auto& completion : channel_->take_completions()) answers.push_back(completion);
    if (armed_) return;
    armed_ = true;
    (void)env_.timers.arm(Duration::millis(5));
  }

  Env env_;
  BrokerConfig config_;
  std::unique_ptr<wire::Channel> channel_;
  bool stopped_ = false;
  bool armed_ = false;

 public:
  MetadataReplica replica;
  std::vector<wire::Completion> answers;
};

struct Quorum {
  explicit Quorum(metadata::ConfigValues server = {}, int count = 1)
      : settings(std::move(server)), controllers(count), world(WorldSpec{}) {
    for (const ControllerVoter& voter : voters_of(controllers)) add_controller(voter);
    controller_process = controller_processes.front();
  }
  void add_controller(const ControllerVoter& voter) {
    ProcessSpec spec;
    spec.name = spec.host = voter.endpoint.host;
    spec.listeners = {voter.endpoint};
    spec.broker = voter.id;
    spec.make = [this, voter](Env env) {
      ControllerNodeConfig config;
      config.node_id = voter.id;
      config.cluster_id = "cluster";
      config.listener = voter.endpoint;
      config.voters = voters_of(controllers);
      config.settings = settings;
      return std::make_unique<ControllerNode>(env, std::move(config));
    };
    controller_processes.push_back(world.add(spec));
    world.start(controller_processes.back());
  }
  // Where the active controller stands among them.
  [[nodiscard]] std::size_t active() const {
    for (std::size_t place = 0; place < controller_processes.size(); ++place) {
      if (at(place).is_active()) return place;
    }
    qFatal("no controller is active");
    return 0;
  }
  [[nodiscard]] const ControllerNode& at(std::size_t place) const {
    return *static_cast<const ControllerNode*>(world.node_of(controller_processes.at(place)));
  }
  void add_follower(int id) {
    ProcessSpec spec;
    spec.name = spec.host = "broker-" + std::to_string(id);
    spec.broker = BrokerId{id};
    spec.make = [this, id](Env env) {
      auto node = std::make_unique<Follower>(env, BrokerId{id}, controllers);
      followers[id] = node.get();
      return node;
    };
    follower_processes[id] = world.add(spec);
    world.start(follower_processes[id]);
  }
  const ControllerNode& controller() const {
    return *static_cast<const ControllerNode*>(world.node_of(controller_process));
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
  std::map<int, Follower*> followers;
  std::map<int, ProcessId> follower_processes;
  World world;
  std::vector<ProcessId> controller_processes;
  ProcessId controller_process{};
  int incarnations = 0;
};

}  // namespace ottla::broker::test
