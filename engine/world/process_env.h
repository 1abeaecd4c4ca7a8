// One process's seams: its skewed view of the world's clock, its timers on the world's heap, its
// random stream, its end of the network, and its probe.
#pragma once

#include "engine/base/prng.h"
#include "engine/env/node.h"
#include "engine/env/sync_scheduler.h"
#include "engine/world/process_id.h"

namespace ottla::world {

class World;

// What a simulated process is said to use of its processor. Nothing waits for it: it is what quotas
// on processor time go by.
struct ProcessorCosts {
  std::int64_t request_nanos = 50'000;
  std::int64_t message_nanos = 10'000;  // That is sent.
  std::int64_t byte_nanos = 2;          // Of either.
};

class ProcessEnv final : private Clock,
                         private Timers,
                         private Network,
                         private Random,
                         private Processor,
                         private probe::Probe,
                         public SyncScheduler {
 public:
  ProcessEnv(World& world, ProcessId process, Prng random)
      : world_(world), process_(process), random_(random) {}
  ProcessEnv(const ProcessEnv&) = delete;
  ProcessEnv& operator=(const ProcessEnv&) = delete;

  [[nodiscard]] Env env(Disk& disk) { return {*this, *this, *this, disk, *this, *this, *this}; }
  void set_clock_skew(Duration skew) { skew_ = skew; }

  // A disk that is not simulated calls this on the world's thread; the node is told without virtual
  // delay.
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override;

 private:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] TimerId arm(Duration after) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] ConnectionId connect(const Endpoint& to) override;
  void send(ConnectionId connection, ByteChain frame) override;
  void close(ConnectionId connection) override;
  void begun(ConnectionId connection, std::size_t bytes) override;
  std::uint64_t next() override { return random_.next(); }
  [[nodiscard]] std::int64_t used_nanos() const override { return processor_nanos_; }
  void tell(const probe::Fact& fact) override;

  World& world_;
  const ProcessId process_;
  Prng random_;
  Duration skew_;
  std::int64_t processor_nanos_ = 0;
};

}  // namespace ottla::world
