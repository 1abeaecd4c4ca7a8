#include "engine/explore/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "engine/base/clock_text.h"
#include "engine/explore/convergence.h"
#include "engine/explore/history_checker.h"
#include "engine/world/cluster.h"
#include "engine/world/cluster_logs.h"

namespace ottla::explore {
namespace {

constexpr Duration second = Duration::seconds(1);
constexpr Duration comes_up_within = Duration::seconds(30);
// A member waits longest: a JoinGroup whose coordinator lost power is given up only after
// max.poll.interval.ms and 5 s (the Java client's joinGroupTimeoutMs), and then the group
// rebalances.
constexpr Duration converges_within = Duration::seconds(305 + 60);
constexpr std::size_t last_events_max = 30;

HistoryRules rules_of(const Experiment& experiment) {
  HistoryRules rules;
  for (const auto& producer : experiment.cluster.workload.producers) {
    if (producer.idempotent) rules.idempotent_producers.insert(producer.name);
  }
  for (const auto& topic : experiment.cluster.workload.topics) {
    if (topic.config.contains("cleanup.policy")) rules.compacted_topics.insert(topic.name);
    if (topic.config.contains("retention.ms")) rules.cut_topics.insert(topic.name);
  }
  for (const TimedTask& timed : experiment.administration) {
    if (const auto* deletion = std::get_if<world::task::DeleteRecords>(&timed.task))
      rules.cut_topics.insert(deletion->topic);
  }
  return rules;
}

std::string told(const TimedTask& timed) {
  const auto* deletion = std::get_if<world::task::DeleteRecords>(&timed.task);
  if (deletion == nullptr) return world::describe(timed.task);
  return fmt::format("delete the first {:.0f} % of {}-{}", 100 * timed.share, deletion->topic,
                     deletion->partition.value());
}

class Run {
 public:
  explicit Run(const Experiment& experiment)
      : experiment_(experiment), cluster_(experiment.cluster), history_(rules_of(experiment)) {
    cluster_.world().add_listener(history_);
  }
  ~Run() { cluster_.world().remove_listener(history_); }
  Run(const Run&) = delete;

  Outcome all(const std::optional<world::FaultPlan>& plan) {
    const bool whole = come_up() && suffer(plan) && converge() && check_end();
    finish(whole);
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] Duration since_start() const {
    return cluster_.world().now() - cluster_.spec().start;
  }

  // Lets a second pass. False when something does not hold any more.
  bool pass(Duration time = second) {
    cluster_.run_until(cluster_.world().now() + time);
    history_.settle_doubts(world::ClusterLogs(cluster_));
    for (observe::Event& event : cluster_.take_events()) {
      last_events_.push_back(std::move(event));
      if (last_events_.size() > last_events_max) last_events_.pop_front();
    }
    return holds();
  }
  bool holds() const {
    return cluster_.violations().count() == 0 && history_.violations().count() == 0;
  }
  bool fail(std::string_view what, std::string text) {
    outcome_.failures.push_back({std::string(what), since_start(), std::move(text)});
    return false;
  }

  bool come_up() {
    const Instant until = cluster_.world().now() + comes_up_within;
    while (!cluster_.workload().clients_started()) {
      if (!pass()) return false;
      if (cluster_.world().now() >= until)
        return fail(did_not_converge, "the workload's topics were not made");
    }
    return pass() && pass();
  }

  bool suffer(const std::optional<world::FaultPlan>& given) {
    world::World& world = cluster_.world();
    // A lone controller has nobody to take over: its faults would only make everybody wait.
    const bool may_fail_over = cluster_.controllers().size() > 1;
    const auto nodes = may_fail_over ? cluster_.nodes() : cluster_.brokers();
    outcome_.plan = given ? *given : draw_faults(nodes);
    for (const world::TimedFault& timed : outcome_.plan)
      tell_of(timed.after, world::describe(world, timed.fault));
    for (const TimedTask& timed : experiment_.administration) tell_of(timed.after, told(timed));
    std::sort(outcome_.plan_lines.begin(), outcome_.plan_lines.end());
    world::schedule(world, outcome_.plan);
    const Instant start = world.now();
    auto next = experiment_.administration.begin();
    while (world.now() < start + experiment_.faulty) {
      if (!pass()) return false;
      for (; next != experiment_.administration.end() && start + next->after <= world.now(); ++next)
        cluster_.administer(as_of_now(*next));
    }
    return true;
  }

