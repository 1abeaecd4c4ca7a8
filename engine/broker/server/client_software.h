// Which client it is, as its ApiVersions tells since v3 (KIP-511).
#pragma once

#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/protocol/messages/api_versions_request.h"

namespace ottla::broker {

// "librdkafka 2.0.2"; empty where the version cannot say, nothing where a name is none
// (INVALID_REQUEST): letters, digits, and inside them '.' and '-'.
[[nodiscard]] std::optional<std::string> client_software(
    const protocol::ApiVersionsRequest& request, ApiVersion version);

}  // namespace ottla::broker
