#include "app/cli/explore.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/clock_text.h"
#include "engine/explore/run.h"

namespace ottla::cli {
namespace {

using explore::Experiment;
using explore::Outcome;

std::string indented(std::string_view text) {
  std::string out = "    ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  while (out.ends_with(' ') || out.ends_with('\n')) out.pop_back();
  return out + '\n';
}

std::string line_of(const Experiment& experiment, const Outcome& outcome) {
  return fmt::format(
      "seed {:<6} {:<6} {}  {}, {} fault events, {} acknowledged, {} read, trace {:016x}\n",
      experiment.cluster.seed, outcome.failures.empty() ? "ok" : "FAILED",
      clock_text(outcome.virtual_time), summary(experiment), outcome.plan.size(),
      outcome.acknowledged, outcome.read, outcome.trace_hash);
}

std::string story_of(const Experiment& experiment, const Outcome& outcome, bool brokers_given) {
  std::string text;
  for (const explore::Failure& failure : outcome.failures)
    text += fmt::format("  {} {}: {}\n", clock_text(failure.at), failure.what, failure.text);
  text += "  cluster\n" + indented(details(experiment));
  text += "  faults\n";
  for (const std::string& line : outcome.plan_lines) text += "    " + line + '\n';
  text += "  last events\n";
  for (const std::string& line : outcome.last_events) text += "    " + line + '\n';
  text += fmt::format("  again: ottla explore --profile {0} --seeds {1}..{1}",
                      experiment.profile->name, experiment.cluster.seed);
  if (brokers_given) text += fmt::format(" --brokers {}", experiment.cluster.brokers);
  return text + '\n';
}

// Gives seeds out to threads, and prints what came of them in the order of the seeds. A world is
// one thread's own.
class Exploration {
 public:
  explicit Exploration(const ExploreOptions& options)
      : options_(options), next_(options.first_seed), to_print_(options.first_seed) {}

  int all() {
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < options_.jobs; ++i) workers.emplace_back([this] { work(); });
    workers.clear();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{}: {} seeds, {} failed; {:.0f} virtual seconds in {:.1f} s with {} jobs\n",
               options_.profile->name, next_ - options_.first_seed, failed_,
               static_cast<double>(virtual_time_.count_millis()) / 1000, took.count(),
               options_.jobs);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  void work() {
    while (const auto seed = take_seed()) {
      const Experiment experiment =
          explore::draw_experiment(*options_.profile, *seed, options_.brokers);
      Outcome outcome = explore::run(experiment);
      std::string text;
      const bool failed = !outcome.failures.empty();
      if (failed || !options_.quiet) text = line_of(experiment, outcome);
      const Duration virtual_time = outcome.virtual_time;
      if (failed) {
        if (options_.minimize) outcome = explore::minimize(experiment, std::move(outcome));
        text += story_of(experiment, outcome, options_.brokers.has_value());
      }
      report(*seed, std::move(text), failed, virtual_time);
    }
  }

  std::optional<std::uint64_t> take_seed() {
    const std::lock_guard lock(mutex_);
    const bool enough = options_.until_failure && failed_ > 0;
    if (enough || next_ > options_.last_seed) return std::nullopt;
    return next_++;
  }

  void report(std::uint64_t seed, std::string text, bool failed, Duration virtual_time) {
    const std::lock_guard lock(mutex_);
    failed_ += failed ? 1 : 0;
    virtual_time_ += virtual_time;
    done_.emplace(seed, std::move(text));
    for (auto next = done_.find(to_print_); next != done_.end(); next = done_.find(++to_print_)) {
      fmt::print("{}", next->second);
      done_.erase(next);
    }
    std::fflush(stdout);
  }

  const ExploreOptions options_;
  std::mutex mutex_;
  std::uint64_t next_;
  std::uint64_t to_print_;
  std::map<std::uint64_t, std::string> done_;  // Texts that wait for those of earlier seeds.
  std::uint64_t failed_ = 0;
  Duration virtual_time_;
};

}  // namespace

int explore_seeds(const ExploreOptions& options) {
  return Exploration(options).all();
}

}  // namespace ottla::cli
