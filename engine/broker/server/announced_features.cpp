#include "engine/broker/server/announced_features.h"

#include "engine/metadata/features.h"

namespace ottla::broker {

namespace {
constexpr ApiVersion first_with_zero_minimum{4};
}  // namespace

void announce_features(const metadata::Image& image, std::int16_t kraft_version, ApiVersion version,
                       protocol::ApiVersionsResponse& response) {
  for (const metadata::FeatureRange& feature : metadata::supported_features()) {
    // Clients before v4 refuse a least version of 0 (KAFKA-17011).
    if (feature.min == 0 && version < first_with_zero_minimum) continue;
    response.supported_features.push_back({.name = std::string(feature.name),
                                           .min_version = feature.min,
                                           .max_version = feature.max});
  }
  response.finalized_features_epoch = image.applied_offset().value();
  metadata::FeatureLevels finalized = image.features();
  finalized.emplace(metadata::kraft_version_feature, kraft_version);
  for (const auto& [name, level] : finalized) {
    if (level == 0) continue;
    response.finalized_features.push_back(
        {.name = name, .max_version_level = level, .min_version_level = level});
  }
}

}  // namespace ottla::broker
