#include "app/cli/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "engine/observe/event.h"
#include "engine/world/cluster.h"

namespace ottla::cli {
namespace {

constexpr Duration slice = Duration::millis(100);  // Between two looks at what happened.
constexpr Duration downtime = Duration::seconds(10);
constexpr std::int32_t broker_count = 3;

// 00:10.400
std::string clock(Duration since_start) {
  const std::int64_t ms = since_start.count_millis();
  return fmt::format("{:02}:{:02}.{:03}", ms / 60'000, ms / 1000 % 60, ms % 1000);
}

void tell(Duration at, std::string_view mark, std::string_view text) {
  fmt::print("{}  {} {}\n", clock(at), mark, text);
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
      if (kill_at_) next = std::min(next, std::max(*kill_at_, now()));
      cluster_.run_until(next);
      tell_events();
      if (kill_at_ && now() >= *kill_at_) kill_leader();
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

  void kill_leader() {
    kill_at_.reset();
    const std::string& name = cluster_.spec().workload.topics.front().name;
    const auto snapshot = cluster_.snapshot(observe::RunState{});
    const observe::TopicState* topic = snapshot->topic(name);
    const bool has_leader =
        topic != nullptr && !topic->partitions.empty() && topic->partitions.front().leader;
    if (!has_leader) {
      tell(now() - start(), "!", fmt::format("{}-0 has no leader to kill", name));
      return;
    }
    const std::string leader = std::to_string(topic->partitions.front().leader->value());
    tell(now() - start(), ">",
         fmt::format("killing broker {}, the leader of {}-0, for {} s", leader, name,
                     downtime.count_millis() / 1000));
    const std::string refused = cluster_.apply({observe::Kill{leader}, downtime});
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
               clock(options_.length), cluster_.world().events_delivered(),
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
      fmt::print("broken      {} at {}: {}\n", each.invariant, clock(each.at - start()), each.text);
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
  std::optional<Instant> kill_at_ =
      options_.kill_leader_at ? std::optional(start() + *options_.kill_leader_at) : std::nullopt;
};

}  // namespace

int demo(const DemoOptions& options) {
  return Demo(options).run();
}

}  // namespace ottla::cli
