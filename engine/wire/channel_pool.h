// A node's channels, one per endpoint, made when first asked for. Routes the node's events to the
// channel whose connection they belong to.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/wire/channel.h"

namespace ottla::wire {

class ChannelPool {
 public:
  // The seams outlive the pool. Every channel has the same options.
  ChannelPool(Network& network, Random& random, ChannelOptions options)
      : network_(network), random_(random), options_(std::move(options)) {}

  // The channel to an endpoint; stays where it is until dropped.
  [[nodiscard]] Channel& to(const Endpoint& endpoint);
  // The channel to an endpoint if there is one.
  [[nodiscard]] Channel* find(const Endpoint& endpoint);
  // Closes and forgets a channel; its waiting requests complete.
  void drop(const Endpoint& endpoint, Instant now);

  // The node's events. False when the connection is none of these channels'.
  bool on_connected(ConnectionId connection, Instant now);
  bool on_message(ConnectionId connection, const ByteChain& frame, Instant now);
  bool on_connection_closed(ConnectionId connection, Instant now);

  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void expire(Instant now);
  // Of all channels: each channel's in their order.
  [[nodiscard]] std::vector<Completion> take_completions() {
    return has_completions() ? gather_completions() : std::vector<Completion>();
  }

 private:
  using Channels = std::vector<std::unique_ptr<Channel>>;

  [[nodiscard]] Channels::iterator place_of(const Endpoint& endpoint);
  [[nodiscard]] bool has_completions() const;
  [[nodiscard]] std::vector<Completion> gather_completions();
  [[nodiscard]] Channel* owner_of(ConnectionId connection);

  Network& network_;
  Random& random_;
  ChannelOptions options_;
  Channels channels_;                // By endpoint; walked through after every event.
  std::vector<Completion> orphans_;  // Completions of dropped channels.
};

}  // namespace ottla::wire
