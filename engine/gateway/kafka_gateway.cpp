#include "engine/gateway/kafka_gateway.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

namespace ottla::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// When the process is out of descriptors, accepting again at once would spin.
constexpr auto accept_pause = std::chrono::milliseconds(100);

std::string why_not_listening(const Endpoint& at, std::string_view option,
                              const error_code& error) {
  if (error == asio::error::address_in_use) {
    return fmt::format("Port {} is in use. Choose another with {}", at.port, option);
  }
  if (error == asio::error::access_denied) {
    return fmt::format("Port {} may not be opened by this user. Choose one from 1024 on with {}",
                       at.port, option);
  }
  return fmt::format("Cannot listen on port {}: {}", at.port, error.message());
}

}  // namespace

KafkaGateway::KafkaGateway(runtime::OutsidePort& port, ConnectionLimits limits)
    : port_(port), limits_(limits) {}

KafkaGateway::~KafkaGateway() {
  stop();
}

Result<void, std::string> KafkaGateway::listen(const Endpoint& advertised,
                                               const std::string& bind_address,
                                               std::string_view port_option) {
  error_code error;
  const auto address = asio::ip::make_address(bind_address, error);
  if (error) return failure(fmt::format("{} is not an IP address to bind to", bind_address));
  const tcp::endpoint endpoint(address, advertised.port);
  auto listener = std::make_unique<Listener>(Listener{advertised, tcp::acceptor(io_)});
  tcp::acceptor& acceptor = listener->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return failure(why_not_listening(advertised, port_option, error));
  listeners_.push_back(std::move(listener));
  return {};
}

void KafkaGateway::start() {
  port_.attach(this);
  for (const auto& listener : listeners_) accept(*listener);
  thread_ = std::thread([this] {
    const auto guard = asio::make_work_guard(io_);
    io_.run();
  });
}

void KafkaGateway::stop() {
  if (!thread_.joinable()) return;
  port_.attach(nullptr);
  io_.stop();
  thread_.join();
  const std::lock_guard guard(lock_);
  for (const auto& [id, connection] : connections_) connection->abandon();
  connections_.clear();
}

void KafkaGateway::accept(Listener& listener) {
  listener.acceptor.async_accept([this, &listener](error_code error, tcp::socket socket) {
    if (!error) {
      admit(listener, std::move(socket));
      return accept(listener);
    }
    if (error == asio::error::operation_aborted) return;
    auto pause = std::make_shared<asio::steady_timer>(io_, accept_pause);
    pause->async_wait([this, &listener, pause](error_code) { accept(listener); });
  });
}

void KafkaGateway::admit(Listener& listener, tcp::socket socket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;
  std::shared_ptr<ClientConnection> connection;
  {
    const std::lock_guard guard(lock_);
    if (connections_.size() >= limits_.connections_max) {
      // The socket closes as it goes out of scope.
      return port_.refused(fmt::format("{}: there are {} connections, the most there may be",
                                       peer.address().to_string(), connections_.size()));
    }
    const auto id = port_.open(listener.advertised, peer.address().to_string());
    connection = std::make_shared<ClientConnection>(std::move(socket), port_, id, limits_,
                                                    static_cast<ClientConnection::Owner&>(*this));
    connections_.emplace(id, connection);
  }
  connection->start();
}

std::shared_ptr<ClientConnection> KafkaGateway::find(runtime::OutsideId client) {
  const std::lock_guard guard(lock_);
  const auto at = connections_.find(client);
  return at == connections_.end() ? nullptr : at->second;
}

void KafkaGateway::send(runtime::OutsideId client, ByteChain frame) {
  if (const auto connection = find(client)) connection->enqueue(std::move(frame));
}

void KafkaGateway::close(runtime::OutsideId client) {
  if (const auto connection = find(client)) connection->request_close();
}

void KafkaGateway::begun(runtime::OutsideId client, std::size_t bytes) {
  if (const auto connection = find(client)) connection->frame_begun(bytes);
}

void KafkaGateway::connection_ended(runtime::OutsideId client) {
  const std::lock_guard guard(lock_);
  connections_.erase(client);
}

}  // namespace ottla::gateway
