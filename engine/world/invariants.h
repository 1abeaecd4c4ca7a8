// What must hold in every run, whatever fails: invariants watch a world's facts and compare its
// logs, and report what does not hold, by name. A test fails on the first violation; a window shows
// it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/world/log_inspector.h"
#include "engine/world/world_listener.h"

namespace ottla::world {

struct Violation {
  std::string_view invariant;  // Its name().
  Instant at;
  std::string text;
};

// Where invariants report to; bounded, because one broken thing tends to break much.
class Violations {
 public:
  static constexpr std::size_t kept_max = 100;

  void add(std::string_view invariant, Instant at, std::string text);
  [[nodiscard]] const std::vector<Violation>& kept() const { return kept_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::vector<Violation> kept_;
  std::size_t count_ = 0;
};

class Invariant {
 public:
  virtual ~Invariant() = default;
  // One lower-case sentence, which is what a violation is filed under.
  [[nodiscard]] virtual std::string_view name() const = 0;
  virtual void on_fact(const ObservedFact& fact, Violations& violations) = 0;
  virtual void on_process(BrokerId /*broker*/, ProcessChange /*change*/) {}
  // Called now and then while the world runs and at its end; `whole` asks to look at everything
  // again.
  virtual void check_logs(const LogInspector& /*logs*/, Instant /*now*/, bool /*whole*/,
                          Violations& /*violations*/) {}
};

// Per-partition state of an invariant, found without making a key for each fact.
struct PartitionOrder {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return view(a) < view(b);
  }

 private:
  using View = std::pair<std::string_view, PartitionIndex>;
  static View view(const PartitionKey& key) { return {key.topic, key.partition}; }
  static View view(const probe::PartitionName& name) { return {name.topic, name.partition}; }
};
template <class State>
class PerPartition {
 public:
  State& of(const probe::PartitionName& name) {
    const auto found = states_.find(name);
    if (found != states_.end()) return found->second;
    return states_.emplace(PartitionKey{std::string(name.topic), name.partition}, State())
        .first->second;
  }
  State* find(const PartitionKey& key) {
    const auto found = states_.find(key);
    return found == states_.end() ? nullptr : &found->second;
  }
  // A topic of that name begins or ends: what was known belongs to another one.
  void forget(std::string_view topic) {
    std::erase_if(states_, [topic](const auto& entry) { return entry.first.topic == topic; });
  }
  [[nodiscard]] auto begin() { return states_.begin(); }
  [[nodiscard]] auto end() { return states_.end(); }

 private:
  std::map<PartitionKey, State, PartitionOrder> states_;
};

// What of the logs is compared as a run goes on: all, or what came after the beginning. Logs of
// real files may hold far more from before than can be read while clients wait.
enum class Compared : std::uint8_t { whole_logs, since_the_beginning };

class InvariantChecker final : public WorldListener {
 public:
  // With all of Kafka's invariants that are known here.
  [[nodiscard]] static InvariantChecker standard(Compared compared = Compared::whole_logs);

  void add(std::unique_ptr<Invariant> invariant) { invariants_.push_back(std::move(invariant)); }
  void on_fact(const ObservedFact& fact) override;
  void on_process(Instant at, ProcessId process, BrokerId broker, ProcessChange change) override;
  void check_logs(const LogInspector& logs, Instant now, bool whole = false);

  [[nodiscard]] const Violations& violations() const { return violations_; }
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  std::vector<std::unique_ptr<Invariant>> invariants_;
  Violations violations_;
};

}  // namespace ottla::world
