// A Network that writes down what a channel does, and a Random that a test sets.
#pragma once

#include <string>
#include <vector>

#include "engine/base/byte_reader.h"
#include "engine/env/network.h"
#include "engine/env/random.h"
#include "engine/protocol/request_frame.h"

namespace ottla::wire::test {

struct FakeNetwork final : Network {
  struct Sent {
    ConnectionId connection;
    protocol::RequestHead head;
    ByteChain body;
  };
  std::vector<Endpoint> connected_to;
  std::vector<Sent> sent;
  std::vector<ConnectionId> closed;

  ConnectionId connect(const Endpoint& to) override {
    connected_to.push_back(to);
    return ConnectionId(connected_to.size());
  }
  void send(ConnectionId connection, ByteChain frame) override {
    ByteReader reader(std::move(frame));
    auto head = protocol::read_request_head(reader);
    sent.push_back({connection, head.value_or(protocol::RequestHead()),
                    reader.read_chain(reader.remaining())});
  }
  void close(ConnectionId connection) override { closed.push_back(connection); }
};

// 200 draws the middle of a back-off's jitter: none.
struct FakeRandom final : Random {
  std::uint64_t value = 200;
  std::uint64_t next() override { return value; }
};

// The frame that answers a request.
template <class Response>
ByteChain answer(const FakeNetwork::Sent& request, const Response& response) {
  ByteWriter frame;
  protocol::write_response_head(frame, request.head.key, request.head.version,
                                request.head.correlation_id);
  response.encode(frame, request.head.version);
  return frame.take_chain();
}

}  // namespace ottla::wire::test
