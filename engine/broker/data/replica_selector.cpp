#include "engine/broker/data/replica_selector.h"

#include <algorithm>
#include <tuple>

namespace ottla::broker {
namespace {

bool stands_in(const metadata::Image& image, BrokerId broker, std::string_view rack) {
  const metadata::Broker* known = image.broker(broker);
  return known != nullptr && !known->fenced && known->rack == rack;
}

// Those with more to read first, then those that lag least, then the greater id (ReplicaView).
auto how_far(const replication::FollowerProgress& follower) {
  return std::tuple(follower.log_end_offset, follower.last_caught_up, follower.broker);
}

}  // namespace

BrokerId preferred_read_replica(const Replica& replica, BrokerId self, const metadata::Image& image,
                                std::string_view client_rack, Offset fetch_offset) {
  if (client_rack.empty() || stands_in(image, self, client_rack)) return no_broker;
  const std::vector<BrokerId>& isr = replica.leader()->isr();
  const replication::FollowerProgress* best = nullptr;
  for (const auto& [id, follower] : replica.leader()->followers()) {
    // One that lags would have the consumer wait for what the leader could give it.
    const bool can_serve =
        std::binary_search(isr.begin(), isr.end(), id) && follower.log_end_offset >= fetch_offset &&
        follower.log_start_offset <= fetch_offset && stands_in(image, id, client_rack);
    if (!can_serve) continue;
    if (best == nullptr || how_far(*best) < how_far(follower)) best = &follower;
  }
  return best == nullptr ? no_broker : best->broker;
}

}  // namespace ottla::broker
