// The HTTP control API of a session, on loopback unless asked otherwise, with a thread of its own.
// It takes the session's events, so a session that a window shows has none.
//
//   ControlServer control(session);
//   if (auto listening = control.listen("127.0.0.1", 8080); !listening) ... listening.error()
//   control.start();
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/observe/session.h"

namespace ottla::gateway {

class ControlServer {
 public:
  static constexpr std::size_t connections_max = 64;

  // `session` outlives the server.
  explicit ControlServer(observe::ClusterSession& session);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;

  // Listens there; port 0 takes a free one. The error is a sentence that says what is in the way.
  [[nodiscard]] Result<void, std::string> listen(const std::string& bind_address,
                                                 std::uint16_t port);
  // Where it listens: "http://127.0.0.1:8080". Empty before listen().
  [[nodiscard]] std::string address() const;
  // Begins to serve, after listen().
  void start();
  // Closes every connection and ends the thread. Idempotent; it is not started again.
  void stop();

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace ottla::gateway
