// Small nodes for tests of the world: each writes down what it hears, and tests act through its
// Env.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/world/world.h"

namespace ottla::world::test {

// Outlives the node, so that a test reads what every incarnation heard.
struct Toy {
  std::vector<std::string> heard;  // "12.500ms message hello"
  std::optional<Env> env;          // Of the running incarnation.
  ConnectionId latest{};           // The connection of the latest event.
  bool echo = false;               // Sends each message back.
  bool slow_to_stop = false;       // Needs a timer's time to stop.
  Instant began = scenario_epoch;

  void hear(const std::string& what) {
    const auto micros = (env->clock.now() - began).count_micros();
    heard.push_back(fmt::format("{}.{:03}ms {}", micros / 1000, micros % 1000, what));
  }
  // What was heard, without times.
  [[nodiscard]] std::vector<std::string> plain() const {
    std::vector<std::string> lines;
    for (const std::string& line : heard) lines.push_back(line.substr(line.find(' ') + 1));
    return lines;
  }
};

class ToyNode final : public Node {
 public:
  ToyNode(Env env, Toy& toy) : toy_(toy) { toy_.env.emplace(env); }
  ~ToyNode() override { toy_.env.reset(); }
  void on_start() override { toy_.hear("start"); }
  void on_shutdown() override {
    toy_.hear("shutdown");
    stopped_ = !toy_.slow_to_stop;
    if (toy_.slow_to_stop) stop_timer_ = toy_.env->timers.arm(Duration::millis(500));
  }
  [[nodiscard]] bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId connection, const Endpoint&, std::string_view peer_host) override {
    toy_.latest = connection;
    toy_.hear(fmt::format("accepted {}", peer_host));
  }
  void on_connected(ConnectionId connection) override {
    toy_.latest = connection;
    toy_.hear("connected");
  }
  void on_connection_closed(ConnectionId connection) override {
    toy_.latest = connection;
    toy_.hear("closed");
  }
  void on_message(ConnectionId connection, ByteChain frame) override {
    toy_.latest = connection;
    toy_.hear("message " + frame.to_string());
    if (toy_.echo) toy_.env->network.send(connection, std::move(frame));
  }
  void on_timer(TimerId timer) override {
    toy_.hear("timer");
    if (timer == stop_timer_) stopped_ = true;
  }
  void on_disk(DiskOperationId operation, DiskResult<void> result) override {
    toy_.hear(fmt::format("disk {} {}", operation.value(), result ? "done" : "failed"));
  }

 private:
  Toy& toy_;
  TimerId stop_timer_{};
  bool stopped_ = false;
};

inline ByteChain frame(std::string_view text) {
  return Bytes::copy_of(text);
}

inline WorldSpec exact_world(std::uint64_t seed = 1) {
  WorldSpec spec;
  spec.seed = seed;
  spec.network.same_zone = {
      .latency = Duration::millis(1), .jitter = {}, .bandwidth_bytes_per_s = 0, .loss = 0};
  return spec;
}

// Two started processes, `a` and `b`, that listen; one millisecond apart.
struct ToyPair {
  Toy a;
  Toy b;
  World world;
  ProcessId pa;
  ProcessId pb;

  explicit ToyPair(WorldSpec spec = exact_world()) : world(spec) {
    pa = add("a", a);
    pb = add("b", b);
    world.start(pa);
    world.start(pb);
    world.run_for(Duration());
  }
  ProcessId add(const std::string& name, Toy& toy) {
    ProcessSpec process;
    process.name = name;
    process.host = name;
    process.listeners = {{name, 9092}};
    process.make = [&toy](Env env) { return std::make_unique<ToyNode>(env, toy); };
    return world.add(std::move(process));
  }
  ConnectionId connect() {
    const ConnectionId connection = a.env->network.connect({"b", 9092});
    world.run_for(Duration::millis(10));
    return connection;
  }
};

}  // namespace ottla::world::test
