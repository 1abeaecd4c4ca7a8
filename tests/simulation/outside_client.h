// A client from outside the world, as over a real socket: asks a broker and waits for the answer.
#pragma once

#include <optional>

#include "engine/base/byte_reader.h"
#include "engine/base/byte_writer.h"
#include "engine/protocol/request_frame.h"
#include "engine/world/cluster.h"

namespace ottla::test {

class OutsideClient final : private world::ExternalSink {
 public:
  // Connects to the broker of that place; the cluster outlives this.
  OutsideClient(world::Cluster& cluster, std::string client_id, std::size_t broker = 0)
      : OutsideClient(cluster, std::move(client_id), cluster.listeners().at(broker)) {}
  // Connects to any listener, such as a controller's.
  OutsideClient(world::Cluster& cluster, std::string client_id, const Endpoint& listener)
      : cluster_(cluster), client_id_(std::move(client_id)) {
    cluster_.world().set_external_sink(this);
    connection_ = cluster_.open_external(listener, "outside");
  }
  ~OutsideClient() override {
    cluster_.close_external(connection_);
    cluster_.world().set_external_sink(nullptr);
  }
  OutsideClient(const OutsideClient&) = delete;

  // Nothing when no answer comes within `limit` of virtual time; one that comes later is dropped.
  template <class Response, class Request>
  std::optional<Response> ask(const Request& request, ApiVersion version,
                              Duration limit = Duration::seconds(10)) {
    const protocol::RequestHead head{.key = Request::api_key,
                                     .version = version,
                                     .correlation_id = CorrelationId{++asked_},
                                     .client_id = client_id_};
    ByteWriter frame;
    protocol::write_request_head(frame, head);
    request.encode(frame, version);
    answer_.reset();
    cluster_.world().external_send(connection_, frame.take_chain());
    const Instant end = cluster_.world().now() + limit;
    while (!answer_ && cluster_.world().now() < end && cluster_.step()) {
    }
    if (!answer_) return std::nullopt;
    ByteReader reader(*answer_);
    if (!protocol::read_response_head(reader, Response::api_key, version)) return std::nullopt;
    auto response = Response::decode(reader, version);
    if (!response) return std::nullopt;
    return *std::move(response);
  }

 private:
  void on_frame(ConnectionId connection, ByteChain frame) override {
    ByteReader reader(frame);
    if (connection == connection_ && reader.read_int32() == asked_) answer_ = std::move(frame);
  }
  void on_closed(ConnectionId) override {}
  void on_begun(ConnectionId, std::size_t) override {}

  world::Cluster& cluster_;
  const std::string client_id_;
  ConnectionId connection_;
  std::int32_t asked_ = 0;
  std::optional<ByteChain> answer_;
};

}  // namespace ottla::test
