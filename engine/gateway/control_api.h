// The control API without its sockets: a request in, a reply out. docs/control-api.md describes it.
#pragma once

#include <functional>
#include <string>

#include "engine/gateway/control_event_log.h"
#include "engine/observe/session.h"

namespace ottla::gateway {

struct ControlRequest {
  std::string method;  // "GET"
  std::string target;  // "/v1/events?after=12"
  std::string host;    // The Host field; empty when there is none.
  std::string origin;  // The Origin field, which web pages' requests carry.
  std::string body;
};

struct ControlReply {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;  // With 405: the methods that there are.
};

// {"error": why}
[[nodiscard]] ControlReply control_error(unsigned status, const std::string& why);

class ControlApi {
 public:
  using Done = std::function<void(ControlReply)>;

  // Takes the session's events: nobody else may. `session` outlives this.
  explicit ControlApi(observe::ClusterSession& session) : session_(session) {}

  // Answers by `done`, once: from within the call, or for a command on the session's own thread.
  // `loopback`: the server listens on this machine alone, so only its own names may be asked for.
  void handle(const ControlRequest& request, bool loopback, Done done);

 private:
  [[nodiscard]] ControlReply cluster(const std::string& query);
  [[nodiscard]] ControlReply events(const std::string& query);
  void command(const ControlRequest& request, Done done);

  observe::ClusterSession& session_;
  ControlEventLog events_;
};

}  // namespace ottla::gateway
