#include "engine/broker/shared_server.h"

#include <fmt/format.h>

#include "engine/broker/node_folders.h"

namespace ottla::broker {
namespace {

MetadataQuorumConfig quorum_config(const ServerConfig& config) {
  return {.node_id = config.node_id,
          .cluster_id = config.cluster_id,
          .client_id = fmt::format("raft-client-{}", config.node_id.value()),
          .voters = config.voters,
          .voters_in_log = config.voters_in_log,
          .initial_voters = config.initial_voters,
          .listener = config.controller,
          .settings = config.settings};
}

}  // namespace

SharedServer::SharedServer(Env env, const ServerConfig& config)
    : config_(quorum_config(config)),
      directories_(env.disk, env.probe, config.settings),
      env_{env.clock,  env.timers, env.network,  directories_.metadata().disk(),
           env.random, env.probe,  env.processor},
      quorum_(env_, config_, *this) {}

Result<void, std::string> SharedServer::start() {
  if (auto claimed = claim_node_folders(directories_, env_, config_); !claimed) return claimed;
  for (const LogDirectory* directory : directories_.all()) {
    if (directory->is_online()) continue;
    env_.probe.tell(probe::Noted{probe::Noted::Level::error,
                                 fmt::format("Log directory {} is offline: {}", directory->path(),
                                             directory->failure().value_or("it cannot be used"))});
  }
  quorum_.start(directories_.metadata().id());
  return {};
}

void SharedServer::on_leader_changed(const raft::LeaderChanged& change) {
  for (QuorumListener* role : roles_) role->on_leader_changed(change);
}

void SharedServer::on_committed(const protocol::MetadataRecord& record, Offset offset) {
  for (QuorumListener* role : roles_) role->on_committed(record, offset);
}

void SharedServer::on_snapshot(metadata::Image image) {
  for (QuorumListener* role : roles_) role->on_snapshot(image);
}

void SharedServer::on_high_watermark(Offset high_watermark) {
  for (QuorumListener* role : roles_) role->on_high_watermark(high_watermark);
}

void SharedServer::on_answer(RequestToken token, const Answer& answer) {
  for (QuorumListener* role : roles_) role->on_answer(token, answer);
}

void SharedServer::on_quorum_failed(const std::string& why) {
  env_.probe.tell(probe::Noted{probe::Noted::Level::error, why});
  for (QuorumListener* role : roles_) role->on_quorum_failed(why);
}

}  // namespace ottla::broker
