// What ApiVersions says of features (KIP-584, KIP-1022): those that this build can run with, and
// the levels that the cluster runs at.
#pragma once

#include <cstdint>

#include "engine/metadata/image.h"
#include "engine/protocol/messages/api_versions_response.h"

namespace ottla::broker {

// `kraft_version` is what the metadata quorum runs at, which the image does not know. A feature
// that is off is not named, nor to clients before v4 one whose least level is 0.
void announce_features(const metadata::Image& image, std::int16_t kraft_version, ApiVersion version,
                       protocol::ApiVersionsResponse& response);

}  // namespace ottla::broker
