// A node's connection to the active controller: its own requests (registration, heartbeats,
// in-sync proposals, producer id blocks) and the clients' requests that it forwards in an Envelope
// (KIP-590). Follows the leader of the metadata quorum as the broker learns of it; requests that
// meet another node are tried again.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "engine/broker/server/request_context.h"
#include "engine/env/node.h"
#include "engine/protocol/messages/envelope_response.h"
#include "engine/wire/channel.h"

namespace ottla::broker {

// What a node asks the active controller for itself. Of each but create_topics there is at most one
// under way.
enum class ControllerCall : std::uint8_t {
  register_broker,
  heartbeat,
  alter_partition,
  allocate_producer_ids,
  create_topics,
  register_controller,
  assign_replicas_to_dirs,
};

class ControllerLink {
 public:
  struct Ended {
    ControllerCall call;
    wire::Completion completion;
  };
  struct Forwarded {
    RequestToken request;
    ByteChain answer;  // A whole response frame: the controller's, or the one for a lack of it.
  };

  ControllerLink(Env& env, std::string client_id);

  // Where the active controller listens; null while it is not known.
  void set_leader(const Endpoint* leader);
  [[nodiscard]] bool has_leader() const { return leader_.has_value(); }

  // Sends a request of this broker, which ends in one of take_ended(); also when nothing could be
  // sent.
  template <class Message>
  void send(ControllerCall call, const Message& request, ApiVersion version, Duration timeout) {
    const wire::RequestToken token = register_call(Call{call, 0});
    transmit(token, request, version, timeout);
  }
  [[nodiscard]] bool is_under_way(ControllerCall call) const;

  // Forwards a client's request, which ends in one of take_forwarded(): with `without` as its
  // answer when the controller has given none for `give_up_after`.
  template <class Message>
  void forward(const RequestContext& context, const Message& body, Duration give_up_after,
               ByteChain without) {
    ByteWriter writer;
    protocol::write_request_head(writer, context.head);
    body.encode(writer, context.head.version);
    forward_bytes(context.token, writer.take(), give_up_after, std::move(without));
  }

  bool on_connected(ConnectionId connection);
  bool on_message(ConnectionId connection, const ByteChain& frame);
  bool on_connection_closed(ConnectionId connection);
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

  // Whether there is anything to take.
  [[nodiscard]] bool has_news() const {
    return !retired_.empty() || (channel_ && channel_->has_completions()) || !ended_.empty() ||
           !answers_.empty();
  }
  // What ended since the last call, in order.
  [[nodiscard]] std::vector<Ended> take_ended();
  [[nodiscard]] std::vector<Forwarded> take_forwarded();

 private:
  using ForwardId = std::uint64_t;
  struct Waiting {
    RequestToken request;
    Bytes frame;
    ByteChain answer_without;
    Instant give_up_at;
    std::optional<Instant> retry_at;  // Nothing while it is under way.
  };
  struct Call {
    ControllerCall call;
    ForwardId forward;  // 0: a call of this broker's own.
  };

  wire::RequestToken register_call(Call call);
  template <class Message>
  void transmit(wire::RequestToken token, const Message& request, ApiVersion version,
                Duration timeout) {
    const wire::SendOptions options{.timeout = timeout};
    const bool queued =
        channel_ && channel_->send(request, version, token, env_.clock.now(), options);
    if (!queued) retired_.push_back(wire::Completion{token, failure(wire::WireError::not_sent)});
  }
  void forward_bytes(RequestToken request, Bytes frame, Duration give_up_after, ByteChain without);
  void send_forwarded(ForwardId id);
  void forwarded_ended(ForwardId id, const wire::Completion& completion);
  void settle();
  void retire_channel();

  Env& env_;
  std::string client_id_;
  std::optional<Endpoint> leader_;
  std::unique_ptr<wire::Channel> channel_;
  std::vector<wire::Completion> retired_;  // Completions of channels that are gone.
  std::map<wire::RequestToken, Call> calls_;
  std::map<ForwardId, Waiting> forwarded_;
  std::vector<Ended> ended_;
  std::vector<Forwarded> answers_;
  wire::RequestToken next_token_{1};
  ForwardId next_forward_ = 1;
};

}  // namespace ottla::broker
