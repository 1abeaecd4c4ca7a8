// One outgoing Kafka connection of a node: connects when asked, numbers requests, pairs responses
// with them in order, and fails what waits too long. Behaves as Kafka's NetworkClient does towards
// one node.
//
// The owner forwards the node's events for `connection()`, arms a timer for `next_deadline()`, and
// takes completions after each event; a channel never calls its owner.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/byte_writer.h"
#include "engine/env/network.h"
#include "engine/env/random.h"
#include "engine/protocol/messages/api_versions_response.h"
#include "engine/protocol/request_frame.h"
#include "engine/wire/backoff.h"
#include "engine/wire/channel_options.h"
#include "engine/wire/completion.h"

namespace ottla::wire {

class Channel {
 public:
  enum class State : std::uint8_t { idle, connecting, negotiating, ready };

  // The seams outlive the channel.
  Channel(Endpoint to, Network& network, Random& random, ChannelOptions options);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] State state() const { return state_; }
  // The connection whose events belong here; nothing while idle.
  [[nodiscard]] std::optional<ConnectionId> connection() const { return connection_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  // The earliest moment a new connection may be tried (reconnect back-off); past or now when it
  // may.
  [[nodiscard]] Instant connect_not_before() const { return connect_not_before_; }

  // Writes no request until then, as a client does that is told a throttle time (KIP-219): the
  // broker does not read from a connection it has muted. Ends with the connection.
  void hold_until(Instant until);

  // Starts to connect where that is due, and says whether a request would be written at once.
  bool prepare(Instant now);

  // Queues a request and writes it as soon as the connection and the in-flight limit allow. It ends
  // in exactly one Completion with `token`, unless false is returned: then the queue is full and
  // nothing was done.
  template <class Request>
  [[nodiscard]] bool send(const Request& request, ApiVersion version, RequestToken token,
                          Instant now, SendOptions options = {}) {
    if (queue_.size() >= options_.queued_max) return false;
    ByteWriter frame = begin_frame(Request::api_key, version);
    request.encode(frame, version);
    enqueue(Request::api_key, version, frame.take_chain(), token, now, options);
    return true;
  }

  // The newest version both sides know, at most `ceiling`; nothing before the connection is ready,
  // without negotiation, or when there is none.
  template <class Request>
  [[nodiscard]] std::optional<ApiVersion> latest(ApiVersion ceiling = Request::max_version) const {
    return common_version(Request::api_key, Request::min_version,
                          std::min(ceiling, Request::max_version));
  }
  // What the peer answered to ApiVersions on this connection, with its finalized features; else
  // null.
  [[nodiscard]] const protocol::ApiVersionsResponse* peer_versions() const {
    return peer_versions_ ? &*peer_versions_ : nullptr;
  }

  // The node's events for `connection()`.
  void on_connected(Instant now);
  void on_message(const ByteChain& frame, Instant now);
  void on_connection_closed(Instant now);

  // When `expire` has something to do next. Asked after every event, so it is kept.
  [[nodiscard]] std::optional<Instant> next_deadline() const {
    if (deadline_is_stale_) {
      deadline_ = find_deadline();
      deadline_is_stale_ = false;
    }
    return deadline_;
  }
  // Fails what is overdue, and connects again when the back-off has passed and requests wait.
  void expire(Instant now);

  // Closes the connection; what was waiting completes as `disconnected` or `not_sent`.
  void close(Instant now);

  // What ended since the last call, in order.
  [[nodiscard]] std::vector<Completion> take_completions();
  // The same, left in `ended`, whose memory is used again.
  void take_completions(std::vector<Completion>& ended);
  [[nodiscard]] bool has_completions() const { return !completions_.empty(); }

 private:
  struct Pending {
    protocol::ApiKey key{};
    ApiVersion version;
    CorrelationId correlation_id;
    RequestToken token;
    Instant deadline;
    Instant sent_at;
    ByteChain frame;  // Until it is written.
    bool expects_response = true;
    bool negotiation = false;
  };
  struct VersionRange {
    std::int16_t min;
    std::int16_t max;
  };

  ByteWriter begin_frame(protocol::ApiKey key, ApiVersion version);
  void enqueue(protocol::ApiKey key, ApiVersion version, ByteChain frame, RequestToken token,
               Instant now, const SendOptions& options);
  std::optional<ApiVersion> common_version(protocol::ApiKey key, ApiVersion min,
                                           ApiVersion max) const;
  [[nodiscard]] std::optional<Instant> find_deadline() const;
  void connect(Instant now);
  void become_ready();
  void ask_versions(ApiVersion version, Instant now);
  void learn_versions(const Pending& request, const ByteChain& body, Instant now);
  void write_queued(Instant now);
  void write(Pending request, Instant now);
  // Ends the connection: the first in flight fails with `first_error`, the others as disconnected.
  void fail_connection(WireError first_error, Instant now);
  void complete(const Pending& request, WireError error);

  // Constant after construction.
  Endpoint endpoint_;
  Network& network_;
  Random& random_;
  ChannelOptions options_;

  State state_ = State::idle;
  std::optional<ConnectionId> connection_;
  CorrelationId next_correlation_id_{0};
  protocol::RequestHead head_;  // Of the last request; its client id is that of all.
  bool wanted_ = false;         // prepare() asked for a connection that could not be tried yet.

  Instant connect_not_before_ = Instant::from_micros(std::numeric_limits<std::int64_t>::min());
  Instant setup_deadline_;
  unsigned failures_ = 0;        // Since the last ready connection.
  unsigned setup_failures_ = 0;  // Of these, the ones that never connected.

  std::optional<Instant> held_until_;

  std::deque<Pending> queue_;      // Not written yet, oldest first.
  std::deque<Pending> in_flight_;  // Awaiting a response, oldest first.
  std::vector<Completion> completions_;

  // What find_deadline() said; stale once anything that it looks at has changed.
  mutable std::optional<Instant> deadline_;
  mutable bool deadline_is_stale_ = false;

  std::optional<protocol::ApiVersionsResponse> peer_versions_;
  std::map<std::int16_t, VersionRange> peer_ranges_;
};

}  // namespace ottla::wire
