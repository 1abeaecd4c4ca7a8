// The server side of a node: connections, and the requests on them. As in Kafka, one connection has
// one request in progress; what arrives meanwhile waits its turn, so responses leave in request
// order. A connection that is muted, since its client is over a quota, waits for that too
// (KIP-219).
//
// Handlers never nest: answering a request only marks its connection as ready, and the owner calls
// run_ready() when it has finished what it was doing.
//
// A frame whose header or body does not decode closes its connection, with a note that says why;
// nothing else is touched.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/broker/quota/request_quota.h"
#include "engine/broker/server/request_context.h"
#include "engine/env/node.h"

namespace ottla::broker {

struct ApiStatistics {
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::int64_t total_micros = 0;  // From arrival to response, summed.
};

class RequestServer {
 public:
  // Decodes the body and acts. False: this API is not served, or the body is malformed.
  using Dispatch = std::function<bool(const RequestContext&, ByteReader& body)>;

  // What to send for a head that cannot be read; nothing closes the connection.
  using AnswerBadHead = std::function<std::optional<ByteChain>(const protocol::DecodeError&)>;

  struct Connection {
    std::string peer_host;
    std::string client_id;  // Of its last request.
    std::string software;
    std::uint64_t requests = 0;
    std::deque<ByteChain> waiting;
    bool busy = false;  // A request of it is in progress.
    Instant muted_until = Instant();
  };

  RequestServer(Env& env, Dispatch dispatch, AnswerBadHead answer_bad_head)
      : env_(env), dispatch_(std::move(dispatch)), answer_bad_head_(std::move(answer_bad_head)) {}
  RequestServer(const RequestServer&) = delete;

  void accepted(ConnectionId connection, std::string_view peer_host);
  // True when the connection was this server's.
  bool closed(ConnectionId connection);
  // True when the connection is this server's; then the frame was taken.
  bool received(ConnectionId connection, ByteChain frame);
  // Begins the requests whose turn has come, until none is ready. Called at the end of every event;
  // true when there was any.
  bool run_ready() { return !ready_.empty() && begin_ready(); }
  // What ApiVersions told of a client's library (KIP-511).
  void note_software(ConnectionId connection, std::string software);

  // Answers a request. Nothing happens when its connection is gone.
  template <class Response>
  void reply(RequestToken token, const Response& response) {
    reply_with(token, response, nullptr);
  }
  // For ApiVersions alone, whose answer to an unknown version is in version 0.
  template <class Response>
  void reply_in_version(RequestToken token, const Response& response, ApiVersion version) {
    reply_with(token, response, &version);
  }
  // Answers with a whole response that another node has made, head and all.
  void reply_with_frame(RequestToken token, ByteChain frame);
  // Ends a request that has no response (Produce with acks=0).
  void finish_silently(RequestToken token);
  // Closes the request's connection without an answer, noting why.
  void refuse(RequestToken token, std::string_view why);
  // From now on, what handling a request takes is charged to its client by this quota, which
  // outlives the server; whoever is over it waits, and its answer says so.
  void limit_time_by(RequestQuota& quota) { time_quota_ = &quota; }
  // Charges the request now rather than with its answer, which has to know. How long its client is
  // to wait; its connection is muted for that.
  Duration charge_time(RequestToken token);
  // The same for an answer that is sent later: it says how long its client is to wait, for its time
  // or for what it says already, whichever is longer, and the connection is muted for that.
  template <class Response>
  void throttle(RequestToken token, Response& response) {
    name_wait(response, charge_time(token));
    if constexpr (requires { response.throttle_time_ms; })
      mute(token, Duration::millis(response.throttle_time_ms));
  }
  // Nobody is charged for this request.
  void exempt(RequestToken token);
  // Begins no other request of the same connection until `wait` has passed; said before the answer.
  // One that is forwarded comes on its broker's connection, which is not muted: the broker mutes
  // its client's.
  void mute(RequestToken token, Duration wait);
  // From now on the request is the one that came in it, with this head.
  void open_envelope(RequestToken token, protocol::RequestHead head);

  // Closes every connection; their requests get no answer.
  void close_all();

  // When a muted connection goes on.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

  // The requests in progress, oldest first.
  [[nodiscard]] const std::map<RequestToken, RequestContext>& in_progress() const {
    return pending_;
  }
  [[nodiscard]] bool is_pending(RequestToken token) const { return pending_.count(token) > 0; }
  // Null once it is answered, or its connection is gone.
  [[nodiscard]] const RequestContext* find(RequestToken token) const;
  [[nodiscard]] const std::map<ConnectionId, Connection>& connections() const {
    return connections_;
  }
  [[nodiscard]] const std::map<protocol::ApiKey, ApiStatistics>& statistics() const {
    return statistics_;
  }

 private:
  template <class Response>
  void reply_with(RequestToken token, const Response& response, const ApiVersion* forced) {
    const auto at = pending_.find(token);
    if (at == pending_.end()) return;
    const protocol::RequestHead& head = at->second.head;
    const ApiVersion version = forced != nullptr ? *forced : head.version;
    ByteWriter writer;
    protocol::write_response_head(writer, head.key, version, head.correlation_id);
    if (const Duration wait = charge_time(token); wait > Duration()) {
      Response throttled = response;
      name_wait(throttled, wait);
      throttled.encode(writer, version);
    } else {
      response.encode(writer, version);
    }
    if (!writer.ok()) return refuse(token, "the answer has a text that is too long to be sent");
    send_and_finish(at, writer.take_chain());
  }

  // The longer of two waits counts.
  template <class Response>
  static void name_wait(Response& response, Duration wait) {
    if constexpr (requires { response.throttle_time_ms; }) {
      response.throttle_time_ms =
          std::max(response.throttle_time_ms, static_cast<std::int32_t>(wait.count_millis()));
    }
  }

  using Pending = std::map<RequestToken, RequestContext>;
  // Somebody's time is limited; else nothing is counted.
  [[nodiscard]] bool charges_time() const {
    return time_quota_ != nullptr && time_quota_->in_use();
  }
  void handler_returned(RequestToken token);
  // Forgets a request; the next one. A handler may answer at once, and still reads its own.
  Pending::iterator end(Pending::iterator at);
  void send(const RequestContext& request, ByteChain frame);
  void send_and_finish(Pending::iterator at, ByteChain frame);
  void finish(Pending::iterator at);
  bool begin_ready();
  void begin(ConnectionId connection, const std::string& peer_host, ByteChain frame);
  void drop_connection(ConnectionId connection, std::string_view why);
  void forget(ConnectionId connection);

  Env& env_;
  Dispatch dispatch_;
  AnswerBadHead answer_bad_head_;
  RequestQuota* time_quota_ = nullptr;
  std::map<ConnectionId, Connection> connections_;
  Pending pending_;
  std::optional<RequestToken> handling_;        // The request whose handler runs.
  Pending::node_type handled_;                  // The same, where it has ended.
  std::multimap<Instant, ConnectionId> muted_;  // By the end of it; may be gone by then.
  std::deque<ConnectionId> ready_;  // May have a request to begin; may also be gone or busy by now.
  RequestToken next_token_{1};
  std::map<protocol::ApiKey, ApiStatistics> statistics_;
};

}  // namespace ottla::broker
