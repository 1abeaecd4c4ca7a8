// ControllerRegistration (v0), as Kafka's ClusterControlManager answers it (KIP-919): the metadata
// log learns where a controller listens and which features it can run with.
#pragma once

#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/controller_registration_request.h"
#include "engine/protocol/messages/controller_registration_response.h"

namespace ottla::metadata {

// Whether the log's metadata.version knows registrations of controllers (3.7-IV0).
[[nodiscard]] bool supports_controller_registration(const Image& image);

// UNSUPPORTED_VERSION where it does not.
[[nodiscard]] ControllerResult<protocol::ControllerRegistrationResponse> register_controller(
    const Image& image, const protocol::ControllerRegistrationRequest& request);

}  // namespace ottla::metadata
