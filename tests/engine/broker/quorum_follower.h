// A broker as far as the metadata quorum is concerned, and where a quorum's controllers listen.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/controller/metadata_replica.h"
#include "engine/wire/channel.h"
#include "tests/support/test_registry.h"

namespace ottla::broker::test {

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
  Follower(Env env, BrokerId id, int controllers, bool voters_in_log = false)
      : env_(env),
        quorum_(env_, config_of(id, controllers, voters_in_log), replica),
        replica(quorum_) {
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
    quorum_.start(Uuid{});
    arm();
  }
  void on_shutdown() override { stopped_ = true; }
  bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId, const Endpoint&, std::string_view) override {}
  void on_connected(ConnectionId connection) override {
    if (!quorum_.on_connected(connection)) channel_->on_connected(env_.clock.now());
    arm();
  }
  void on_connection_closed(ConnectionId connection) override {
    if (!quorum_.on_connection_closed(connection)) channel_->on_connection_closed(env_.clock.now());
    arm();
  }
  void on_message(ConnectionId connection, ByteChain frame) override {
    if (!quorum_.on_message(connection, frame)) channel_->on_message(frame, env_.clock.now());
    arm();
  }
  void on_timer(TimerId) override {
    armed_ = false;
    quorum_.on_time();
    channel_->expire(env_.clock.now());
    arm();
  }
  void on_disk(DiskOperationId, DiskResult<void>) override {}

 private:
  static MetadataQuorumConfig config_of(BrokerId id, int controllers, bool voters_in_log) {
    MetadataQuorumConfig config;
    config.node_id = id;
    config.cluster_id = "cluster";
    config.client_id = "raft-client-" + std::to_string(id.value());
    config.voters = voters_of(controllers);
    config.voters_in_log = voters_in_log;
    return config;
  }
  void arm() {
    for (auto& completion : channel_->take_completions()) answers.push_back(completion);
    if (armed_) return;
    armed_ = true;
    (void)env_.timers.arm(Duration::millis(5));
  }

  Env env_;
  MetadataQuorum quorum_;
  std::unique_ptr<wire::Channel> channel_;
  bool stopped_ = false;
  bool armed_ = false;

 public:
  MetadataReplica replica;
  std::vector<wire::Completion> answers;
};

}  // namespace ottla::broker::test
