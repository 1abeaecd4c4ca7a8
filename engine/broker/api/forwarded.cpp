// Requests that only the active controller can carry out: the broker forwards them in an Envelope
// (KIP-590) and returns the controller's answer as it came. When none comes in request.timeout.ms,
// every item is answered with REQUEST_TIMED_OUT, as Kafka's ForwardingManager does.
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_node.h"
#include "engine/protocol/messages/create_partitions_response.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_topics_response.h"

namespace ottla::broker {
namespace {

using protocol::ErrorCode;

constexpr ErrorCode timed_out = ErrorCode::request_timed_out;

protocol::CreateTopicsResponse timed_out_answer(const protocol::CreateTopicsRequest& request) {
  protocol::CreateTopicsResponse response;
  for (const auto& topic : request.topics) {
    auto& result = response.topics.emplace_back();
    result.name = topic.name;
    result.error_code = timed_out;
    result.error_message = protocol::message(timed_out);
  }
  return response;
}

protocol::DeleteTopicsResponse timed_out_answer(const protocol::DeleteTopicsRequest& request) {
  protocol::DeleteTopicsResponse response;
  const auto add = [&](std::optional<std::string> name, const TopicId& id) {
    auto& result = response.responses.emplace_back();
    result.name = std::move(name);
    result.topic_id = id;
    result.error_code = timed_out;
  };
  for (const auto& topic : request.topics) add(topic.name, topic.topic_id);
  for (const std::string& name : request.topic_names) add(name, TopicId());
  return response;
}

protocol::CreatePartitionsResponse timed_out_answer(
    const protocol::CreatePartitionsRequest& request) {
  protocol::CreatePartitionsResponse response;
  for (const auto& topic : request.topics) {
    auto& result = response.results.emplace_back();
    result.name = topic.name;
    result.error_code = timed_out;
    result.error_message = protocol::message(timed_out);
  }
  return response;
}

}  // namespace

template <class Body>
void forward_to_controller(BrokerNode& broker, const Request<Body>& request) {
  const protocol::RequestHead& head = request.context.head;
  ByteWriter without;
  protocol::write_response_head(without, head.key, head.version, head.correlation_id);
  timed_out_answer(request.body).encode(without, head.version);
  broker.controller().forward(request.context, request.body,
                              broker.config().millis("request.timeout.ms"), without.take_chain());
}

template void forward_to_controller(BrokerNode&, const Request<protocol::CreateTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<protocol::DeleteTopicsRequest>&);
template void forward_to_controller(BrokerNode&, const Request<protocol::CreatePartitionsRequest>&);

}  // namespace ottla::broker
