#include "engine/wire/channel_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ottla::wire {

ChannelPool::Channels::iterator ChannelPool::place_of(const Endpoint& endpoint) {
  return std::lower_bound(
      channels_.begin(), channels_.end(), endpoint,
      [](const auto& channel, const Endpoint& sought) { return channel->endpoint() < sought; });
}

Channel& ChannelPool::to(const Endpoint& endpoint) {
  if (Channel* known = find(endpoint)) return *known;
  auto made = std::make_unique<Channel>(endpoint, network_, random_, options_);
  return **channels_.insert(place_of(endpoint), std::move(made));
}

Channel* ChannelPool::find(const Endpoint& endpoint) {
  const auto found = place_of(endpoint);
  const bool known = found != channels_.end() && (*found)->endpoint() == endpoint;
  return known ? found->get() : nullptr;
}

void ChannelPool::drop(const Endpoint& endpoint, Instant now) {
  Channel* dropped = find(endpoint);
  if (dropped == nullptr) return;
  dropped->close(now);
  std::ranges::move(dropped->take_completions(), std::back_inserter(orphans_));
  channels_.erase(place_of(endpoint));
}

Channel* ChannelPool::owner_of(ConnectionId connection) {
  for (const auto& channel : channels_) {
    if (channel->connection() == connection) return channel.get();
  }
  return nullptr;
}

bool ChannelPool::on_connected(ConnectionId connection, Instant now) {
  Channel* channel = owner_of(connection);
  if (channel != nullptr) channel->on_connected(now);
  return channel != nullptr;
}

bool ChannelPool::on_message(ConnectionId connection, const ByteChain& frame, Instant now) {
  Channel* channel = owner_of(connection);
  if (channel != nullptr) channel->on_message(frame, now);
  return channel != nullptr;
}

bool ChannelPool::on_connection_closed(ConnectionId connection, Instant now) {
  Channel* channel = owner_of(connection);
  if (channel != nullptr) channel->on_connection_closed(now);
  return channel != nullptr;
}

std::optional<Instant> ChannelPool::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& channel : channels_) {
    const auto deadline = channel->next_deadline();
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  return next;
}

void ChannelPool::expire(Instant now) {
  for (const auto& channel : channels_) channel->expire(now);
}

bool ChannelPool::has_completions() const {
  return !orphans_.empty() || std::any_of(channels_.begin(), channels_.end(),
                                          [](const auto& each) { return each->has_completions(); });
}

std::vector<Completion> ChannelPool::gather_completions() {
  std::vector<Completion> all = std::exchange(orphans_, {});
  for (const auto& channel : channels_) {
    if (!channel->has_completions()) continue;
    auto ended = channel->take_completions();
    if (all.empty()) {
      all = std::move(ended);
    } else {
      std::ranges::move(ended, std::back_inserter(all));
    }
  }
  return all;
}

}  // namespace ottla::wire
