#include "engine/broker/api/describe_topic.h"

#include "engine/metadata/directory_id.h"

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
    const bool is_online =
        alive(image, id) && metadata::is_online_directory(metadata::directory_of(partition, id),
                                                          image.broker(id)->log_dirs);
    if (!is_online) offline.push_back(id);
  }
  return offline;
}

}  // namespace ottla::broker
