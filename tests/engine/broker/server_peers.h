// Clients of a RequestServer under test: they connect, ask by frames as they
// come over a wire, and read the responses that were sent to them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/broker/server/request_server.h"
#include "tests/engine/broker/broker_env.h"

namespace ottla::broker::test {

class ServerPeers {
 public:
  // Both outlive this.
  ServerPeers(BrokerEnv& env, RequestServer& server) : env_(env), server_(server) {}

  ConnectionId connect(std::string_view host = "client") {
    const ConnectionId connection = env_.next_connection();
    server_.accepted(connection, host);
    return connection;
  }
  // The frame arrives at the server; its turn comes with run_ready().
  template <class Request>
  CorrelationId ask(ConnectionId connection, const Request& request, ApiVersion version) {
    const protocol::RequestHead head{.key = Request::api_key,
                                     .version = version,
                                     .correlation_id = CorrelationId{++asked_},
                                     .client_id = "shop"};
    ByteWriter frame;
    protocol::write_request_head(frame, head);
    request.encode(frame, version);
    heads_[head.correlation_id] = head;
    server_.received(connection, frame.take_chain());
    return head.correlation_id;
  }

  // The oldest response on the connection that was not taken yet.
  template <class Response>
  std::optional<Response> take(ConnectionId connection) {
    const auto frame = take_frame(connection);
    if (!frame) return std::nullopt;
    const auto head = heads_.find(correlation_of(*frame));
    if (head == heads_.end()) return std::nullopt;
    ByteReader reader(*frame);
    const ApiVersion version = head->second.version;
    if (!protocol::read_response_head(reader, Response::api_key, version)) return std::nullopt;
    auto response = Response::decode(reader, version);
    if (!response || reader.remaining() > 0) return std::nullopt;
    return *std::move(response);
  }
  // The correlation ids of the responses on the connection that were not taken
  // yet, in order.
  [[nodiscard]] std::vector<CorrelationId> answered(ConnectionId connection) const {
    std::vector<CorrelationId> ids;
    for (const BrokerEnv::Sent& sent : env_.sent) {
      if (sent.connection == connection) ids.push_back(correlation_of(sent.frame));
    }
    return ids;
  }

 private:
  std::optional<ByteChain> take_frame(ConnectionId connection) {
    for (auto at = env_.sent.begin(); at != env_.sent.end(); ++at) {
      if (at->connection != connection) continue;
      ByteChain frame = at->frame;
      env_.sent.erase(at);
      return frame;
    }
    return std::nullopt;
  }
  // Every response begins with it, whatever its API.
  static CorrelationId correlation_of(const ByteChain& frame) {
    ByteReader reader(frame);
    return CorrelationId{reader.read_int32()};
  }

  BrokerEnv& env_;
  RequestServer& server_;
  std::map<CorrelationId, protocol::RequestHead> heads_;
  std::int32_t asked_ = 100;
};

}  // namespace ottla::broker::test
