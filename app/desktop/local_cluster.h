// A simulated cluster with real listeners, as the one session that the window sees.
#pragma once

#include <memory>

#include "app/data/data_directory.h"
#include "engine/gateway/kafka_gateway.h"
#include "engine/observe/session.h"
#include "engine/runtime/simulation_session.h"

namespace ottla::desktop {

class LocalCluster final : public observe::ClusterSession {
 public:
  LocalCluster(runtime::SimulationOptions options, std::unique_ptr<data::DataDirectory> directory);
  ~LocalCluster() override;

  // Opens the brokers' ports on loopback. The error is a sentence.
  [[nodiscard]] Result<void, std::string> listen();
  // Begins to run and to serve.
  void start();
  // Before start() or show_at(): runs to a virtual time since the start, and kills the leader of
  // the first topic's partition 0 for ten seconds. The error is a sentence.
  [[nodiscard]] Result<void, std::string> kill_leader_at(Duration since_start);
  // Runs to a virtual time since the start, and stays there; nothing listens.
  void show_at(Duration since_start);

  using ClusterSession::post;
  void post(observe::Command command, std::function<void(observe::CommandResult)> done) override {
    session_.post(std::move(command), std::move(done));
  }
  [[nodiscard]] std::shared_ptr<const observe::Snapshot> snapshot() override {
    return session_.snapshot();
  }
  [[nodiscard]] observe::EventBatch take_events() override { return session_.take_events(); }
  void on_change(std::function<void()> wake) override { session_.on_change(std::move(wake)); }

 private:
  std::unique_ptr<data::DataDirectory> directory_;  // Outlives the cluster that uses it.
  runtime::SimulationSession session_;
  gateway::KafkaGateway kafka_;
};

}  // namespace ottla::desktop
