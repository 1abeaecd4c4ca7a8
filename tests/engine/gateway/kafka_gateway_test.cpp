#include "engine/gateway/kafka_gateway.h"

#include <poll.h>

#include <QTest>
#include <boost/asio/write.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "tests/support/test_registry.h"

using namespace ottla;
using gateway::ConnectionLimits;
using gateway::KafkaGateway;
using runtime::OutsideId;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr const char* loopback = "127.0.0.1";
constexpr std::size_t megabyte = 1 << 20;
// Far more than anything here takes; and long enough to see that something does not happen.
constexpr auto patience = std::chrono::seconds(10);
constexpr auto a_while = std::chrono::milliseconds(100);

// The engine's side: it writes down what comes in. The gateway's thread calls it.
class FakeEngine final : public runtime::OutsidePort {
 public:
  struct Seen {
    runtime::OutsideSink* sink = nullptr;
    std::vector<std::pair<Endpoint, std::string>> opened;  // The listener and the peer.
    std::map<OutsideId, std::vector<std::string>> frames;
    std::vector<OutsideId> closed;
    std::vector<std::string> refused;
  };

  void attach(runtime::OutsideSink* sink) override {
    change([&] { seen_.sink = sink; });
  }
  OutsideId open(const Endpoint& listener, std::string peer_host) override {
    OutsideId id;
    change([&] {
      seen_.opened.emplace_back(listener, std::move(peer_host));
      id = OutsideId{seen_.opened.size()};
    });
    return id;
  }
  void deliver(OutsideId client, Bytes frame) override {
    change([&] { seen_.frames[client].emplace_back(frame.text()); });
  }
  void closed(OutsideId client) override {
    change([&] { seen_.closed.push_back(client); });
  }
  void refused(std::string why) override {
    change([&] { seen_.refused.push_back(std::move(why)); });
  }

  Seen seen() {
    const std::lock_guard guard(lock_);
    return seen_;
  }
  std::vector<std::string> frames_of(OutsideId client) { return seen().frames[client]; }
  // Whether it came to be before patience ends.
  template <class Condition>
  bool sees(const Condition& condition) {
    std::unique_lock guard(lock_);
    return changed_.wait_for(guard, patience, [&] { return condition(seen_); });
  }
  bool sees_frames(OutsideId client, std::size_t count) {
    return sees([&](Seen& seen) { return seen.frames[client].size() >= count; });
  }
  bool sees_closed(std::size_t count) {
    return sees([&](const Seen& seen) { return seen.closed.size() >= count; });
  }

 private:
  template <class Change>
  void change(const Change& change_seen) {
    const std::lock_guard guard(lock_);
    change_seen();
    changed_.notify_all();
  }

  std::mutex lock_;
  std::condition_variable changed_;
  Seen seen_;
};

std::string length_prefix(std::uint32_t length) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes.push_back(static_cast<char>((length >> shift) & 0xFFU));
  }
  return bytes;
}

std::string framed(const std::string& body) {
  return length_prefix(static_cast<std::uint32_t>(body.size())) + body;
}

// A real client on a real socket.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(io_) {
    socket_.connect(tcp::endpoint(asio::ip::make_address(loopback), port), error_);
  }
  void write(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes), error_); }
  // The next frame's body; nothing when none comes.
  std::optional<std::string> read_frame() {
    const auto length = read(4);
    if (!length) return std::nullopt;
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(length->at(at)); };
    return read((std::size_t{byte(1)} << 16U) | (std::size_t{byte(2)} << 8U) | byte(3));
  }
  // Whether the other side has closed, or does so before patience ends.
  bool is_closed() {
    char byte = 0;
    if (!becomes_readable()) return false;
    socket_.read_some(asio::buffer(&byte, 1), error_);
    return error_ == asio::error::eof || error_ == asio::error::connection_reset;
  }
  void leave() { socket_.close(error_); }

 private:
  bool becomes_readable() {
    pollfd wanted{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    return poll(&wanted, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1;
  }
  std::optional<std::string> read(std::size_t length) {
    std::string bytes(length, '\0');
    for (std::size_t filled = 0; filled < length;) {
      if (!becomes_readable()) return std::nullopt;
      filled += socket_.read_some(asio::buffer(bytes.data() + filled, length - filled), error_);
      if (error_) return std::nullopt;
    }
    return bytes;
  }

  asio::io_context io_;
  tcp::socket socket_;
  error_code error_;
};

std::uint16_t free_port() {
  asio::io_context io;
  return tcp::acceptor(io, tcp::endpoint(asio::ip::make_address(loopback), 0))
      .local_endpoint()
      .port();
}

struct Served {
  explicit Served(const ConnectionLimits& limits = {}) {
    gateway.emplace(engine, limits);
    const auto listening = gateway->listen(listener, loopback);
    QVERIFY2(listening.has_value(), listening ? "" : listening.error().c_str());
    gateway->start();
  }
  runtime::OutsideSink& sink() { return *engine.seen().sink; }

  FakeEngine engine;
  const Endpoint listener{"localhost", free_port()};
  std::optional<KafkaGateway> gateway;
};

constexpr OutsideId first{1};
constexpr OutsideId second{2};

}  // namespace

