// DescribeClientQuotas (48), v0-v1 (KIP-546): the quotas as this broker's image of the metadata log
// has them.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/metadata/client_quotas.h"

namespace ottla::broker {

void handle_describe_client_quotas(BrokerNode& broker,
                                   const Request<protocol::DescribeClientQuotasRequest>& request) {
  broker.server().reply(request.context.token,
                        metadata::describe_client_quotas(broker.image(), request.body));
}

}  // namespace ottla::broker
