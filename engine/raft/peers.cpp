#include "engine/raft/peers.h"

#include <algorithm>

namespace ottla::raft {

bool Peers::is_backing_off(BrokerId peer) const {
  const auto at = peers_.find(peer);
  return at != peers_.end() && !at->second.under_way;
}

bool Peers::any_in_flight() const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const auto& entry) { return entry.second.under_way.has_value(); });
}

RequestId Peers::send(BrokerId peer, Instant now) {
  const RequestId request = next_request_;
  next_request_ = next_request_.next();
  peers_[peer] = Peer{request, now + request_timeout_};
  return request;
}

std::optional<BrokerId> Peers::expected(RequestId request) const {
  for (const auto& [id, peer] : peers_) {
    if (peer.under_way == request) return id;
  }
  return std::nullopt;
}

void Peers::failed(BrokerId peer, Instant now) {
  peers_[peer] = Peer{std::nullopt, now + retry_backoff_};
}

bool Peers::expire(BrokerId watched, Instant now) {
  bool gave_up = false;
  std::erase_if(peers_, [&](const auto& entry) {
    const auto& [id, peer] = entry;
    if (now < peer.until) return false;
    gave_up |= id == watched && peer.under_way;
    return true;
  });
  return gave_up;
}

std::optional<Instant> Peers::deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [id, peer] : peers_) {
    if (!earliest || peer.until < *earliest) earliest = peer.until;
  }
  return earliest;
}

}  // namespace ottla::raft
