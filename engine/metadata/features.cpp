#include "engine/metadata/features.h"

#include <algorithm>
#include <array>

namespace ottla::metadata {

namespace {

constexpr std::int16_t metadata_version_3_3_iv3 = 7;
constexpr std::int16_t metadata_version_4_1_iv1 = 27;

// The levels that brought new records, after 3.3-IV3: 3.4-IV0, 3.5-IV2, 3.6-IV1, 3.6-IV2, 3.7-IV0,
// 3.7-IV2 and 4.0-IV1.
constexpr std::array<std::int16_t, 7> levels_with_new_records{8, 11, 13, 14, 15, 17, 23};

}  // namespace

std::span<const FeatureRange> supported_features() {
  static constexpr std::array features{
      FeatureRange{elr_feature, 0, 1}, FeatureRange{kraft_version_feature, 0, 1},
      FeatureRange{metadata_version_feature, metadata_version_3_3_iv3, metadata_version_4_1_iv1}};
  return features;
}

FeatureRange supported_feature(std::string_view name) {
  for (const FeatureRange& feature : supported_features()) {
    if (feature.name == name) return feature;
  }
  return {name, 0, 0};
}

FeatureLevels default_feature_levels() {
  return {{std::string(elr_feature), std::int16_t{1}},
          {std::string(metadata_version_feature), metadata_version_4_1_iv1}};
}

bool records_changed_between(std::int16_t low, std::int16_t high) {
  return std::any_of(levels_with_new_records.begin(), levels_with_new_records.end(),
                     [=](std::int16_t level) { return low < level && level <= high; });
}

}  // namespace ottla::metadata
