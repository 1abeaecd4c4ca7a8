// The seams of a broker under test: a clock that a test moves, a disk in
// memory, and a network, timers and a probe that write down what they are told.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/prng.h"
#include "engine/env/memory_disk.h"
#include "engine/env/memory_file_system.h"
#include "engine/env/node.h"
#include "engine/env/sync_scheduler.h"

namespace ottla::broker::test {

class BrokerEnv final : private Clock,
                        private Timers,
                        private Network,
                        private Random,
                        private Processor,
                        private SyncScheduler,
                        private probe::Probe {
 public:
  struct Sent {
    ConnectionId connection;
    ByteChain frame;
  };
  struct Opened {
    ConnectionId connection;
    Endpoint to;
  };
  using SyncDone = std::pair<DiskOperationId, DiskResult<void>>;

  Env env{*this, *this, *this, disk_, *this, *this, *this};
  MemoryFileSystem files;
  Instant time = scenario_epoch;
  std::int64_t processor_nanos = 0;
  std::vector<Sent> sent;
  std::vector<Opened> opened;
  std::vector<ConnectionId> closed;
  std::vector<std::pair<ConnectionId, std::size_t>> begun_with;  // Bytes of each frame.
  // As text: "acknowledged orders-0 0..2 acks=-1", "high watermark orders-0
  // 0->3".
  std::vector<std::string> facts;
  std::vector<std::string> notes;

  // Connections are numbered in one row, whoever opens them.
  ConnectionId next_connection() { return last_connection_ = last_connection_.next(); }
  std::vector<SyncDone> take_syncs_done() { return std::exchange(syncs_done_, {}); }

 private:
  [[nodiscard]] Instant now() const override { return time; }
  [[nodiscard]] TimerId arm(Duration /*after*/) override {
    return last_timer_ = last_timer_.next();
  }
  void cancel(TimerId /*timer*/) override {}
  [[nodiscard]] ConnectionId connect(const Endpoint& to) override {
    opened.push_back({next_connection(), to});
    return opened.back().connection;
  }
  void send(ConnectionId connection, ByteChain frame) override {
    sent.push_back({connection, std::move(frame)});
  }
  void close(ConnectionId connection) override { closed.push_back(connection); }
  void begun(ConnectionId connection, std::size_t bytes) override {
    begun_with.emplace_back(connection, bytes);
  }
  std::uint64_t next() override { return prng_.next(); }
  [[nodiscard]] std::int64_t used_nanos() const override { return processor_nanos; }
  void schedule_sync_done(DiskOperationId operation, DiskResult<void> result) override {
    syncs_done_.emplace_back(operation, result);
  }
  void tell(const probe::Fact& fact) override {
    if (const auto* note = std::get_if<probe::Noted>(&fact)) notes.emplace_back(note->text);
    if (const auto* acknowledged = std::get_if<probe::Acknowledged>(&fact)) {
      facts.push_back("acknowledged " + name(acknowledged->of) + " " +
                      std::to_string(acknowledged->first.value()) + ".." +
                      std::to_string(acknowledged->last.value()) +
                      " acks=" + std::to_string(acknowledged->acks) +
                      (acknowledged->epoch == no_leader_epoch ? " in no epoch" : ""));
    }
    if (const auto* moved = std::get_if<probe::HighWatermarkMoved>(&fact)) {
      facts.push_back("high watermark " + name(moved->of) + " " + span(moved->from, moved->to));
    }
    if (const auto* cut = std::get_if<probe::Truncated>(&fact)) {
      facts.push_back("truncated " + name(cut->of) + " " + span(cut->from, cut->to));
    }
  }
  static std::string name(const probe::PartitionName& of) {
    return std::string(of.topic) + "-" + std::to_string(of.partition.value());
  }
  static std::string span(Offset from, Offset to) {
    return std::to_string(from.value()) + "->" + std::to_string(to.value());
  }

  MemoryDisk disk_{files, *this};
  Prng prng_{1};
  TimerId last_timer_{0};
  ConnectionId last_connection_{0};
  std::vector<SyncDone> syncs_done_;
};

}  // namespace ottla::broker::test
