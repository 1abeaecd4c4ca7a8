#include "engine/wire/channel.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/api_versions_request.h"
#include "engine/protocol/request_frame.h"

namespace ottla::wire {

using protocol::ApiKey;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;

std::string_view describe(WireError error) {
  switch (error) {
    case WireError::timed_out: return "no response in time";
    case WireError::disconnected: return "the connection ended before the response";
    case WireError::not_sent: return "the request could not be sent";
    case WireError::malformed_response: return "the response could not be read";
  }
  return "unknown wire error";
}

Channel::Channel(Endpoint to, Network& network, Random& random, ChannelOptions options)
    : endpoint_(std::move(to)), network_(network), random_(random), options_(std::move(options)) {
  OTTLA_ASSERT(options_.in_flight_max > 0);
  head_.client_id = options_.client_id;
}

bool Channel::prepare(Instant now) {
  if (state_ == State::idle) {
    wanted_ = true;
    deadline_is_stale_ = true;
    if (now >= connect_not_before_) connect(now);
  }
  return state_ == State::ready && !held_until_ && queue_.empty() &&
         in_flight_.size() < options_.in_flight_max;
}

void Channel::hold_until(Instant until) {
  if (state_ != State::ready) return;
  held_until_ = std::max(held_until_.value_or(until), until);
  deadline_is_stale_ = true;
}

ByteWriter Channel::begin_frame(ApiKey key, ApiVersion version) {
  ByteWriter frame;
  head_.key = key;
  head_.version = version;
  head_.correlation_id = next_correlation_id_;
  protocol::write_request_head(frame, head_);
  return frame;
}

void Channel::enqueue(ApiKey key, ApiVersion version, ByteChain frame, RequestToken token,
                      Instant now, const SendOptions& options) {
  deadline_is_stale_ = true;
  Pending request;
  request.key = key;
  request.version = version;
  request.correlation_id = next_correlation_id_;
  request.token = token;
  request.deadline = now + options.timeout.value_or(options_.request_timeout);
  request.frame = std::move(frame);
  request.expects_response = options.expects_response;
  constexpr CorrelationId last{std::numeric_limits<std::int32_t>::max()};
  next_correlation_id_ =
      next_correlation_id_ == last ? CorrelationId{0} : next_correlation_id_.next();
  queue_.push_back(std::move(request));
  if (state_ == State::idle && now >= connect_not_before_) connect(now);
  write_queued(now);
}

std::optional<ApiVersion> Channel::common_version(ApiKey key, ApiVersion min,
                                                  ApiVersion max) const {
  const auto range = peer_ranges_.find(static_cast<std::int16_t>(key));
  if (range == peer_ranges_.end()) return std::nullopt;
  const ApiVersion newest = std::min(max, ApiVersion{range->second.max});
  if (newest < min || newest < ApiVersion{range->second.min}) return std::nullopt;
  return newest;
}

void Channel::connect(Instant now) {
  const Backoff setup{options_.connection_setup_timeout, options_.connection_setup_timeout_max};
  wanted_ = false;
  state_ = State::connecting;
  setup_deadline_ = now + setup.after(setup_failures_, random_);
  connection_ = network_.connect(endpoint_);
}

void Channel::become_ready() {
  state_ = State::ready;
  failures_ = 0;
}

void Channel::on_connected(Instant now) {
  OTTLA_ASSERT(state_ == State::connecting);
  deadline_is_stale_ = true;
  setup_failures_ = 0;
  if (options_.negotiate) {
    state_ = State::negotiating;
    ask_versions(ApiVersionsRequest::max_version, now);
    return;
  }
  become_ready();
  write_queued(now);
}

void Channel::ask_versions(ApiVersion version, Instant now) {
  ApiVersionsRequest request;
  request.client_software_name = options_.software_name;
  request.client_software_version = options_.software_version;
  ByteWriter frame = begin_frame(ApiKey::api_versions, version);
  request.encode(frame, version);
  Pending pending;
  pending.key = ApiKey::api_versions;
  pending.version = version;
  pending.correlation_id = std::exchange(next_correlation_id_, next_correlation_id_.next());
  pending.deadline = now + options_.request_timeout;
  pending.frame = frame.take_chain();
  pending.negotiation = true;
  write(std::move(pending), now);
}

void Channel::learn_versions(const Pending& request, const ByteChain& body, Instant now) {
  ByteReader first(body);
  const auto error = static_cast<ErrorCode>(first.read_int16());
  // A peer that does not know the version answers in v0's format, with its range of versions
  // (KIP-511).
  const bool unsupported = first.ok() && error == ErrorCode::unsupported_version;
  const ApiVersion format = unsupported ? ApiVersion{0} : request.version;
  ByteReader reader(body);
  auto response = ApiVersionsResponse::decode(reader, format);
  if (!response || (error != ErrorCode::none && !unsupported)) {
    return fail_connection(WireError::malformed_response, now);
  }
  peer_ranges_.clear();
  for (const auto& range : response->api_keys) {
    peer_ranges_.emplace(range.api_key, VersionRange{range.min_version, range.max_version});
  }
  if (unsupported) {
    if (request.version == ApiVersion{0})
      return fail_connection(WireError::malformed_response, now);
    const auto common = common_version(ApiKey::api_versions, ApiVersion{0}, request.version);
    return ask_versions(common && *common < request.version ? *common : ApiVersion{0}, now);
  }
  peer_versions_ = std::move(*response);
  become_ready();
  write_queued(now);
}

void Channel::write_queued(Instant now) {
  while (state_ == State::ready && !held_until_ && !queue_.empty() &&
         in_flight_.size() < options_.in_flight_max) {
    Pending request = std::move(queue_.front());
    queue_.pop_front();
    write(std::move(request), now);
  }
}

void Channel::write(Pending request, Instant now) {
  request.sent_at = now;
  network_.send(*connection_, std::exchange(request.frame, {}));
  if (request.expects_response) {
    in_flight_.push_back(std::move(request));
    return;
  }
  completions_.push_back(
      {request.token, ResponseFrame{request.key, request.version, request.sent_at, ByteChain()}});
}

void Channel::on_message(const ByteChain& frame, Instant now) {
  deadline_is_stale_ = true;
  // A response to nothing, or to another request than the oldest: the stream is out of step.
  if (in_flight_.empty()) return fail_connection(WireError::malformed_response, now);
  ByteReader reader(frame);
  const auto head =
      protocol::read_response_head(reader, in_flight_.front().key, in_flight_.front().version);
  if (!head || head->correlation_id != in_flight_.front().correlation_id) {
    return fail_connection(WireError::malformed_response, now);
  }
  const Pending request = std::move(in_flight_.front());
  in_flight_.pop_front();
  ByteChain body = reader.read_chain(reader.remaining());
  if (request.negotiation) return learn_versions(request, body, now);
  completions_.push_back({request.token, ResponseFrame{request.key, request.version,
                                                       request.sent_at, std::move(body)}});
  write_queued(now);
}

void Channel::on_connection_closed(Instant now) {
  connection_.reset();
  fail_connection(WireError::disconnected, now);
}

void Channel::close(Instant now) {
  fail_connection(WireError::disconnected, now);
}

void Channel::fail_connection(WireError first_error, Instant now) {
  deadline_is_stale_ = true;
  if (connection_) network_.close(*connection_);
  connection_.reset();
  if (state_ == State::connecting) ++setup_failures_;
  if (state_ != State::idle) {
    const Backoff backoff{options_.reconnect_backoff, options_.reconnect_backoff_max};
    connect_not_before_ = now + backoff.after(failures_++, random_);
  }
  state_ = State::idle;
  held_until_.reset();
  peer_versions_.reset();
  peer_ranges_.clear();
  for (const Pending& request : std::exchange(in_flight_, {})) {
    complete(request, std::exchange(first_error, WireError::disconnected));
  }
  for (const Pending& request : std::exchange(queue_, {})) complete(request, WireError::not_sent);
}

void Channel::complete(const Pending& request, WireError error) {
  if (!request.negotiation) completions_.push_back({request.token, failure(error)});
}

std::optional<Instant> Channel::find_deadline() const {
  std::optional<Instant> next;
  const auto consider = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
  for (const Pending& request : in_flight_) consider(request.deadline);
  for (const Pending& request : queue_) consider(request.deadline);
  if (held_until_) consider(*held_until_);
  if (state_ == State::connecting) consider(setup_deadline_);
  if (state_ == State::idle && (wanted_ || !queue_.empty())) consider(connect_not_before_);
  return next;
}

void Channel::expire(Instant now) {
  if (const auto due = next_deadline(); !due || *due > now) return;
  deadline_is_stale_ = true;
  if (held_until_ && *held_until_ <= now) {
    held_until_.reset();
    write_queued(now);
  }
  const auto overdue = [now](const Pending& request) { return request.deadline <= now; };
  for (const Pending& request : queue_) {
    if (overdue(request)) complete(request, WireError::not_sent);
  }
  std::erase_if(queue_, overdue);
  if (state_ == State::connecting && setup_deadline_ <= now)
    fail_connection(WireError::disconnected, now);
  const auto late = std::find_if(in_flight_.begin(), in_flight_.end(), overdue);
  if (late != in_flight_.end()) {
    // Those that are overdue say so; the rest go down with the connection.
    for (const Pending& request : in_flight_) {
      complete(request, overdue(request) ? WireError::timed_out : WireError::disconnected);
    }
    in_flight_.clear();
    fail_connection(WireError::disconnected, now);
  }
  if (state_ == State::idle && (wanted_ || !queue_.empty()) && connect_not_before_ <= now)
    connect(now);
}

std::vector<Completion> Channel::take_completions() {
  return std::exchange(completions_, {});
}

void Channel::take_completions(std::vector<Completion>& ended) {
  ended.clear();
  std::swap(ended, completions_);
}

}  // namespace ottla::wire
