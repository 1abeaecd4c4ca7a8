#include "engine/broker/controller_link.h"

#include <algorithm>
#include <utility>

#include "engine/protocol/messages/default_principal_data.h"
#include "engine/protocol/messages/envelope_request.h"

namespace ottla::broker {
namespace {

constexpr Duration retry_backoff =
    Duration::millis(100);  // Kafka's BrokerToControllerRequestThread.
constexpr ApiVersion envelope_version{0};

// The principal that Kafka gives a client on a PLAINTEXT listener, with its version in front.
Bytes anonymous_principal() {
  protocol::DefaultPrincipalData principal;
  principal.type = "User";
  principal.name = "ANONYMOUS";
  ByteWriter writer;
  writer.write_int16(0);
  principal.encode(writer, ApiVersion{0});
  return writer.take();
}

// InetAddress bytes; a simulated client's host is a name, which stands as the loopback address.
Bytes address_bytes() {
  constexpr std::uint8_t loopback[] = {127, 0, 0, 1};
  return Bytes::copy_of(std::span<const std::uint8_t>(loopback));
}

}  // namespace

ControllerLink::ControllerLink(Env& env, std::string client_id)
    : env_(env), client_id_(std::move(client_id)) {}

void ControllerLink::set_leader(const Endpoint* leader) {
  if (leader == nullptr ? !leader_ : leader_ == *leader) return;
  retire_channel();
  leader_.reset();
  if (leader == nullptr) return;
  leader_ = *leader;
  wire::ChannelOptions options;
  options.client_id = client_id_;
  options.negotiate = false;
  options.in_flight_max = 100;
  channel_ =
      std::make_unique<wire::Channel>(*leader_, env_.network, env_.random, std::move(options));
  for (auto& [id, forwarded] : forwarded_) {
    if (forwarded.retry_at) forwarded.retry_at = env_.clock.now();
  }
}

void ControllerLink::retire_channel() {
  if (!channel_) return;
  channel_->close(env_.clock.now());
  for (auto& completion : channel_->take_completions()) retired_.push_back(std::move(completion));
  channel_.reset();
}

wire::RequestToken ControllerLink::register_call(Call call) {
  const wire::RequestToken token = next_token_;
  next_token_ = next_token_.next();
  calls_.emplace(token, call);
  return token;
}

bool ControllerLink::is_under_way(ControllerCall call) const {
  return std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
    return entry.second.forward == 0 && entry.second.call == call;
  });
}

void ControllerLink::forward_bytes(RequestToken request, Bytes frame, Duration give_up_after,
                                   ByteChain without) {
  const ForwardId id = next_forward_++;
  const Instant now = env_.clock.now();
  forwarded_.emplace(
      id, Waiting{request, std::move(frame), std::move(without), now + give_up_after, now});
  if (leader_) send_forwarded(id);
}

void ControllerLink::send_forwarded(ForwardId id) {
  Waiting& waiting = forwarded_.at(id);
  waiting.retry_at.reset();
  protocol::EnvelopeRequest envelope;
  envelope.request_data = waiting.frame;
  envelope.request_principal = anonymous_principal();
  envelope.client_host_address = address_bytes();
  transmit(register_call(Call{ControllerCall::create_topics, id}), envelope, envelope_version,
           Duration::seconds(30));
}

void ControllerLink::forwarded_ended(ForwardId id, const wire::Completion& completion) {
  const auto at = forwarded_.find(id);
  if (at == forwarded_.end()) return;
  auto response = wire::decode_response<protocol::EnvelopeResponse>(completion);
  if (response && response->error_code == protocol::ErrorCode::none && response->response_data) {
    answers_.push_back(Forwarded{at->second.request, ByteChain(*response->response_data)});
    forwarded_.erase(at);
    return;
  }
  at->second.retry_at = env_.clock.now() + retry_backoff;
}

bool ControllerLink::on_connected(ConnectionId connection) {
  if (!channel_ || channel_->connection() != connection) return false;
  channel_->on_connected(env_.clock.now());
  return true;
}

bool ControllerLink::on_message(ConnectionId connection, const ByteChain& frame) {
  if (!channel_ || channel_->connection() != connection) return false;
  channel_->on_message(frame, env_.clock.now());
  return true;
}

bool ControllerLink::on_connection_closed(ConnectionId connection) {
  if (!channel_ || channel_->connection() != connection) return false;
  channel_->on_connection_closed(env_.clock.now());
  return true;
}

std::optional<Instant> ControllerLink::next_deadline() const {
  std::optional<Instant> earliest = channel_ ? channel_->next_deadline() : std::nullopt;
  const auto consider = [&](Instant at) {
    if (!earliest || at < *earliest) earliest = at;
  };
  for (const auto& [id, forwarded] : forwarded_) {
    consider(forwarded.give_up_at);
    if (forwarded.retry_at && leader_) consider(*forwarded.retry_at);
  }
  return earliest;
}

void ControllerLink::on_time() {
  const Instant now = env_.clock.now();
  if (channel_) channel_->expire(now);
  std::vector<ForwardId> due;
  for (auto at = forwarded_.begin(); at != forwarded_.end();) {
    if (at->second.give_up_at <= now) {
      answers_.push_back(Forwarded{at->second.request, std::move(at->second.answer_without)});
      at = forwarded_.erase(at);
      continue;
    }
    if (leader_ && at->second.retry_at && *at->second.retry_at <= now) due.push_back(at->first);
    ++at;
  }
  for (const ForwardId id : due) send_forwarded(id);
}

void ControllerLink::settle() {
  if (retired_.empty() && (!channel_ || !channel_->has_completions())) return;
  auto ended = std::exchange(retired_, {});
  if (channel_) {
    for (auto& completion : channel_->take_completions()) ended.push_back(std::move(completion));
  }
  for (wire::Completion& completion : ended) {
    const auto at = calls_.find(completion.token);
    if (at == calls_.end()) continue;
    const Call call = at->second;
    calls_.erase(at);
    if (call.forward != 0) {
      forwarded_ended(call.forward, completion);
    } else {
      ended_.push_back(Ended{call.call, std::move(completion)});
    }
  }
}

std::vector<ControllerLink::Ended> ControllerLink::take_ended() {
  settle();
  return std::exchange(ended_, {});
}

std::vector<ControllerLink::Forwarded> ControllerLink::take_forwarded() {
  settle();
  return std::exchange(answers_, {});
}

}  // namespace ottla::broker