class KafkaGatewayTest : public QObject {
  Q_OBJECT
 private slots:
  void frames_go_to_the_engine_and_answers_come_back();
  void a_frame_may_come_in_pieces();
  void a_client_that_leaves_is_told_once();
  void the_engine_may_close_a_connection();
  void when_it_goes_every_connection_is_closed();

  void a_frame_over_the_limit_is_refused_with_the_reason();
  void a_frame_of_negative_length_is_refused();
  void a_connection_over_the_limit_is_closed_at_once();
  void a_client_is_read_no_further_than_the_engine_keeps_up();
  void a_client_has_a_limit_of_requests_that_wait();
  void a_client_that_does_not_read_is_not_read_either();
  void a_client_that_does_not_read_is_closed_and_the_others_stay();

  void a_port_in_use_is_said_in_words();
  void a_name_is_no_address_to_bind();
};

void KafkaGatewayTest::frames_go_to_the_engine_and_answers_come_back() {
  Served served;
  Client client(served.listener.port);
  client.write(framed("one") + framed("") + framed("three"));
  QVERIFY(served.engine.sees_frames(first, 3));
  QCOMPARE(served.engine.frames_of(first), (std::vector<std::string>{"one", "", "three"}));
  const auto seen = served.engine.seen();
  QCOMPARE(seen.opened.size(), std::size_t{1});
  QVERIFY(seen.opened[0].first == served.listener);
  QCOMPARE(seen.opened[0].second, loopback);
  ByteChain answer = Bytes::copy_of(std::string_view("in two "));
  answer.append(Bytes::copy_of(std::string_view("slices")));
  served.sink().send(first, answer);
  served.sink().send(first, Bytes::copy_of(std::string_view("and more")));
  QCOMPARE(client.read_frame(), std::optional<std::string>("in two slices"));
  QCOMPARE(client.read_frame(), std::optional<std::string>("and more"));
}

void KafkaGatewayTest::a_frame_may_come_in_pieces() {
  Served served;
  Client client(served.listener.port);
  for (const char byte : framed("slowly")) client.write(std::string(1, byte));
  QVERIFY(served.engine.sees_frames(first, 1));
  QCOMPARE(served.engine.frames_of(first), std::vector<std::string>{"slowly"});
}

void KafkaGatewayTest::a_client_that_leaves_is_told_once() {
  Served served;
  Client client(served.listener.port);
  client.write(framed("bye"));
  QVERIFY(served.engine.sees_frames(first, 1));
  client.leave();
  QVERIFY(served.engine.sees_closed(1));
  served.sink().close(first);
  std::this_thread::sleep_for(a_while);
  QCOMPARE(served.engine.seen().closed, std::vector{first});
  QVERIFY(served.engine.seen().refused.empty());
}

void KafkaGatewayTest::the_engine_may_close_a_connection() {
  Served served;
  Client client(served.listener.port);
  client.write(framed("hello"));
  QVERIFY(served.engine.sees_frames(first, 1));
  served.sink().close(first);
  QVERIFY(client.is_closed());
  QVERIFY(served.engine.sees_closed(1));
}

void KafkaGatewayTest::when_it_goes_every_connection_is_closed() {
  Served served;
  Client client(served.listener.port);
  client.write(framed("hello"));
  QVERIFY(served.engine.sees_frames(first, 1));
  served.gateway.reset();
  QVERIFY(served.engine.seen().sink == nullptr);
  QVERIFY(client.is_closed());
}

void KafkaGatewayTest::a_frame_over_the_limit_is_refused_with_the_reason() {
  Served served({.frame_bytes_max = 100});
  Client client(served.listener.port);
  client.write(framed(std::string(100, 'x')) + length_prefix(101));
  QVERIFY(served.engine.sees_closed(1));
  QVERIFY(client.is_closed());
  QCOMPARE(served.engine.frames_of(first).size(), std::size_t{1});
  QCOMPARE(served.engine.seen().refused,
           std::vector<std::string>{"a frame of 101 bytes; socket.request.max.bytes is 100"});
}

