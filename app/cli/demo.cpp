#include "app/cli/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "engine/base/clock_text.h"
#include "engine/observe/event.h"
#include "engine/world/cluster.h"

namespace ottla::cli {
namespace {

constexpr Duration slice = Duration::millis(100);  // Between two looks at what happened.
constexpr Duration downtime = Duration::seconds(10);
constexpr std::int32_t broker_count = 3;

void tell(Duration at, std::string_view mark, std::string_view text) {
  fmt::print("{}  {} {}\n", clock_text(at), mark, text);
}

std::string_view mark(observe::Severity severity) {
  switch (severity) {
    case observe::Severity::info: return " ";
    case observe::Severity::good: return "+";
    case observe::Severity::warning: return "!";
    case observe::Severity::error: return "x";
  }
  return " ";
}

class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options), cluster_(spec_of(options)) {}

  int run() {
    const Instant end = start() + options_.length;
    while (now() < end) {
      Instant next = std::min(now() + slice, end);
      for (const auto& at : {kill_leader_at_, kill_controller_at_}) {
        if (at) next = std::min(next, std::max(*at, now()));
      }
      cluster_.run_until(next);
      tell_events();
      if (is_due(kill_leader_at_)) kill_leader();
      if (is_due(kill_controller_at_)) kill_controller();
    }
    cluster_.check_everything();
    tell_events();
    return verdict();
  }

 private:
  static world::ClusterSpec spec_of(const DemoOptions& options) {
    world::ClusterSpec spec;
    spec.seed = options.seed;
    spec.brokers = broker_count;
    spec.controllers = options.controllers;
    spec.combined = options.combined;
    spec.workload = world::WorkloadSpec::everyday(broker_count);
    return spec;
  }

  [[nodiscard]] Instant start() const { return cluster_.spec().start; }
  [[nodiscard]] Instant now() const { return cluster_.world().now(); }

  void tell_events() {
    for (const observe::Event& event : cluster_.take_events()) {
      tell(event.at - start(), mark(event.severity), event.text);
    }
  }

  [[nodiscard]] std::optional<Instant> moment(const std::optional<Duration>& since_start) const {
    return since_start ? std::optional(start() + *since_start) : std::nullopt;
  }
  // True once, at its time.
  bool is_due(std::optional<Instant>& at) const {
    if (!at || now() < *at) return false;
    at.reset();
    return true;
  }

  void kill_leader() {
    const std::string& name = cluster_.spec().workload.topics.front().name;
    const auto snapshot = cluster_.snapshot(observe::RunState{});
    const observe::TopicState* topic = snapshot->topic(name);
    const bool has_leader =
        topic != nullptr && !topic->partitions.empty() && topic->partitions.front().leader;
    if (!has_leader)
      return tell(now() - start(), "!", fmt::format("{}-0 has no leader to kill", name));
    const std::string leader = std::to_string(topic->partitions.front().leader->value());
    kill(leader, fmt::format("broker {}, the leader of {}-0", leader, name));
  }

  void kill_controller() {
    const auto leader = cluster_.snapshot(observe::RunState{})->quorum.leader;
    if (!leader) return tell(now() - start(), "!", "There is no active controller to kill");
    const std::string name = std::to_string(leader->value());
    kill(name, fmt::format("controller {}, the active one", name));
  }

  void kill(const std::string& process, const std::string& who) {
    tell(now() - start(), ">",
         fmt::format("killing {}, for {} s", who, downtime.count_millis() / 1000));
    const std::string refused = cluster_.apply({observe::Kill{process}, downtime});
    if (!refused.empty()) tell(now() - start(), "!", fmt::format("refused: {}", refused));
    tell_events();
  }

  int verdict() {
    const auto snapshot = cluster_.snapshot(observe::RunState{});
    std::int64_t acknowledged = 0;
    std::int64_t failed = 0;
    for (const observe::ProducerState& producer : snapshot->producers) {
      acknowledged += producer.acknowledged;
      failed += producer.failed;
    }
    std::int64_t consumed = 0;
    std::int64_t lag = 0;
    for (const auto& group : snapshot->groups) {
      lag += group->lag;
      for (const auto& partition : group->partitions) {
        consumed += partition.committed.value_or(Offset{0}).value();
      }
    }
    const auto& violations = cluster_.violations();
    const auto lost = std::count_if(violations.kept().begin(), violations.kept().end(),
                                    [](const world::Violation& each) {
                                      return each.invariant.find("lost") != std::string_view::npos;
                                    });
    const observe::Health& health = snapshot->health;
    fmt::print("\nseed {}, {} of virtual time, {} events, trace hash {:016x}\n", options_.seed,
               clock_text(options_.length), cluster_.world().events_delivered(),
               cluster_.world().trace_hash());
    fmt::print("records     {} acknowledged, {} given up, {} consumed and committed, {} behind\n",
               acknowledged, failed, consumed, lag);
    fmt::print("lost        {}\n", lost == 0 ? std::string("none of the acknowledged records")
                                             : fmt::format("acknowledged records, {} times", lost));
    fmt::print("elections   {}\n",
               cluster_.events_of_kind(observe::name(observe::EventKind::leader_elected)));
    fmt::print("partitions  {}: {} offline, {} under-replicated, {} under min.insync.replicas\n",
               health.partitions, health.offline, health.under_replicated, health.under_min_isr);
    for (const world::Violation& each : violations.kept()) {
      fmt::print("broken      {} at {}: {}\n", each.invariant, clock_text(each.at - start()),
                 each.text);
    }
    if (violations.count() == 0) {
      fmt::print("verdict     every invariant held\n");
      return 0;
    }
    fmt::print("verdict     invariants were broken {} times; --seed {} shows it again\n",
               violations.count(), options_.seed);
    return 1;
  }

  const DemoOptions options_;
  world::Cluster cluster_;
  std::optional<Instant> kill_leader_at_ = moment(options_.kill_leader_at);
  std::optional<Instant> kill_controller_at_ = moment(options_.kill_controller_at);
};

}  // namespace

int demo(const DemoOptions& options) {
  return Demo(options).run();
}

}  // namespace ottla::cli
