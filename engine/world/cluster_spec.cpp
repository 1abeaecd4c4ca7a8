#include "engine/world/cluster_spec.h"

#include <algorithm>

namespace ottla::world {

std::vector<PlannedNode> ClusterSpec::nodes() const {
  const std::int32_t with_both_roles = combined ? std::min(brokers, controllers) : 0;
  std::vector<PlannedNode> nodes;
  for (std::int32_t place = with_both_roles; place < controllers; ++place) {
    nodes.push_back(
        {.id = BrokerId{first_controller_id + place}, .place = place, .is_controller = true});
  }
  for (std::int32_t place = 0; place < brokers; ++place) {
    nodes.push_back({.id = BrokerId{place + 1},
                     .place = place,
                     .is_broker = true,
                     .is_controller = place < with_both_roles});
  }
  return nodes;
}

std::vector<BrokerId> ClusterSpec::node_ids() const {
  std::vector<BrokerId> ids;
  for (const PlannedNode& node : nodes()) ids.push_back(node.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace ottla::world
