#include "engine/metadata/controller_registration.h"

#include "engine/metadata/features.h"
#include "engine/metadata/registration_parts.h"

namespace ottla::metadata {

using namespace protocol;

namespace {

constexpr std::int16_t metadata_version_3_7_iv0 = 15;

RegisterControllerRecord record_of(const ControllerRegistrationRequest& request) {
  RegisterControllerRecord record;
  record.controller_id = request.controller_id;
  record.incarnation_id = request.incarnation_id;
  take_endpoints_and_features(record, request);
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
