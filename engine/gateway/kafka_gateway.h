// Real sockets for the brokers' listeners: one port each, on loopback unless asked otherwise. Its
// own thread runs the sockets; frames cross to the engine through the OutsidePort.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/result.h"
#include "engine/gateway/client_connection.h"
#include "engine/runtime/outside_port.h"

namespace ottla::gateway {

class KafkaGateway : public runtime::OutsideSink, private ClientConnection::Owner {
 public:
  KafkaGateway(runtime::OutsidePort& port, ConnectionLimits limits);
  ~KafkaGateway() override;
  KafkaGateway(const KafkaGateway&) = delete;

  // Listens at `bind_address` for the listener that the node advertises, at the advertised port.
  // The error is a sentence that says what is in the way, and which option chooses another port.
  [[nodiscard]] Result<void, std::string> listen(const Endpoint& advertised,
                                                 const std::string& bind_address,
                                                 std::string_view port_option = "--port");
  // Begins to serve. After this no more listen().
  void start();
  // Closes every socket and ends the thread. Idempotent.
  void stop();

  void send(runtime::OutsideId client, ByteChain frame) override;
  void close(runtime::OutsideId client) override;
  void begun(runtime::OutsideId client, std::size_t bytes) override;

 private:
  struct Listener {
    Endpoint advertised;
    boost::asio::ip::tcp::acceptor acceptor;
  };

  void accept(Listener& listener);
  void admit(Listener& listener, boost::asio::ip::tcp::socket socket);
  void connection_ended(runtime::OutsideId client) override;
  [[nodiscard]] std::shared_ptr<ClientConnection> find(runtime::OutsideId client);

  runtime::OutsidePort& port_;
  const ConnectionLimits limits_;
  boost::asio::io_context io_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::thread thread_;

  std::mutex lock_;
  std::map<runtime::OutsideId, std::shared_ptr<ClientConnection>> connections_;
};

}  // namespace ottla::gateway
