// A deterministic world: processes with their clocks, disks and network, moved by one event heap in
// virtual time. The same specs, seed and calls at the same times give the same trace hash, in every
// build.
//
// One thread. Calls that act (kill, cut, open_external, ...) are made between events or from
// callbacks given to `at`, never from within a Node or a listener.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/world/event_heap.h"
#include "engine/world/metadata_news.h"
#include "engine/world/process.h"
#include "engine/world/sim_network.h"
#include "engine/world/trace_hash.h"
#include "engine/world/world_listener.h"

namespace ottla::world {

namespace fault {
enum class DiskTrouble : std::uint8_t;
}

struct WorldSpec {
  std::uint64_t seed = 1;
  Instant start = scenario_epoch;
  NetworkSpec network;
};

class World final : private NetworkHost {
 public:
  explicit World(WorldSpec spec);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() override;

  // Adds a process, stopped. Its name is not taken and its endpoints are free.
  ProcessId add(ProcessSpec spec);
  [[nodiscard]] std::vector<ProcessId> processes() const;
  [[nodiscard]] const ProcessSpec& spec_of(ProcessId process) const;
  [[nodiscard]] const ProcessStatus& status_of(ProcessId process) const;
  [[nodiscard]] std::optional<ProcessId> find(std::string_view name) const;
  // The running node, for whoever inspects it; null when stopped.
  [[nodiscard]] const Node* node_of(ProcessId process) const;

  // Time.
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  // When the next event is due, which may turn out to concern a process that has died.
  [[nodiscard]] std::optional<Instant> next_event_time() { return events_.next_time(); }
  // Runs until one more thing was delivered to a process or to the outside, or done by a callback
  // of `at`; false when nothing is left.
  bool step();
  // Runs everything that is due up to and including `time`, which is then the present.
  void run_until(Instant time);
  void run_for(Duration span) { run_until(now_ + span); }
  // Runs while `condition` holds after each event, at most until `limit`; whether it ceased to
  // hold.
  bool run_while(const std::function<bool()>& condition, Instant limit);
  // Runs `act` at `time`, as part of the world: it is stepped over and hashed like any event.
  template <class Act>
  EventId at(Instant time, Act act) {
    return events_.schedule(std::max(time, now_), [this, act = std::move(act)]() mutable {
      count_event(act_event, outside);
      act();
    });
  }
  bool cancel(EventId act) { return events_.cancel(act); }
  [[nodiscard]] std::uint64_t events_delivered() const { return delivered_; }
  [[nodiscard]] std::uint64_t trace_hash() const { return hash_.value(); }
  // A random stream of its own, for a workload or a fault plan.
  [[nodiscard]] Prng stream(std::string_view name) const { return Prng::split(seed_, name); }

  // Processes. Each does nothing where it does not apply.
  void start(ProcessId process, Duration after = {});
  // Ends the process at once. Its page cache stays, its connections are closed by its machine.
  void kill(ProcessId process);
  // The machine loses power: unsynced bytes are gone or torn, and peers hear nothing until it is
  // started again.
  void power_loss(ProcessId process);
  // Asks the node to stop; it is gone once it says that it has.
  void shutdown(ProcessId process);
  // Kills it if it runs, and starts it `after` from now.
  void restart(ProcessId process, Duration after);
  // Shuts it down, and starts it `after` it has stopped.
  void restart_cleanly(ProcessId process, Duration after);
  // Nothing reaches a paused process, as in a long garbage collection; its machine still answers.
  // What arrives meanwhile is delivered in order when it resumes.
  void pause(ProcessId process);
  void resume(ProcessId process);
  void set_clock_skew(ProcessId process, Duration skew);
  // Of a simulated disk; nothing: as it was made.
  void set_sync_latency(ProcessId process, std::optional<Duration> latency);
  // What a simulated disk refuses from now on; `none`: nothing.
  void spoil_disk(ProcessId process, fault::DiskTrouble trouble, std::string_view folder = {});
  // Turns one bit around somewhere in those places of its disk.
  void rot_bit(ProcessId process, const std::vector<FileRange>& places);
  // The machine's disk, for faults that are set on it; null where it is not simulated.
  [[nodiscard]] SimDisk* sim_disk(ProcessId process) {
    return this->process(process).sim_disk.get();
  }
  [[nodiscard]] const SimDisk* sim_disk(ProcessId process) const {
    return this->process(process).sim_disk.get();
  }

  // Links, each in one direction.
  void cut(ProcessId from, ProcessId to);
  void heal(ProcessId from, ProcessId to);
  // Nothing: back to what the network gives such a link by itself.
  void set_link(ProcessId from, ProcessId to, const std::optional<LinkSpec>& spec);
  void reset_connections(ProcessId a, ProcessId b);
  [[nodiscard]] const SimNetwork& network() const { return network_; }
  [[nodiscard]] const Link& link(ProcessId from, ProcessId to) { return network_.link(from, to); }

  // Connections from real sockets: without virtual latency, as over loopback.
  void set_external_sink(ExternalSink* sink) { external_sink_ = sink; }
  [[nodiscard]] ConnectionId open_external(const Endpoint& to) {
    return network_.open_external(to);
  }
  void external_send(ConnectionId connection, ByteChain frame);
  void external_close(ConnectionId connection) { network_.close(outside, connection); }

  // Listeners outlive the world or are removed; they hear in the order in which they were added.
  void add_listener(WorldListener& listener) { listeners_.push_back(&listener); }
  void remove_listener(WorldListener& listener) { std::erase(listeners_, &listener); }

 private:
  friend class ProcessEnv;
  enum class Gone : std::uint8_t { stopped, killed, power_lost };
  // Trace-hash kinds beyond those of Delivery.
  static constexpr std::uint8_t act_event = 32;
  static constexpr std::uint8_t fault_event = 33;
  static constexpr std::uint8_t fact_event = 34;

  [[nodiscard]] HostState host_state(ProcessId process) const override;
  void deliver(ProcessId to, Delivery delivery) override;

  [[nodiscard]] Process& process(ProcessId id);
  [[nodiscard]] const Process& process(ProcessId id) const;
  void run_next(Instant at);
  void dispatch(Process& process, Delivery& delivery);
  void call(Node& node, Delivery& delivery);
  void deliver_outside(Delivery& delivery);
  void drain_held(ProcessId id, std::uint32_t incarnation);
  void begin(ProcessId id);
  void end(Process& process, Gone gone);
  void announce(const Process& process, ProcessChange change);
  void count_event(std::uint8_t kind, ProcessId process);
  void record_fault(std::string_view what, ProcessId a, ProcessId b = outside,
                    std::int64_t detail = 0);
  static std::string describe_place(void* self);

  // The acts of a process, by way of its ProcessEnv.
  TimerId arm(ProcessId process, Duration after);
  void cancel_timer(ProcessId process, TimerId timer);
  void sync_scheduled(ProcessId process, DiskOperationId operation, DiskResult<void> result);
  void tell(ProcessId process, const probe::Fact& fact);

  const std::uint64_t seed_;
  Instant now_;
  EventHeap events_;
  TraceHash hash_;
  MetadataNews metadata_news_;
  std::uint64_t delivered_ = 0;
  std::vector<std::unique_ptr<Process>> processes_;  // ProcessId n at n - 1.
  SimNetwork network_;
  std::vector<WorldListener*> listeners_;
  ExternalSink* external_sink_ = nullptr;
  bool in_node_ = false;  // A Node's method is running.
};

}  // namespace ottla::world
