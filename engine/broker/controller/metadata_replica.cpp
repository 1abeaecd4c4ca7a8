#include "engine/broker/controller/metadata_replica.h"

#include "engine/metadata/image_snapshot.h"

namespace ottla::broker {

void MetadataReplica::on_snapshot(metadata::Image image) {
  metadata::add_difference(image_, image, delta_);
  image_ = std::move(image);
}

}  // namespace ottla::broker
