// An image as the records of a snapshot (KIP-630), and what a snapshot that replaces an image has
// changed. The records come in the order of Kafka's MetadataImage.write: features first, so that
// who reads on knows the metadata.version.
#pragma once

#include <vector>

#include "engine/metadata/image.h"

namespace ottla::metadata {

// Records that make an empty image equal to `image`, but for its applied offset.
[[nodiscard]] std::vector<protocol::MetadataRecord> snapshot_records(const Image& image);

// Adds to `delta`, which led up to `before`, what is different in `after`.
void add_difference(const Image& before, const Image& after, ImageDelta& delta);

}  // namespace ottla::metadata
