// Requests that only the active controller can carry out: the broker forwards them in an Envelope
// (KIP-590) and returns the controller's answer as it came.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"

namespace ottla::broker {

template <class Body>
void forward_to_controller(BrokerNode& broker, const Request<Body>& request) {
  broker.controller().forward(request.context, request.body,
                              broker.config().millis("request.timeout.ms"));
}

template void forward_to_controller(BrokerNode&, const Request<protocol::CreateTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<protocol::DeleteTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<protocol::CreatePartitionsRequest>&);

}  // namespace ottla::broker
