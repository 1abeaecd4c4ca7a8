#include "engine/world/recent_messages.h"

namespace ottla::world {

void RecentMessages::add(const MessageOnWire& message) {
  if (ring_.size() < capacity) {
    ring_.push_back(message);
  } else {
    ring_[next_] = message;
  }
  next_ = (next_ + 1) % capacity;
}

std::vector<MessageOnWire> RecentMessages::in_flight(Instant now, std::size_t count_max) const {
  std::vector<MessageOnWire> found;
  for (std::size_t age = 1; age <= ring_.size() && found.size() < count_max; ++age) {
    const MessageOnWire& message = ring_[(next_ + ring_.size() - age) % ring_.size()];
    if (message.arrives_at > now) found.push_back(message);
  }
  return found;
}

}  // namespace ottla::world
