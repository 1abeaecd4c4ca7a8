// How a controller makes itself known to the active one (KIP-919, Kafka's
// ControllerRegistrationManager): it sends its registration until the metadata log holds it, with
// waits that grow while that fails. A controller that is active itself registers without asking.
#pragma once

#include <optional>

#include "engine/broker/controller_link.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/controller_registration_request.h"

namespace ottla::broker {

class ControllerRegistrar {
 public:
  // `env` outlives this. `listener` is where the controller `self` is reached.
  ControllerRegistrar(Env& env, BrokerId self, Endpoint listener);

  // Follows what the metadata log says, and sends when that is due. `active` is where another
  // controller decides; null where none is known or this one does.
  void follow(const metadata::Image& image, const Endpoint* active);
  // False until the metadata.version allows it, and once the log has it.
  [[nodiscard]] bool wants_to_register() const { return wanted_; }
  [[nodiscard]] protocol::ControllerRegistrationRequest request() const;

  // The node's events. True when the connection was this one's.
  bool on_connected(ConnectionId connection) { return link_.on_connected(connection); }
  bool on_message(ConnectionId connection, const ByteChain& frame) {
    return link_.on_message(connection, frame);
  }
  bool on_connection_closed(ConnectionId connection) {
    return link_.on_connection_closed(connection);
  }
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time() { link_.on_time(); }

 private:
  void take_answers();
  void send_if_due();

  // Constant after construction.
  Env& env_;
  const BrokerId self_;
  const Endpoint listener_;
  const Uuid incarnation_;

  ControllerLink link_;
  bool wanted_ = false;
  unsigned failures_ = 0;            // Since one was acknowledged.
  std::optional<Instant> retry_at_;  // After a failure.
};

}  // namespace ottla::broker
