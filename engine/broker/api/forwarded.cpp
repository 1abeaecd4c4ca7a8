// Requests that only the active controller can carry out: the broker forwards them in an Envelope
// (KIP-590) and returns the controller's answer as it came. When none comes in request.timeout.ms,
// every item is answered with REQUEST_TIMED_OUT, as Kafka's ForwardingManager does.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/broker/server/error_answers.h"

namespace ottla::broker {

using namespace protocol;  // NOLINT: the instantiations name most of it.

template <class Body>
void forward_to_controller(BrokerNode& broker, const Request<Body>& request) {
  const RequestHead& head = request.context.head;
  ByteWriter without;
  write_response_head(without, head.key, head.version, head.correlation_id);
  const Refusal timed_out{ErrorCode::request_timed_out, std::nullopt};
  error_answer(request.body, timed_out).encode(without, head.version);
  broker.controller().forward(request.context, request.body,
                              broker.config().millis("request.timeout.ms"), without.take_chain());
}

template void forward_to_controller(BrokerNode&, const Request<CreateTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<DeleteTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<CreatePartitionsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<ElectLeadersRequest>&);
template void forward_to_controller(BrokerNode&,
                                    const Request<AlterPartitionReassignmentsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<ListPartitionReassignmentsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<AlterConfigsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<IncrementalAlterConfigsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<AlterClientQuotasRequest>&);
template void forward_to_controller(BrokerNode&, const Request<UpdateFeaturesRequest>&);
template void forward_to_controller(BrokerNode&, const Request<DescribeQuorumRequest>&);
template void forward_to_controller(BrokerNode&, const Request<UnregisterBrokerRequest>&);
template void forward_to_controller(BrokerNode&, const Request<AddRaftVoterRequest>&);
template void forward_to_controller(BrokerNode&, const Request<RemoveRaftVoterRequest>&);

}  // namespace ottla::broker
