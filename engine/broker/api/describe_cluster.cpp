// DescribeCluster (60), v0-v2. Brokers as clients may reach them. v1 names the kind of endpoints
// asked for; v2 can include fenced brokers. Under KRaft the controller named to clients is a random
// live broker.
#include "engine/broker/api/describe_topic.h"
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/describe_cluster_response.h"

namespace ottla::broker {
namespace {

constexpr std::int8_t brokers_endpoint = 1;
constexpr std::int8_t controllers_endpoint = 2;

}  // namespace

void handle_describe_cluster(BrokerNode& broker,
                             const Request<protocol::DescribeClusterRequest>& request) {
  protocol::DescribeClusterResponse response;
  response.cluster_id = broker.config().cluster_id;
  if (request.body.endpoint_type != brokers_endpoint) {
    const bool controllers = request.body.endpoint_type == controllers_endpoint;
    response.error_code = controllers ? protocol::ErrorCode::mismatched_endpoint_type
                                      : protocol::ErrorCode::unsupported_endpoint_type;
    response.error_message =
        controllers ? "The request was sent to an endpoint of type BROKER, but we wanted an "
                      "endpoint of type "
                      "CONTROLLER"
                    : "Unsupported endpoint type " + std::to_string(request.body.endpoint_type);
    return broker.server().reply(request.context.token, response);
  }
  response.controller_id = broker.random_live_broker();
  if (request.body.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = all_cluster_operations;
  }
  for (const auto& [id, known] : broker.image().brokers()) {
    if ((known.fenced && !request.body.include_fenced_brokers) || known.endpoints.empty()) continue;
    const metadata::BrokerEndpoint& at = known.endpoints.front();
    response.brokers.push_back({.broker_id = id,
                                .host = at.host,
                                .port = at.port,
                                .rack = known.rack,
                                .is_fenced = known.fenced});
  }
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