  // The nodes' faults, and if need be those of the groups' members.
  world::FaultPlan draw_faults(const std::vector<world::ProcessId>& nodes) {
    world::World& world = cluster_.world();
    world::FaultTargets targets = world::targets_among(world, nodes);
    targets.folders = cluster_.spec().log_dir_folders();
    if (!cluster_.spec().combined) targets.observers = cluster_.brokers();
    world::FaultPlan plan = world::random_plan(world.stream("faults"), targets, experiment_.faulty,
                                               experiment_.profile->faults);
    if (!experiment_.faulty_members) return plan;
    std::vector<world::ProcessId> members;
    for (const auto& [name, group] : cluster_.workload().groups()) {
      for (const auto& member : group.members) members.push_back(member.process);
    }
    std::size_t acts = 0;
    for (const world::TimedFault& timed : plan) acts = std::max(acts, timed.act + 1);
    for (world::TimedFault& timed :
         world::random_plan(world.stream("faults of members"), {.nodes = members},
                            experiment_.faulty, experiment_.profile->faults_of_members)) {
      timed.act += acts;
      plan.push_back(std::move(timed));
    }
    std::stable_sort(plan.begin(), plan.end(),
                     [](const auto& a, const auto& b) { return a.after < b.after; });
    return plan;
  }

  void tell_of(Duration after, const std::string& what) {
    outcome_.plan_lines.push_back(fmt::format("{} {}", clock_text(since_start() + after), what));
  }

  // How far records are deleted depends on how far they are committed.
  world::AdminTask as_of_now(const TimedTask& timed) {
    world::AdminTask task = timed.task;
    auto* deletion = std::get_if<world::task::DeleteRecords>(&task);
    if (deletion == nullptr) return task;
    for (const world::ReplicaLog& log :
         world::ClusterLogs(cluster_).replicas({deletion->topic, deletion->partition})) {
      const double committed =
          static_cast<double>(std::max<std::int64_t>(log.high_watermark.value(), 0));
      if (log.leader) deletion->before = Offset{static_cast<std::int64_t>(committed * timed.share)};
    }
    return task;
  }

  bool converge() {
    for (const auto& producer : experiment_.cluster.workload.producers)
      (void)cluster_.apply({observe::SetProducerRate{producer.name, 0}, {}});
    const Instant until = cluster_.world().now() + converges_within;
    while (true) {
      if (!pass()) return false;
      const std::string left = unfinished(cluster_);
      if (left.empty()) return true;
      if (cluster_.world().now() >= until) return fail(did_not_converge, left);
    }
  }

  bool check_end() {
    cluster_.check_everything();
    history_.check_end(world::ClusterLogs(cluster_), cluster_.world().now());
    return holds();
  }

  void take_violations(const world::Violations& violations) {
    for (const world::Violation& each : violations.kept()) {
      outcome_.failures.push_back(
          {std::string(each.invariant), each.at - cluster_.spec().start, each.text});
    }
  }

  void finish(bool whole) {
    take_violations(cluster_.violations());
    take_violations(history_.violations());
    if (!whole) {
      for (const observe::Event& event : last_events_) {
        outcome_.last_events.push_back(
            fmt::format("{} {}", clock_text(event.at - cluster_.spec().start), event.text));
      }
    }
    outcome_.virtual_time = since_start();
    outcome_.events = cluster_.world().events_delivered();
    outcome_.trace_hash = cluster_.world().trace_hash();
    outcome_.acknowledged = history_.acknowledged();
    outcome_.read = history_.read();
  }

  const Experiment& experiment_;
  world::Cluster cluster_;
  HistoryChecker history_;
  std::deque<observe::Event> last_events_;
  Outcome outcome_;
};

world::FaultPlan without(const world::FaultPlan& plan, std::size_t act) {
  world::FaultPlan rest = plan;
  std::erase_if(rest, [act](const world::TimedFault& timed) { return timed.act == act; });
  return rest;
}

}  // namespace

Outcome run(const Experiment& experiment, const std::optional<world::FaultPlan>& plan) {
  return Run(experiment).all(plan);
}

Outcome minimize(const Experiment& experiment, Outcome outcome) {
  const std::string what = outcome.failures.front().what;
  for (bool smaller = true; smaller;) {
    smaller = false;
    std::set<std::size_t> acts;
    for (const world::TimedFault& timed : outcome.plan) acts.insert(timed.act);
    for (const std::size_t act : acts) {
      Outcome shorter = run(experiment, without(outcome.plan, act));
      if (shorter.failures.empty() || shorter.failures.front().what != what) continue;
      outcome = std::move(shorter);
      smaller = true;
    }
  }
  return outcome;
}

}  // namespace ottla::explore
