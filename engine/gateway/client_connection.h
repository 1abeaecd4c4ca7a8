// One real client's TCP connection: four-byte lengths in front of frames, limits, back-pressure,
// gather writes. Lives on the gateway's thread; only `enqueue` and `request_close` are called from
// elsewhere.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/runtime/outside_port.h"

namespace ottla::gateway {

struct ConnectionLimits {
  std::size_t frame_bytes_max = 100 << 20;  // socket.request.max.bytes
  // Read from one client and not begun yet; while there is more, nothing is read from it.
  std::size_t inbox_bytes_max = 64 << 20;
  std::size_t requests_waiting_max = 1000;
  // Queued for a client that does not read; while there is more, nothing is read from it.
  std::size_t unsent_bytes_max = 16 << 20;
  // With this much, by requests that it had sent before, it is closed.
  std::size_t unsent_bytes_end = 256 << 20;
  std::size_t connections_max = 4096;  // Per gateway.
};

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  // Told of the end, once, on the gateway's thread.
  struct Owner {
    virtual ~Owner() = default;
    virtual void connection_ended(runtime::OutsideId client) = 0;
  };

  ClientConnection(boost::asio::ip::tcp::socket socket, runtime::OutsidePort& port,
                   runtime::OutsideId id, ConnectionLimits limits, Owner& owner);

  void start();
  // From the engine's thread.
  void enqueue(ByteChain frame);
  void request_close();
  void frame_begun(std::size_t bytes);
  // Closes the socket; once the gateway's thread has ended.
  void abandon();

 private:
  void read_length();
  void read_body(std::size_t length);
  void deliver();
  void read_when_allowed();
  [[nodiscard]] bool may_read();
  void write_queued();
  void refuse(std::string why);
  void end();

  // Constant after construction.
  boost::asio::ip::tcp::socket socket_;
  runtime::OutsidePort& port_;
  const runtime::OutsideId id_;
  const ConnectionLimits limits_;
  Owner& owner_;

  // The gateway's thread.
  std::array<std::uint8_t, 4> length_bytes_{};
  MutableBytes body_;
  std::size_t inbox_bytes_ = 0;
  std::size_t requests_waiting_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool ended_ = false;
  std::vector<ByteChain> being_written_;
  std::vector<std::array<std::uint8_t, 4>> prefixes_;

  // Any thread, under the lock.
  std::mutex lock_;
  std::vector<ByteChain> queued_;
  std::size_t unsent_bytes_ = 0;  // Queued, or being written.
  bool write_scheduled_ = false;
};

}  // namespace ottla::gateway
