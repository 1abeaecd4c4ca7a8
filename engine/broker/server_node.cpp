#include "engine/broker/server_node.h"

#include <algorithm>

#include "engine/broker/static_configs.h"

namespace ottla::broker {
namespace {

BrokerConfig broker_config(const ServerConfig& config) {
  return {.node_id = config.node_id,
          .cluster_id = config.cluster_id,
          .rack = config.rack,
          .listener = *config.broker,
          .settings = config.settings,
          .stated = static_configs(config)};
}

ControllerNodeConfig controller_config(const ServerConfig& config) {
  return {.node_id = config.node_id,
          .cluster_id = config.cluster_id,
          .listener = *config.controller,
          .settings = config.settings,
          .stated = static_configs(config)};
}

}  // namespace

ServerNode::ServerNode(Env env, ServerConfig config)
    : config_(std::move(config)), shared_(env, config_) {
  if (config_.controller) controller_.emplace(shared_, controller_config(config_));
  if (config_.broker) broker_.emplace(shared_, broker_config(config_));
}

const BrokerNode* ServerNode::broker() const {
  return broker_ && !broker_->stopped() ? &*broker_ : nullptr;
}

const ControllerNode* ServerNode::controller() const {
  return controller_ && !controller_->stopped() ? &*controller_ : nullptr;
}

void ServerNode::on_start() {
  if (const auto started = shared_.start(); !started) {
    shared_.env().probe.tell(probe::Noted{probe::Noted::Level::error, started.error()});
    stopped_ = true;
    return;
  }
  if (broker_) broker_->start();
  settle();
}

void ServerNode::on_shutdown() {
  shutting_down_ = true;
  if (broker_) broker_->begin_shutdown();
  settle();
}

// A role that stops without having been asked to could not go on, and takes its process with it.
void ServerNode::settle_stopping() {
  const bool is_controllers_turn = shutting_down_ && broker() == nullptr && controller() != nullptr;
  if (is_controllers_turn && !controller_->is_shutting_down()) {
    if (broker_) broker_->hang_up();
    controller_->begin_shutdown();
    controller_->settle();
  }
  const int roles = (broker_ ? 1 : 0) + (controller_ ? 1 : 0);
  const int living = (broker() != nullptr ? 1 : 0) + (controller() != nullptr ? 1 : 0);
  stopped_ = living == 0 || (living < roles && !shutting_down_);
}

void ServerNode::on_accepted(ConnectionId connection, const Endpoint& listener,
                             std::string_view peer_host) {
  if (config_.controller && listener == *config_.controller) {
    controller_->on_accepted(connection, peer_host);
  } else if (broker() != nullptr) {
    broker_->on_accepted(connection, peer_host);
  } else {
    shared_.env().network.close(connection);
  }
}

void ServerNode::on_connected(ConnectionId connection) {
  if (!shared_.quorum().on_connected(connection))
    for_each_role([&](auto& role) { role.on_connected(connection); });
  settle();
}

void ServerNode::on_connection_closed(ConnectionId connection) {
  if (!shared_.quorum().on_connection_closed(connection))
    for_each_role([&](auto& role) { role.on_connection_closed(connection); });
  settle();
}

void ServerNode::on_message(ConnectionId connection, ByteChain frame) {
  if (!shared_.quorum().on_message(connection, frame))
    for_each_role([&](auto& role) { role.on_message(connection, frame); });
  settle();
}

void ServerNode::on_timer(TimerId timer) {
  if (timer_ != timer) return;
  timer_.reset();
  shared_.quorum().on_time();
  for_each_role([](auto& role) { role.on_time(); });
  settle();
}

void ServerNode::on_disk(DiskOperationId operation, DiskResult<void> result) {
  shared_.directories().note_synced(operation, result);
  const bool is_quorums = shared_.quorum().on_disk(operation, result);
  if (!is_quorums && broker() != nullptr) broker_->on_disk(operation, result);
  settle();
}

void ServerNode::settle() {
  for_each_role([](auto& role) { role.settle(); });
  settle_stopping();
  if (!stopped_) arm_timer();
}

void ServerNode::arm_timer() {
  std::optional<Instant> deadline = shared_.quorum().next_deadline();
  for_each_role([&](const auto& role) {
    const auto at = role.next_deadline();
    if (at && (!deadline || *at < *deadline)) deadline = at;
  });
  if (!deadline || (timer_ && timer_at_ <= *deadline)) return;
  Env& env = shared_.env();
  if (timer_) env.timers.cancel(*timer_);
  const Instant now = env.clock.now();
  timer_at_ = std::max(*deadline, now);
  timer_ = env.timers.arm(timer_at_ - now);
}

}  // namespace ottla::broker
