// The features that this build can run with, and at which levels (KIP-584, KIP-1022): what brokers
// and controllers register and ApiVersions advertises. A feature enters when what it stands for is
// served.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace ottla::metadata {

inline constexpr std::string_view metadata_version_feature = "metadata.version";
inline constexpr std::string_view elr_feature = "eligible.leader.replicas.version";
// Its level is in the quorum's control records, not in the image.
inline constexpr std::string_view kraft_version_feature = "kraft.version";

using FeatureLevels = std::map<std::string, std::int16_t, std::less<>>;

struct FeatureRange {
  std::string_view name;
  std::int16_t min;
  std::int16_t max;
};
// In the order of their names.
[[nodiscard]] std::span<const FeatureRange> supported_features();
// {0, 0} for a feature that is not known.
[[nodiscard]] FeatureRange supported_feature(std::string_view name);

// The levels that a new cluster begins with: those of Kafka 4.1.
[[nodiscard]] FeatureLevels default_feature_levels();

// Whether the metadata log's records changed between two levels of metadata.version, so that the
// higher cannot be left for the lower (MetadataVersion.checkIfMetadataChanged).
[[nodiscard]] bool records_changed_between(std::int16_t low, std::int16_t high);

}  // namespace ottla::metadata
