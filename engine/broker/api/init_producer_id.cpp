// InitProducerId (22), v0-v5. Gives an idempotent producer its id and epoch, from blocks of 1 000
// that the controller allocates (KIP-730). A producer with an id keeps it, with the next epoch (v3,
// KIP-360). A transactional id needs a transaction coordinator, which is asked for with
// FindCoordinator first.
#include <limits>

#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/init_producer_id_response.h"

namespace ottla::broker {

void handle_init_producer_id(BrokerNode& broker,
                             const Request<protocol::InitProducerIdRequest>& request) {
  using protocol::ErrorCode;
  protocol::InitProducerIdResponse response;
  response.producer_id = no_producer_id;
  response.producer_epoch = no_producer_epoch;
  const auto& body = request.body;
  const bool names_id = body.producer_id != no_producer_id;
  const bool names_epoch = body.producer_epoch != no_producer_epoch;
  if (names_id != names_epoch) {
    response.error_code = ErrorCode::invalid_request;
    return broker.server().reply(request.context.token, response);
  }
  if (body.transactional_id) {
    response.error_code =
        body.transactional_id->empty() ? ErrorCode::invalid_request : ErrorCode::not_coordinator;
    return broker.server().reply(request.context.token, response);
  }
  const auto id = broker.producer_ids().next(request.context.token);
  if (!id) return;  // Answered when the controller has given a new block.
  response.producer_id = *id;
  response.producer_epoch = ProducerEpoch{0};
  broker.server().reply(request.context.token, response);
}

}  // namespace ottla::broker
