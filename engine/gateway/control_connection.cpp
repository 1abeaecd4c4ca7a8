#include "engine/gateway/control_connection.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <utility>

namespace ottla::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr auto request_timeout = std::chrono::seconds(30);  // Also of an idle connection.
constexpr auto response_timeout = std::chrono::seconds(30);

std::string text(beast::string_view view) {
  return std::string(view.data(), view.size());
}

}  // namespace

ControlConnection::ControlConnection(asio::ip::tcp::socket socket, ControlShared& shared,
                                     std::weak_ptr<ControlShared> weak_shared)
    : shared_(shared), weak_shared_(std::move(weak_shared)), stream_(std::move(socket)) {
  error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void ControlConnection::read() {
  parser_.emplace();
  parser_->body_limit(body_bytes_max);
  parser_->header_limit(header_bytes_max);
  stream_.expires_after(request_timeout);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void ControlConnection::on_read(error_code error) {
  if (!error) return answer();
  if (error == http::error::body_limit) {
    return write(control_error(413, fmt::format("a body of more than {} bytes", body_bytes_max)),
                 false);
  }
  if (error == http::error::header_limit) {
    return write(control_error(431, "header fields that are too long"), false);
  }
  // Of HTTP's own errors, these are no request at all: the peer is gone.
  const bool malformed =
      error.category() == http::make_error_code(http::error::bad_target).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message;
  if (malformed) {
    return write(control_error(400, fmt::format("not HTTP: {}", error.message())), false);
  }
  end();
}

void ControlConnection::answer() {
  const auto& message = parser_->get();
  const ControlRequest request{
      .method = text(message.method_string()),
      .target = text(message.target()),
      .host = text(message[http::field::host]),
      .origin = text(message[http::field::origin]),
      .body = message.body(),
  };
  // The reply to HEAD is an error whose body its sender does not read.
  const bool keep_alive = message.keep_alive() && message.method() != http::verb::head;
  stream_.expires_never();  // A command may take its time; the server's end ends the wait.
  shared_.api.handle(
      request, shared_.loopback,
      [weak = weak_from_this(), shared = weak_shared_.lock(), keep_alive](ControlReply reply) {
        asio::post(shared->io, [weak, keep_alive, reply = std::move(reply)]() mutable {
          if (const auto self = weak.lock()) {
            self->write(std::move(reply), keep_alive);
          }
        });
      });
}

void ControlConnection::write(ControlReply reply, bool keep_alive) {
  response_ = {};
  response_.version(11);
  response_.result(reply.status);
  response_.set(http::field::content_type, reply.content_type);
  response_.set(http::field::cache_control, "no-store");
  if (!reply.allow.empty()) response_.set(http::field::allow, reply.allow);
  response_.keep_alive(keep_alive);
  response_.body() = std::move(reply.body);
  response_.prepare_payload();
  stream_.expires_after(response_timeout);
  http::async_write(stream_, response_,
                    [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                      if (error || !keep_alive) return self->end();
                      self->read();
                    });
}

void ControlConnection::end() {
  error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
  shared_.connections.erase(shared_from_this());
}

}  // namespace ottla::gateway
