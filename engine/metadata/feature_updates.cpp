#include "engine/metadata/feature_updates.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/metadata/controller_registration.h"
#include "engine/metadata/elr_configs.h"
#include "engine/metadata/features.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

using Update = UpdateFeaturesRequest::FeatureUpdateKey;

// FeatureUpdate.UpgradeType.
enum class UpgradeType : std::int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

constexpr ApiVersion first_without_results{2};
// Level 1 of eligible.leader.replicas.version writes records that came with
// metadata.version 4.0-IV1.
constexpr std::int16_t elr_metadata_version = 23;

ApiError invalid(const Update& update, std::string_view why) {
  return {ErrorCode::invalid_update_version,
          fmt::format("Invalid update version {} for feature {}. {}", update.max_version_level,
                      update.feature, why)};
}

// Kafka's words where `who` cannot run at the level; nothing where it can.
std::optional<std::string> refusal(const std::string& who, VersionRange range, std::int16_t level) {
  if (range.min <= level && level <= range.max) return std::nullopt;
  if (range.max == 0) return who + " does not support this feature.";
  if (range.min == range.max) return fmt::format("{} only supports versions {}", who, range.min);
  return fmt::format("{} only supports versions {}-{}", who, range.min, range.max);
}

VersionRange range_of(const std::map<std::string, VersionRange>& features,
                      const std::string& name) {
  const auto found = features.find(name);
  return found == features.end() ? VersionRange{} : found->second;
}

std::optional<std::string> why_not_supported(const FeatureAuthority& authority,
                                             const std::string& feature, std::int16_t level) {
  const FeatureRange local = supported_feature(feature);
  auto refused = refusal(fmt::format("Local controller {}", authority.self.value()),
                         {local.min, local.max}, level);
  if (refused) return refused;
  for (const auto& [id, broker] : authority.image.brokers()) {
    refused =
        refusal(fmt::format("Broker {}", id.value()), range_of(broker.features, feature), level);
    if (refused) return refused;
  }
  // Before that, nobody knows what the controllers can run with.
  if (!supports_controller_registration(authority.image)) return std::nullopt;
  const auto& controllers = authority.image.controllers();
  for (const auto& [id, controller] : controllers) {
    if (id == authority.self) continue;
    refused = refusal(fmt::format("Controller {}", id.value()),
                      range_of(controller.features, feature), level);
    if (refused) return refused;
  }
  for (const BrokerId voter : authority.voters) {
    if (voter != authority.self && controllers.count(voter) == 0) {
      return fmt::format("controller {} has not registered, and may not support this feature",
                         voter.value());
    }
  }
  return std::nullopt;
}

// Of metadata.version: it can go back only to a level that has the same records.
ApiError refuse_downgrade(const Update& update, std::int16_t present) {
  const std::int16_t level = update.max_version_level;
  if (level >= present || !records_changed_between(level, present)) return {};
  const bool unsafe =
      static_cast<UpgradeType>(update.upgrade_type) == UpgradeType::unsafe_downgrade;
  return {ErrorCode::invalid_update_version,
          fmt::format("Unsupported metadata.version downgrade from {} to {}. {}", present, level,
                      unsafe ? "Unsafe metadata downgrade is not supported in this version."
                             : "Refusing to perform the requested downgrade because it might "
                               "delete metadata information.")};
}

ApiError refuse_dependencies(const Update& update, const FeatureLevels& proposed) {
  if (update.feature != elr_feature) {
    return invalid(update, fmt::format("Feature {} not found.", update.feature));
  }
  const auto metadata_version = proposed.find(metadata_version_feature);
  const bool met =
      update.max_version_level < 1 ||
      (metadata_version != proposed.end() && metadata_version->second >= elr_metadata_version);
  if (met) return {};
  return invalid(update, fmt::format("{} could not be set to {} because it depends on {} level {}",
                                     update.feature, update.max_version_level,
                                     metadata_version_feature, elr_metadata_version));
}

