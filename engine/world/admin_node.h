// The one who looks after topics for a person: an admin client as a process of the world, so that
// what it asks goes over the wire like everybody's requests.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/env/node.h"
#include "engine/wire/channel_pool.h"
#include "engine/world/admin_task.h"
#include "engine/world/cluster_spec.h"

namespace ottla::world {

class AdminNode final : public Node {
 public:
  AdminNode(Env env, std::vector<Endpoint> bootstrap);

  // Between events. Tasks are carried out in turn, each asked for again and again until a broker
  // has answered: a topic's creation for ever, the rest for default.api.timeout.ms.
  void ask(AdminTask task);
  // Nothing is left to do.
  [[nodiscard]] bool idle() const { return tasks_.empty(); }

  void on_start() override;
  void on_shutdown() override { stopped_ = true; }
  [[nodiscard]] bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId connection, const Endpoint& listener,
                   std::string_view peer_host) override;
  void on_connected(ConnectionId connection) override;
  void on_connection_closed(ConnectionId connection) override;
  void on_message(ConnectionId connection, ByteChain frame) override;
  void on_timer(TimerId timer) override;
  void on_disk(DiskOperationId, DiskResult<void>) override {}

 private:
  void settle();
  void send_next();
  void take(const wire::Completion& completion);
  void report(const AdminTask& task, const AdminAnswer& answer);
  void arm();

  Env env_;
  const std::vector<Endpoint> bootstrap_;
  wire::ChannelPool channels_;
  std::deque<AdminTask> tasks_;
  std::optional<Instant> first_asked_;  // For the task in front.
  std::size_t next_broker_ = 0;
  bool under_way_ = false;
  std::optional<Instant> not_before_;
  std::optional<TimerId> timer_;
  Instant timer_at_;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace ottla::world
