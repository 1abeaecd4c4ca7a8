// UpdateFeatures (v0-v2), as Kafka's FeatureControlManager answers it (KIP-584, KIP-778): all
// features move, or none. A level is taken if this controller, every registered broker and every
// voter of the metadata quorum can run at it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/update_features_request.h"
#include "engine/protocol/messages/update_features_response.h"

namespace ottla::metadata {

// Where a request is decided.
struct FeatureAuthority {
  const Image& image;
  const ConfigValues& settings;  // The controller's own properties.
  BrokerId self;                 // The controller that decides.
  std::vector<BrokerId> voters;  // Of the metadata quorum.
  // Of the quorum, which keeps its level itself: what it is, and how it moves up. The move takes
  // place at once, unless it is only validated, and is committed before what is appended next.
  std::int16_t kraft_version = 0;
  std::function<ApiError(std::int16_t level, bool validate_only)> upgrade_kraft_version = {};
};

[[nodiscard]] ControllerResult<protocol::UpdateFeaturesResponse> update_features(
    const FeatureAuthority& authority, const protocol::UpdateFeaturesRequest& request,
    ApiVersion version);

}  // namespace ottla::metadata
