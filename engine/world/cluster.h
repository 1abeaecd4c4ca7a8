// A whole cluster in a world: controllers, brokers and the clients of its workload as processes,
// with who watches them. It carries out commands, and says what there is to see.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/broker/server_node.h"
#include "engine/observe/command.h"
#include "engine/observe/session.h"
#include "engine/observe/snapshot.h"
#include "engine/world/cluster_spec.h"
#include "engine/world/event_recorder.h"
#include "engine/world/history_recorder.h"
#include "engine/world/invariants.h"
#include "engine/world/snapshot_builder.h"
#include "engine/world/workload.h"
#include "engine/world/world.h"

namespace ottla::world {

class Cluster final {
 public:
  explicit Cluster(ClusterSpec spec);
  ~Cluster();
  Cluster(const Cluster&) = delete;

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const ClusterSpec& spec() const { return spec_; }
  [[nodiscard]] const std::string& cluster_id() const { return spec_.cluster_id; }
  // What the brokers advertise, in the order of their ids.
  [[nodiscard]] std::vector<Endpoint> listeners() const;
  // Those of the controllers that may be reached from outside.
  [[nodiscard]] std::vector<Endpoint> controller_listeners() const;
  // In combined mode some are both.
  [[nodiscard]] std::vector<ProcessId> brokers() const { return brokers_; }
  [[nodiscard]] std::vector<ProcessId> controllers() const { return controllers_; }
  // Brokers, then those that are controllers alone.
  [[nodiscard]] std::vector<ProcessId> nodes() const;
  // Null while the process does not run.
  [[nodiscard]] const broker::ServerNode* server(ProcessId process) const;
  // Null, too, where it has no such role.
  [[nodiscard]] const broker::BrokerNode* broker(ProcessId process) const;
  [[nodiscard]] const broker::ControllerNode* controller(ProcessId process) const;
  // Of the newest epoch, since one that is cut off may not know yet that there is another; null
  // while there is none.
  [[nodiscard]] const broker::ControllerNode* active_controller() const;
  [[nodiscard]] const EventRecorder& events() const { return events_; }
  [[nodiscard]] HistoryRecorder& history() { return history_; }
  struct RealClient {
    std::string address;
    ProcessId node;  // To which it is connected.
  };
  [[nodiscard]] const std::map<ConnectionId, RealClient>& real_clients() const {
    return real_clients_;
  }
  [[nodiscard]] const Workload& workload() const { return workload_; }
  // The image of the newest metadata that a running node has; null when none runs.
  [[nodiscard]] const metadata::Image* newest_image() const;
  [[nodiscard]] bool all_brokers_serving() const;

  // Moves the world, and looks after its invariants and history.
  bool step();
  void run_until(Instant time);
  // Clients and workload end, then brokers, then controllers, each in an orderly way; at most
  // `limit` of virtual time.
  void shut_down_all(Duration limit);

  // Does what is asked at the present moment, or says why not. Clock actions are not its own.
  [[nodiscard]] observe::CommandResult apply(const observe::Command& command);

  // Has the admin client do what nobody has a command for.
  void administer(AdminTask task);

  // Real clients.
  [[nodiscard]] ConnectionId open_external(const Endpoint& listener, const std::string& peer_host);
  void close_external(ConnectionId connection);
  // The node closed it.
  void forget_external(ConnectionId connection);
  void note_refused(const std::string& why);

  // `run` is filled in by who moves the world; invariants are added here.
  [[nodiscard]] std::shared_ptr<const observe::Snapshot> snapshot(observe::RunState run);
  [[nodiscard]] std::vector<observe::Event> take_events() { return events_.take(); }
  [[nodiscard]] std::uint64_t events_of_kind(std::string_view kind) const {
    return events_.count_of(kind);
  }
  [[nodiscard]] const Violations& violations() const { return invariants_.violations(); }
  // Compares all logs, for the end of a run.
  void check_everything();

 private:
  friend struct CommandRunner;
  void add_node(const PlannedNode& node);
  [[nodiscard]] broker::ServerConfig config_of(const PlannedNode& node,
                                               const std::string& rack) const;
  [[nodiscard]] std::vector<broker::ControllerVoter> voters() const;
  // As `kafka-storage format --initial-controllers` is told; empty in a quorum of static voters.
  [[nodiscard]] raft::VoterSet initial_voters() const;
  void schedule_look();
  void look_after();
  [[nodiscard]] bool workload_topics_are_led() const;
  void sample_history();
  void report_violations();

  ClusterSpec spec_;
  World world_;
  std::vector<ProcessId> controllers_;
  std::vector<ProcessId> brokers_;
  Workload workload_;
  EventRecorder events_;
  InvariantChecker invariants_;
  HistoryRecorder history_;
  std::map<ConnectionId, RealClient> real_clients_;
  std::size_t violations_told_ = 0;
  std::int64_t looks_ = 0;
  SnapshotBuilder builder_;
};

}  // namespace ottla::world
