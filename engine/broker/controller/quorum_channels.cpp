#include "engine/broker/controller/quorum_channels.h"

#include <algorithm>

#include "engine/broker/controller/raft_wire.h"

namespace ottla::broker {

QuorumChannels::QuorumChannels(Env& env, BrokerId self, wire::ChannelOptions options,
                               std::vector<ControllerVoter> known)
    : env_(env), self_(self), options_(std::move(options)), addresses_(std::move(known)) {
  for (const ControllerVoter& each : addresses_) open(each.id, each.endpoint);
}

void QuorumChannels::open(BrokerId node, const Endpoint& listener) {
  if (node == self_) return;
  auto& channel = channels_[node];
  if (channel) channel->close(env_.clock.now());
  channel = std::make_unique<wire::Channel>(listener, env_.network, env_.random, options_);
}

void QuorumChannels::learn(const raft::VoterSet& voters) {
  for (const auto& [id, voter] : voters.all()) {
    const raft::VoterEndpoint* at = voter.endpoint(controller_listener_name);
    if (at != nullptr) learn(id, {at->host, at->port});
  }
}

void QuorumChannels::learn(BrokerId node, const Endpoint& listener) {
  const auto known = std::find_if(addresses_.begin(), addresses_.end(),
                                  [node](const ControllerVoter& each) { return each.id == node; });
  if (known != addresses_.end() && known->endpoint == listener) return;
  if (known == addresses_.end()) {
    addresses_.push_back({node, listener});
  } else {
    known->endpoint = listener;
  }
  open(node, listener);
}

const Endpoint* QuorumChannels::address_of(BrokerId node) const {
  for (const ControllerVoter& each : addresses_) {
    if (each.id == node) return &each.endpoint;
  }
  return nullptr;
}

wire::Channel* QuorumChannels::channel_of(ConnectionId connection) {
  for (auto& [id, channel] : channels_) {
    if (channel->connection() == connection) return channel.get();
  }
  return nullptr;
}

bool QuorumChannels::on_connected(ConnectionId connection, Instant now) {
  wire::Channel* channel = channel_of(connection);
  if (channel != nullptr) channel->on_connected(now);
  return channel != nullptr;
}

bool QuorumChannels::on_message(ConnectionId connection, const ByteChain& frame, Instant now) {
  wire::Channel* channel = channel_of(connection);
  if (channel != nullptr) channel->on_message(frame, now);
  return channel != nullptr;
}

bool QuorumChannels::on_connection_closed(ConnectionId connection, Instant now) {
  wire::Channel* channel = channel_of(connection);
  if (channel != nullptr) channel->on_connection_closed(now);
  return channel != nullptr;
}

std::optional<Instant> QuorumChannels::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [id, channel] : channels_) {
    const auto at = channel->next_deadline();
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

void QuorumChannels::expire(Instant now) {
  for (auto& [id, channel] : channels_) channel->expire(now);
}

}  // namespace ottla::broker
