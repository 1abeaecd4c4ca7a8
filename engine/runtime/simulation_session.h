// A simulated cluster as a session: the world on a thread of its own, moved by a Pacer, reached by
// commands, by real clients' frames (OutsidePort) and by readers of Snapshots. Nothing else touches
// the world.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/observe/session.h"
#include "engine/runtime/outside_port.h"
#include "engine/runtime/pacer.h"
#include "engine/world/cluster.h"

namespace ottla::runtime {

struct SimulationOptions {
  world::ClusterSpec cluster;
  std::string title = "default";
  bool running = true;
  double speed = 1;
  // Hears of every event as it happens, on the engine's thread: for a log. May be empty.
  std::function<void(const observe::Event&)> tell;
};

class SimulationSession final : public observe::ClusterSession,
                                public OutsidePort,
                                private world::ExternalSink {
 public:
  explicit SimulationSession(SimulationOptions options);
  ~SimulationSession() override;
  SimulationSession(const SimulationSession&) = delete;

  // Begins the engine's thread. Before this, `run_to` moves the world on the caller's.
  void start();
  // Shuts brokers down in an orderly way (so that a data directory is clean), in virtual time and
  // as fast as it goes, then ends the thread. Idempotent.
  void stop();

  // Runs the world to a virtual time since its start, before start(): for screenshots and headless
  // runs.
  void run_to(Duration since_start);
  // Carries out a command at the present virtual time, before start().
  [[nodiscard]] observe::CommandResult act(const observe::Command& command);

  using ClusterSession::post;
  void post(observe::Command command, std::function<void(observe::CommandResult)> done) override;
  [[nodiscard]] std::shared_ptr<const observe::Snapshot> snapshot() override;
  [[nodiscard]] observe::EventBatch take_events() override;
  void on_change(std::function<void()> wake) override;

  void attach(OutsideSink* sink) override;
  [[nodiscard]] OutsideId open(const Endpoint& listener, std::string peer_host) override;
  void deliver(OutsideId client, Bytes frame) override;
  void closed(OutsideId client) override;
  void refused(std::string why) override;

  // What the brokers listen on.
  [[nodiscard]] std::vector<Endpoint> listeners() const { return listeners_; }
  // And those controllers that may be reached from outside.
  [[nodiscard]] std::vector<Endpoint> controller_listeners() const { return controller_listeners_; }
  // True once every broker serves: registered and unfenced.
  [[nodiscard]] bool is_ready() const { return ready_.load(); }

 private:
  struct OpenOutside {
    OutsideId client;
    Endpoint listener;
    std::string peer_host;
  };
  struct Frame {
    OutsideId client;
    Bytes frame;
  };
  struct Closed {
    OutsideId client;
  };
  struct Refused {
    std::string why;
  };
  struct Posted {
    observe::Command command;
    std::function<void(observe::CommandResult)> done;
  };
  using Item = std::variant<OpenOutside, Frame, Closed, Refused, Posted>;

  void run();
  void work_off_inbox();
  void take(OpenOutside& item);
  void take(Frame& item);
  void take(Closed& item);
  void take(Refused& item);
  void take(Posted& item);
  [[nodiscard]] observe::CommandResult carry_out(const observe::Command& command);
  [[nodiscard]] bool carry_out_on_clock(const observe::Action& action,
                                        observe::CommandResult& result);
  void run_to_next(const std::string& event_kind);
  void advance(Instant wall);
  void publish(Instant wall, bool force);
  void sleep_until_due(Instant wall);
  void put(Item item);
  [[nodiscard]] observe::RunState run_state(Instant wall);

  void on_frame(ConnectionId connection, ByteChain frame) override;
  void on_closed(ConnectionId connection) override;
  void on_begun(ConnectionId connection, std::size_t bytes) override;

  // The engine's thread (before start(), the owner's).
  SimulationOptions options_;
  world::Cluster cluster_;
  Pacer pacer_;
  std::map<OutsideId, ConnectionId> outside_;
  std::map<ConnectionId, OutsideId> inside_;
  Instant last_publish_;
  Instant last_measure_wall_;
  Instant last_measure_virtual_;
  std::uint64_t last_measure_events_ = 0;
  double measured_speed_ = 0;
  double events_per_s_ = 0;

  // Constant after construction.
  std::vector<Endpoint> listeners_;
  std::vector<Endpoint> controller_listeners_;

  // Any thread.
  std::atomic<bool> ready_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> next_outside_{1};
  std::thread thread_;
  std::mutex inbox_lock_;
  std::condition_variable inbox_filled_;
  std::vector<Item> inbox_;
  std::mutex sink_lock_;
  OutsideSink* sink_ = nullptr;
  std::mutex published_lock_;
  std::shared_ptr<const observe::Snapshot> snapshot_;
  std::deque<observe::Event> events_;
  std::uint64_t events_dropped_ = 0;
  std::function<void()> wake_;
};

}  // namespace ottla::runtime
