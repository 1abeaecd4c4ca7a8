#include "engine/metadata/controller_registration.h"

#include "engine/metadata/features.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

constexpr std::int16_t metadata_version_3_7_iv0 = 15;

RegisterControllerRecord record_of(const ControllerRegistrationRequest& request) {
  RegisterControllerRecord record;
  record.controller_id = request.controller_id;
  record.incarnation_id = request.incarnation_id;
  for (const auto& listener : request.listeners) {
    auto& endpoint = record.end_points.emplace_back();
    endpoint.name = listener.name;
    endpoint.host = listener.host;
    endpoint.port = listener.port;
    endpoint.security_protocol = listener.security_protocol;
  }
  for (const auto& offered : request.features) {
    auto& feature = record.features.emplace_back();
    feature.name = offered.name;
    feature.min_supported_version = offered.min_supported_version;
    feature.max_supported_version = offered.max_supported_version;
  }
  return record;
}

}  // namespace

bool supports_controller_registration(const Image& image) {
  return image.feature_level(metadata_version_feature) >= metadata_version_3_7_iv0;
}

ControllerResult<ControllerRegistrationResponse> register_controller(
    const Image& image, const ControllerRegistrationRequest& request) {
  ControllerResult<ControllerRegistrationResponse> result;
  result.response.error_message.reset();
  if (supports_controller_registration(image)) {
    result.records.emplace_back(record_of(request));
  } else {
    set_error(result.response,
              {ErrorCode::unsupported_version,
               "The current MetadataVersion is too old to support controller registrations."});
  }
  return result;
}

}  // namespace ottla::metadata
