#include "engine/broker/api/describe_topic.h"

namespace ottla::broker {
namespace {

bool alive(const metadata::Image& image, BrokerId id) {
  const metadata::Broker* broker = image.broker(id);
  return broker != nullptr && !broker->fenced;
}

}  // namespace

LeaderView leader_view(const metadata::Image& image, const metadata::Partition& partition) {
  if (alive(image, partition.leader)) return {partition.leader, protocol::ErrorCode::none};
  return {no_broker, protocol::ErrorCode::leader_not_available};
}

std::vector<BrokerId> offline_replicas(const metadata::Image& image,
                                       const metadata::Partition& partition) {
  std::vector<BrokerId> offline;
  for (const BrokerId id : partition.replicas) {
    if (!alive(image, id)) offline.push_back(id);
  }
  return offline;
}

}  // namespace ottla::broker
