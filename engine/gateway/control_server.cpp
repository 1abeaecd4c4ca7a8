#include "engine/gateway/control_server.h"

#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/gateway/control_connection.h"

namespace ottla::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// When the process is out of descriptors, accepting again at once would spin.
constexpr auto accept_pause = std::chrono::milliseconds(100);

std::string why_not_listening(const std::string& bind_address, std::uint16_t port,
                              const error_code& error) {
  if (error == asio::error::address_in_use) {
    return fmt::format("Port {} is in use. Choose another for the control API", port);
  }
  if (error == asio::error::access_denied) {
    return fmt::format(
        "Port {} may not be opened by this user. Choose one from 1024 on for the control API",
        port);
  }
  return fmt::format("Cannot listen on {} port {}: {}", bind_address, port, error.message());
}

}  // namespace

struct ControlServer::Running {
  explicit Running(observe::ClusterSession& session)
      : shared(std::make_shared<ControlShared>(session)), acceptor(shared->io), pause(shared->io) {}

  void accept();
  void admit(tcp::socket socket);

  const std::shared_ptr<ControlShared> shared;  // Outlives the acceptor, whose executor it has.
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::thread thread;
};

ControlServer::ControlServer(observe::ClusterSession& session)
    : running_(std::make_unique<Running>(session)) {}

ControlServer::~ControlServer() {
  stop();
}

Result<void, std::string> ControlServer::listen(const std::string& bind_address,
                                                std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(bind_address, error);
  if (error) return failure(fmt::format("{} is not an IP address to bind to", bind_address));
  running_->shared->loopback = address.is_loopback();
  const tcp::endpoint endpoint(address, port);
  tcp::acceptor& acceptor = running_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return failure(why_not_listening(bind_address, port, error));
  return {};
}

std::string ControlServer::address() const {
  error_code error;
  const tcp::endpoint endpoint = running_->acceptor.local_endpoint(error);
  if (error) return {};
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("http://[{}]:{}", host, endpoint.port())
                                    : fmt::format("http://{}:{}", host, endpoint.port());
}

void ControlServer::start() {
  running_->accept();
  running_->thread = std::thread([shared = running_->shared] {
    const auto guard = asio::make_work_guard(shared->io);
    shared->io.run();
  });
}

void ControlServer::stop() {
  if (!running_->thread.joinable()) return;
  running_->shared->io.stop();
  running_->thread.join();
  error_code ignored;
  running_->acceptor.close(ignored);
  running_->shared->connections.clear();
}

void ControlServer::Running::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (!error) {
      admit(std::move(socket));
      return accept();
    }
    if (error == asio::error::operation_aborted) return;
    pause.expires_after(accept_pause);
    pause.async_wait([this](error_code stopped) {
      if (!stopped) accept();
    });
  });
}

void ControlServer::Running::admit(tcp::socket socket) {
  if (shared->connections.size() >= connections_max) return;  // It closes as it goes out of scope.
  const auto connection =
      std::make_shared<ControlConnection>(std::move(socket), *shared, std::weak_ptr(shared));
  shared->connections.insert(connection);
  connection->start();
}

}  // namespace ottla::gateway