void KafkaGatewayTest::a_frame_of_negative_length_is_refused() {
  Served served;
  Client client(served.listener.port);
  client.write(length_prefix(0xFFFF'FFFE));
  QVERIFY(client.is_closed());
  const auto refused = served.engine.seen().refused;
  QCOMPARE(refused.size(), std::size_t{1});
  QVERIFY(refused[0].find("a frame of -2 bytes") != std::string::npos);
}

void KafkaGatewayTest::a_connection_over_the_limit_is_closed_at_once() {
  Served served({.connections_max = 2});
  Client one(served.listener.port);
  Client two(served.listener.port);
  QVERIFY(served.engine.sees([](const auto& seen) { return seen.opened.size() == 2; }));
  Client three(served.listener.port);
  QVERIFY(three.is_closed());
  QCOMPARE(served.engine.seen().refused,
           std::vector<std::string>{"127.0.0.1: there are 2 connections, the most there may be"});
  two.write(framed("still here"));
  QVERIFY(served.engine.sees_frames(second, 1));
  QCOMPARE(served.engine.seen().opened.size(), std::size_t{2});
  one.leave();
  QVERIFY(served.engine.sees_closed(1));
  // Its place is free soon after the engine was told.
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (served.engine.seen().opened.size() == 2 && std::chrono::steady_clock::now() < give_up) {
    Client four(served.listener.port);
    std::this_thread::sleep_for(a_while);
  }
  QCOMPARE(served.engine.seen().opened.size(), std::size_t{3});
}

void KafkaGatewayTest::a_client_is_read_no_further_than_the_engine_keeps_up() {
  Served served({.inbox_bytes_max = 1000});
  Client client(served.listener.port);
  for (int i = 0; i < 10; ++i) client.write(framed(std::string(600, 'x')));
  QVERIFY(served.engine.sees_frames(first, 2));
  std::this_thread::sleep_for(a_while);
  QCOMPARE(served.engine.frames_of(first).size(), std::size_t{2});
  served.sink().begun(first, 600);
  QVERIFY(served.engine.sees_frames(first, 3));
  std::this_thread::sleep_for(a_while);
  QCOMPARE(served.engine.frames_of(first).size(), std::size_t{3});
  for (std::size_t frames = 4; frames <= 10; ++frames) {
    served.sink().begun(first, 600);
    QVERIFY(served.engine.sees_frames(first, frames));
  }
}

void KafkaGatewayTest::a_client_has_a_limit_of_requests_that_wait() {
  Served served({.requests_waiting_max = 3});
  Client client(served.listener.port);
  for (int i = 0; i < 5; ++i) client.write(framed("x"));
  QVERIFY(served.engine.sees_frames(first, 3));
  std::this_thread::sleep_for(a_while);
  QCOMPARE(served.engine.frames_of(first).size(), std::size_t{3});
  served.sink().begun(first, 1);
  QVERIFY(served.engine.sees_frames(first, 4));
  std::this_thread::sleep_for(a_while);
  QCOMPARE(served.engine.frames_of(first).size(), std::size_t{4});
}

void KafkaGatewayTest::a_client_that_does_not_read_is_not_read_either() {
  constexpr std::size_t answers = 40;  // More than both sockets' buffers hold.
  Served served({.unsent_bytes_max = 1 << 20});
  Client client(served.listener.port);
  client.write(framed("first"));
  QVERIFY(served.engine.sees_frames(first, 1));
  const std::string body(megabyte, 'x');
  for (std::size_t i = 0; i < answers; ++i) served.sink().send(first, Bytes::copy_of(body));
  // A read is under way already: it still takes one.
  client.write(framed("second") + framed("third"));
  QVERIFY(served.engine.sees_frames(first, 2));
  std::this_thread::sleep_for(a_while);
  QCOMPARE(served.engine.frames_of(first).size(), std::size_t{2});
  for (std::size_t i = 0; i < answers; ++i) QVERIFY(client.read_frame() == body);
  QVERIFY(served.engine.sees_frames(first, 3));
}

void KafkaGatewayTest::a_client_that_does_not_read_is_closed_and_the_others_stay() {
  constexpr int frames_max = 200;  // More than the limit and both sockets' buffers together.
  Served served({.unsent_bytes_end = 4 * megabyte});
  Client deaf(served.listener.port);
  QVERIFY(served.engine.sees([](const auto& seen) { return seen.opened.size() == 1; }));
  Client other(served.listener.port);
  QVERIFY(served.engine.sees([](const auto& seen) { return seen.opened.size() == 2; }));
  const Bytes frame = Bytes::copy_of(std::string(megabyte, 'x'));
  for (int i = 0; i < frames_max && served.engine.seen().closed.empty(); ++i) {
    served.sink().send(first, frame);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  QVERIFY(served.engine.sees_closed(1));
  QCOMPARE(served.engine.seen().closed, std::vector{first});
  served.sink().send(second, Bytes::copy_of(std::string_view("hello")));
  QCOMPARE(other.read_frame(), std::optional<std::string>("hello"));
}

void KafkaGatewayTest::a_port_in_use_is_said_in_words() {
  Served served;
  FakeEngine engine;
  KafkaGateway late(engine, {});
  const auto listening = late.listen(served.listener, loopback);
  QVERIFY(!listening.has_value());
  QCOMPARE(listening.error(), "Port " + std::to_string(served.listener.port) +
                                  " is in use. Choose another with --port");
}

void KafkaGatewayTest::a_name_is_no_address_to_bind() {
  FakeEngine engine;
  KafkaGateway gateway(engine, {});
  const auto listening = gateway.listen({"localhost", free_port()}, "localhost");
  QVERIFY(!listening.has_value());
  QVERIFY(listening.error().find("localhost is not an IP address") != std::string::npos);
}

OTTLA_TEST(KafkaGatewayTest)
#include "kafka_gateway_test.moc"
