// A process of Kafka's server: what process.roles says it is, a broker, a controller, or both
// (combined mode). It starts what its roles share, hands each role what concerns it, and stops when
// they have: the broker first, since it may need the controller to let it go.
#pragma once

#include <optional>

#include "engine/broker/broker_node.h"
#include "engine/broker/controller/controller_node.h"
#include "engine/broker/server_config.h"
#include "engine/broker/shared_server.h"
#include "engine/env/node.h"

namespace ottla::broker {

class ServerNode final : public Node {
 public:
  ServerNode(Env env, ServerConfig config);

  void on_start() override;
  void on_shutdown() override;
  [[nodiscard]] bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId connection, const Endpoint& listener,
                   std::string_view peer_host) override;
  void on_connected(ConnectionId connection) override;
  void on_connection_closed(ConnectionId connection) override;
  void on_message(ConnectionId connection, ByteChain frame) override;
  void on_timer(TimerId timer) override;
  void on_disk(DiskOperationId operation, DiskResult<void> result) override;

  // For whoever looks at it. Null where it has no such role, or that has stopped.
  [[nodiscard]] const BrokerNode* broker() const;
  [[nodiscard]] const ControllerNode* controller() const;
  // Of either role.
  [[nodiscard]] const MetadataQuorum& quorum() const { return shared_.quorum(); }

 private:
  // Calls `act` for each role that has not stopped, the controller first: what it decides, the
  // broker may have to act on.
  template <class Act>
  void for_each_role(Act act) {
    if (controller_ && !controller_->stopped()) act(*controller_);
    if (broker_ && !broker_->stopped()) act(*broker_);
  }
  void settle();
  void settle_stopping();
  void arm_timer();

  // Constant after construction.
  const ServerConfig config_;

  SharedServer shared_;
  std::optional<ControllerNode> controller_;
  std::optional<BrokerNode> broker_;
  std::optional<TimerId> timer_;
  Instant timer_at_;
  bool shutting_down_ = false;
  bool stopped_ = false;
};

}  // namespace ottla::broker
