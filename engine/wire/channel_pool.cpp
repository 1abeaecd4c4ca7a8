#include "engine/wire/channel_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ottla::wire {

Channel& ChannelPool::to(const Endpoint& endpoint) {
  return channels_.try_emplace(endpoint, endpoint, network_, random_, options_).first->second;
}

Channel* ChannelPool::find(const Endpoint& endpoint) {
  const auto found = channels_.find(endpoint);
  return found == channels_.end() ? nullptr : &found->second;
}

void ChannelPool::drop(const Endpoint& endpoint, Instant now) {
  const auto found = channels_.find(endpoint);
  if (found == channels_.end()) return;
  found->second.close(now);
  std::ranges::move(found->second.take_completions(), std::back_inserter(orphans_));
  channels_.erase(found);
}

Channel* ChannelPool::owner_of(ConnectionId connection) {
  const auto found = std::find_if(
      channels_.begin(), channels_.end(),
      [connection](const auto& entry) { return entry.second.connection() == connection; });
  return found == channels_.end() ? nullptr : &found->second;
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
  for (const auto& [endpoint, channel] : channels_) {
    const auto deadline = channel.next_deadline();
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  return next;
}

void ChannelPool::expire(Instant now) {
  for (auto& [endpoint, channel] : channels_) channel.expire(now);
}

bool ChannelPool::has_completions() const {
  return !orphans_.empty() || std::any_of(channels_.begin(), channels_.end(), [](const auto& each) {
    return each.second.has_completions();
  });
}

std::vector<Completion> ChannelPool::gather_completions() {
  std::vector<Completion> all = std::exchange(orphans_, {});
  for (auto& [endpoint, channel] : channels_) {
    if (!channel.has_completions()) continue;
    auto ended = channel.take_completions();
    if (all.empty()) {
      all = std::move(ended);
    } else {
      std::ranges::move(ended, std::back_inserter(all));
    }
  }
  return all;
}

}  // namespace ottla::wire
