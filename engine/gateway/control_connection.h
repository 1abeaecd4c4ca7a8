// One HTTP connection to the control API: requests one after another, with limits and timeouts.
// Lives on the control server's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <set>

#include "engine/gateway/control_api.h"

namespace ottla::gateway {

class ControlConnection;

// What the connections of one server share. A command that is still being carried out keeps it
// alive, so that its answer finds an executor even when the server has stopped meanwhile.
struct ControlShared {
  explicit ControlShared(observe::ClusterSession& session) : api(session) {}

  boost::asio::io_context io;
  ControlApi api;
  bool loopback = true;
  std::set<std::shared_ptr<ControlConnection>> connections;
};

class ControlConnection : public std::enable_shared_from_this<ControlConnection> {
 public:
  static constexpr std::size_t body_bytes_max = 1 << 20;
  static constexpr std::uint32_t header_bytes_max = 16 << 10;

  // `shared` outlives the connection, which is one of its own.
  ControlConnection(boost::asio::ip::tcp::socket socket, ControlShared& shared,
                    std::weak_ptr<ControlShared> weak_shared);

  void start() { read(); }

 private:
  void read();
  void on_read(boost::system::error_code error);
  void answer();
  void write(ControlReply reply, bool keep_alive);
  void end();

  ControlShared& shared_;
  const std::weak_ptr<ControlShared> weak_shared_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
};

}  // namespace ottla::gateway
