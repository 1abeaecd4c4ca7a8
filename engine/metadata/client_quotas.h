// Client quotas: AlterClientQuotas and DescribeClientQuotas (v0-v1, KIP-546, KIP-612), as Kafka's
// ClientQuotaControlManager and ClientQuotasImage answer them. What is set here is what throttles
// read.
#pragma once

#include "engine/metadata/controller_result.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/alter_client_quotas_request.h"
#include "engine/protocol/messages/alter_client_quotas_response.h"
#include "engine/protocol/messages/describe_client_quotas_request.h"
#include "engine/protocol/messages/describe_client_quotas_response.h"

namespace ottla::metadata {

// Every entity is answered once, in the order asked; an address must be one, names are not
// resolved.
[[nodiscard]] ControllerResult<protocol::AlterClientQuotasResponse> alter_client_quotas(
    const Image& image, const protocol::AlterClientQuotasRequest& request);

[[nodiscard]] protocol::DescribeClientQuotasResponse describe_client_quotas(
    const Image& image, const protocol::DescribeClientQuotasRequest& request);

}  // namespace ottla::metadata
