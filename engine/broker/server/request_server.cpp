#include "engine/broker/server/request_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/protocol/api_key.h"

namespace ottla::broker {

void RequestServer::accepted(ConnectionId connection, std::string_view peer_host) {
  connections_.emplace(
      connection,
      Connection{
          .peer_host = std::string(peer_host), .client_id = {}, .software = {}, .waiting = {}});
}

bool RequestServer::closed(ConnectionId connection) {
  const bool known = connections_.count(connection) > 0;
  if (known) forget(connection);
  return known;
}

bool RequestServer::received(ConnectionId connection, ByteChain frame) {
  const auto at = connections_.find(connection);
  if (at == connections_.end()) return false;
  at->second.waiting.push_back(std::move(frame));
  ready_.push_back(connection);
  return true;
}

bool RequestServer::begin_ready() {
  while (!ready_.empty()) {
    const ConnectionId connection = ready_.front();
    ready_.pop_front();
    const auto at = connections_.find(connection);
    if (at == connections_.end() || at->second.busy || at->second.waiting.empty()) continue;
    if (at->second.muted_until > env_.clock.now()) continue;
    ByteChain frame = std::move(at->second.waiting.front());
    at->second.waiting.pop_front();
    begin(connection, at->second.peer_host, std::move(frame));
  }
  return true;
}

void RequestServer::note_software(ConnectionId connection, std::string software) {
  if (const auto at = connections_.find(connection); at != connections_.end()) {
    at->second.software = std::move(software);
  }
}

void RequestServer::begin(ConnectionId connection, const std::string& peer_host, ByteChain frame) {
  RequestContext context{.token = next_token_,
                         .connection = connection,
                         .head = {},
                         .peer_host = peer_host,
                         .received = env_.clock.now(),
                         .bytes = frame.size(),
                         .began_nanos = env_.processor.used_nanos()};
  env_.network.begun(connection, frame.size());
  ByteReader reader(std::move(frame));
  auto head = protocol::read_request_head(reader);
  if (!head) {
    auto answer = answer_bad_head_(head.error());
    if (!answer) return drop_connection(connection, protocol::describe(head.error()));
    env_.network.send(connection, *std::move(answer));
    ready_.push_back(connection);
    return;
  }
  context.head = *std::move(head);
  next_token_ = next_token_.next();
  Connection& from = connections_.at(connection);
  from.busy = true;
  if (from.client_id != context.head.client_id)
    from.client_id = context.head.client_id.value_or("");
  ++from.requests;
  const RequestToken token = context.token;
  const RequestContext& request = pending_.emplace(token, std::move(context)).first->second;
  ApiStatistics& statistics = statistics_[request.head.key];
  ++statistics.requests;
  statistics.bytes_in += request.bytes;
  handling_ = token;
  if (dispatch_(request, reader)) {
    handler_returned(token);
  } else {
    refuse(token, fmt::format("{} v{} is not served or is malformed",
                              protocol::name(request.head.key), request.head.version.value()));
  }
  handling_.reset();
  handled_ = {};
}

RequestServer::Pending::iterator RequestServer::end(Pending::iterator at) {
  const auto next = std::next(at);
  auto ended = pending_.extract(at);
  if (ended.key() == handling_) handled_ = std::move(ended);
  return next;
}

void RequestServer::handler_returned(RequestToken token) {
  if (!charges_time()) return;
  const auto at = pending_.find(token);
  if (at == pending_.end()) return;
  at->second.handled_nanos = env_.processor.used_nanos() - at->second.began_nanos;
}

Duration RequestServer::charge_time(RequestToken token) {
  if (!charges_time()) return {};
  const auto at = pending_.find(token);
  if (at == pending_.end()) return {};
  RequestContext& request = at->second;
  if (std::exchange(request.is_charged, true)) return {};
  const std::int64_t nanos =
      request.handled_nanos.value_or(env_.processor.used_nanos() - request.began_nanos);
  const Duration wait = time_quota_->charge(quota_subject(request), nanos, env_.clock.now());
  mute(token, wait);
  return wait;
}

void RequestServer::exempt(RequestToken token) {
  if (!charges_time()) return;
  if (const auto at = pending_.find(token); at != pending_.end())
    at->second.is_exempt = at->second.is_charged = true;
}

void RequestServer::open_envelope(RequestToken token, protocol::RequestHead head) {
  RequestContext& request = pending_.at(token);
  request.envelope = std::exchange(request.head, std::move(head));
}

void RequestServer::send(const RequestContext& request, ByteChain frame) {
  const std::int64_t before = env_.processor.used_nanos();
  env_.network.send(request.connection, std::move(frame));
  if (!charges_time() || request.is_exempt) return;
  time_quota_->count(quota_subject(request), env_.processor.used_nanos() - before,
                     env_.clock.now());
}

void RequestServer::send_and_finish(Pending::iterator at, ByteChain frame) {
  ApiStatistics& statistics = statistics_[at->second.outermost().key];
  statistics.bytes_out += frame.size();
  statistics.total_micros += (env_.clock.now() - at->second.received).count_micros();
  send(at->second, std::move(frame));
  finish(at);
}

void RequestServer::reply_with_frame(RequestToken token, ByteChain frame) {
  if (const auto at = pending_.find(token); at != pending_.end())
    send_and_finish(at, std::move(frame));
}

void RequestServer::finish_silently(RequestToken token) {
  if (const auto at = pending_.find(token); at != pending_.end()) finish(at);
}

void RequestServer::finish(Pending::iterator at) {
  const ConnectionId connection = at->second.connection;
  end(at);
  connections_.at(connection).busy = false;
  ready_.push_back(connection);
}

const RequestContext* RequestServer::find(RequestToken token) const {
  const auto at = pending_.find(token);
  return at == pending_.end() ? nullptr : &at->second;
}

void RequestServer::mute(RequestToken token, Duration wait) {
  const RequestContext* request = find(token);
  if (request == nullptr || request->envelope || wait <= Duration()) return;
  Instant& until = connections_.at(request->connection).muted_until;
  until = std::max(until, env_.clock.now() + wait);
  muted_.emplace(until, request->connection);
}

std::optional<Instant> RequestServer::next_deadline() const {
  return muted_.empty() ? std::nullopt : std::optional(muted_.begin()->first);
}

void RequestServer::on_time() {
  while (!muted_.empty() && muted_.begin()->first <= env_.clock.now()) {
    ready_.push_back(muted_.begin()->second);
    muted_.erase(muted_.begin());
  }
}

void RequestServer::refuse(RequestToken token, std::string_view why) {
  const auto at = pending_.find(token);
  if (at != pending_.end()) drop_connection(at->second.connection, why);
}

void RequestServer::drop_connection(ConnectionId connection, std::string_view why) {
  const std::string text =
      fmt::format("Closed the connection of {}: {}", connections_.at(connection).peer_host, why);
  env_.probe.tell(probe::Noted{probe::Noted::Level::warning, text});
  env_.network.close(connection);
  forget(connection);
}

void RequestServer::close_all() {
  for (const auto& [connection, state] : connections_) env_.network.close(connection);
  connections_.clear();
  pending_.clear();
}

void RequestServer::forget(ConnectionId connection) {
  connections_.erase(connection);
  for (auto at = pending_.begin(); at != pending_.end();) {
    at = at->second.connection == connection ? end(at) : std::next(at);
  }
}

}  // namespace ottla::broker
