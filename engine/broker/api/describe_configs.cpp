// DescribeConfigs (32) of a broker: config_description.h has what it tells.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/broker/config_description.h"

namespace ottla::broker {

void handle_describe_configs(BrokerNode& broker,
                             const Request<protocol::DescribeConfigsRequest>& request) {
  const BrokerConfig& config = broker.config();
  broker.server().reply(request.context.token, describe_configs({config.node_id, broker.image(),
                                                                 config.settings, config.stated},
                                                                request.body));
}

}  // namespace ottla::broker
