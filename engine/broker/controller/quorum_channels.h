// The other nodes of the metadata quorum as one of them reaches them: where each listens, as the
// configuration or the log says, and one channel to each.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/broker/broker_config.h"
#include "engine/env/node.h"
#include "engine/raft/voter_set.h"
#include "engine/wire/channel.h"

namespace ottla::broker {

class QuorumChannels {
 public:
  // `env` outlives this. `known` are those of the configuration, `self` may be among them.
  QuorumChannels(Env& env, BrokerId self, wire::ChannelOptions options,
                 std::vector<ControllerVoter> known);

  // What the log, or an operator, says of a node counts more than what was known before. A channel
  // to somewhere else is given up; its requests end by the quorum machine's own time-outs.
  void learn(const raft::VoterSet& voters);
  void learn(BrokerId node, const Endpoint& listener);

  [[nodiscard]] std::span<const ControllerVoter> addresses() const { return addresses_; }
  // Null where the node is not known.
  [[nodiscard]] const Endpoint* address_of(BrokerId node) const;

  // False where the node is not known, or its queue is full; then nothing was done.
  template <class Request>
  [[nodiscard]] bool send(BrokerId to, const Request& request, ApiVersion version,
                          wire::RequestToken token, Instant now) {
    const auto channel = channels_.find(to);
    return channel != channels_.end() && channel->second->send(request, version, token, now);
  }
  // Calls `take` for each request that has ended.
  template <class Take>
  void take_completions(Take&& take) {
    for (auto& [id, channel] : channels_) {
      for (const wire::Completion& completion : channel->take_completions()) take(completion);
    }
  }

  // The node's events. True when the connection was one of these.
  bool on_connected(ConnectionId connection, Instant now);
  bool on_message(ConnectionId connection, const ByteChain& frame, Instant now);
  bool on_connection_closed(ConnectionId connection, Instant now);
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void expire(Instant now);

 private:
  wire::Channel* channel_of(ConnectionId connection);
  void open(BrokerId node, const Endpoint& listener);

  // Constant after construction.
  Env& env_;
  const BrokerId self_;
  const wire::ChannelOptions options_;

  std::vector<ControllerVoter> addresses_;
  std::map<BrokerId, std::unique_ptr<wire::Channel>> channels_;  // One to each but `self`.
};

}  // namespace ottla::broker
