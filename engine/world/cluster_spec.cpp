#include "engine/world/cluster_spec.h"

#include <algorithm>
#include <set>

#include "engine/broker/log_dir_places.h"
#include "engine/broker/server_config.h"

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

bool ClusterSpec::voters_in_log() const {
  return kraft_version >= raft::first_with_voters_in_log;
}

std::vector<BrokerId> ClusterSpec::first_voters() const {
  if (!voters_in_log()) return {};
  std::vector<BrokerId> voters;
  for (const PlannedNode& node : nodes()) {
    if (initial_voters > 0 && std::ssize(voters) == initial_voters) break;
    if (node.is_controller) voters.push_back(node.id);
  }
  return voters;
}

std::vector<std::string> ClusterSpec::log_dir_paths() const {
  std::vector<std::string> paths;
  for (const broker::LogDirPlace& place : broker::log_dir_places(settings).logs)
    paths.push_back(place.path);
  return paths;
}

std::vector<std::string> ClusterSpec::log_dir_folders() const {
  const broker::LogDirPlaces places = broker::log_dir_places(settings);
  std::set<std::string> folders{places.metadata.folder};
  for (const broker::LogDirPlace& place : places.logs) folders.insert(place.folder);
  folders.erase("");
  return {folders.begin(), folders.end()};
}

}  // namespace ottla::world