ApiError refuse_kraft_version(const FeatureAuthority& authority, const Update& update) {
  const std::int16_t level = update.max_version_level;
  if (static_cast<UpgradeType>(update.upgrade_type) == UpgradeType::upgrade)
    return authority.upgrade_kraft_version(level, /*validate_only=*/true);
  if (level == authority.kraft_version) return {};
  return invalid(update, "Can't downgrade the version of this feature.");
}

ApiError refuse(const FeatureAuthority& authority, const Update& update,
                const FeatureLevels& proposed) {
  const auto type = static_cast<UpgradeType>(update.upgrade_type);
  if (type < UpgradeType::upgrade || type > UpgradeType::unsafe_downgrade) {
    return invalid(update, "The controller does not support the given upgrade type.");
  }
  const std::int16_t level = update.max_version_level;
  if (level < 0) return invalid(update, "A feature version cannot be less than 0.");
  if (const auto why = why_not_supported(authority, update.feature, level)) {
    return invalid(update, *why);
  }
  const bool is_kraft = update.feature == kraft_version_feature;
  const std::int16_t present =
      is_kraft ? authority.kraft_version : authority.image.feature_level(update.feature);
  if (level < present && type == UpgradeType::upgrade) {
    return invalid(update,
                   "Can't downgrade the version of this feature without setting the upgrade type "
                   "to either safe or unsafe downgrade.");
  }
  if (level > present && type != UpgradeType::upgrade) {
    return invalid(update, "Can't downgrade to a newer version.");
  }
  if (is_kraft) return refuse_kraft_version(authority, update);
  return update.feature == metadata_version_feature ? refuse_downgrade(update, present)
                                                    : refuse_dependencies(update, proposed);
}

// In the order asked; of several for one feature the last counts.
std::vector<Update> distinct(const std::vector<Update>& asked) {
  std::vector<Update> updates;
  for (const Update& update : asked) {
    const auto earlier =
        std::find_if(updates.begin(), updates.end(),
                     [&update](const Update& other) { return other.feature == update.feature; });
    if (earlier == updates.end()) {
      updates.push_back(update);
    } else {
      *earlier = update;
    }
  }
  return updates;
}

}  // namespace

ControllerResult<UpdateFeaturesResponse> update_features(const FeatureAuthority& authority,
                                                         const UpdateFeaturesRequest& request,
                                                         ApiVersion version) {
  ControllerResult<UpdateFeaturesResponse> result;
  result.response.error_message.reset();
  const std::vector<Update> updates = distinct(request.feature_updates);
  FeatureLevels proposed = authority.image.features();
  for (const Update& update : updates) proposed[update.feature] = update.max_version_level;
  for (const Update& update : updates) {
    ApiError error = refuse(authority, update, proposed);
    if (!error.failed()) continue;
    *error.message =
        "The update failed for all features since the following feature had an error: " +
        *error.message;
    set_error(result.response, error);
    return result;
  }
  if (version < first_without_results) {
    for (const Update& update : request.feature_updates) {
      auto& answer = result.response.results.emplace_back();
      answer.feature = update.feature;
      answer.error_message = std::string(name(ErrorCode::none));
    }
  }
  if (request.validate_only) return result;
  for (const Update& update : updates) {
    if (update.feature == elr_feature && update.max_version_level > 0) {
      add_elr_safety_records(authority.image, authority.settings, result.records);
    }
  }
  for (const Update& update : updates) {
    if (update.feature == kraft_version_feature) {
      // The answer waits for a record behind those of the quorum.
      if (!authority.upgrade_kraft_version(update.max_version_level, false).failed())
        result.records.emplace_back(NoOpRecord{});
      continue;
    }
    FeatureLevelRecord record;
    record.name = update.feature;
    record.feature_level = update.max_version_level;
    result.records.emplace_back(std::move(record));
  }
  return result;
}

}  // namespace ottla::metadata
