#include "engine/broker/controller/metadata_replica.h"

#include <fmt/format.h>

#include "engine/metadata/image_snapshot.h"

namespace ottla::broker {

MetadataReplica::MetadataReplica(Env& env, const BrokerConfig& config)
    : env_(env),
      quorum_(env,
              {.node_id = config.node_id,
               .cluster_id = config.cluster_id,
               .client_id = fmt::format("raft-client-{}", config.node_id.value()),
               .voters = config.controllers,
               .voters_in_log = config.voters_in_log,
               .listener = std::nullopt,
               .settings = config.settings},
              *this) {}

std::optional<metadata::ImageDelta> MetadataReplica::take_delta() {
  if (delta_.empty()) return std::nullopt;
  return std::exchange(delta_, {});
}

void MetadataReplica::on_snapshot(metadata::Image image) {
  metadata::add_difference(image_, image, delta_);
  image_ = std::move(image);
}

void MetadataReplica::on_quorum_failed(const std::string& why) {
  env_.probe.tell(probe::Noted{probe::Noted::Level::error, why});
}

}  // namespace ottla::broker
