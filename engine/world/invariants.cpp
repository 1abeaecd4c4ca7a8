#include "engine/world/invariants.h"

#include "engine/world/partition_invariants.h"
#include "engine/world/quorum_invariants.h"

namespace ottla::world {

void Violations::add(std::string_view invariant, Instant at, std::string text) {
  ++count_;
  if (kept_.size() < kept_max) kept_.push_back({invariant, at, std::move(text)});
}

InvariantChecker InvariantChecker::standard(Compared compared) {
  InvariantChecker checker;
  checker.add(std::make_unique<OneControllerPerEpoch>());
  checker.add(std::make_unique<OneLeaderPerEpoch>());
  checker.add(std::make_unique<LeadersAreNotFenced>());
  checker.add(std::make_unique<HighWatermarkNeverMovesBack>());
  checker.add(std::make_unique<AcknowledgedRecordsAreKept>());
  checker.add(std::make_unique<LogsAgreeBelowHighWatermark>(compared));
  return checker;
}

void InvariantChecker::on_fact(const ObservedFact& fact) {
  for (const auto& invariant : invariants_) invariant->on_fact(fact, violations_);
}

void InvariantChecker::on_process(Instant, ProcessId, BrokerId broker, ProcessChange change) {
  for (const auto& invariant : invariants_) invariant->on_process(broker, change);
}

void InvariantChecker::check_logs(const LogInspector& logs, Instant now, bool whole) {
  for (const auto& invariant : invariants_) invariant->check_logs(logs, now, whole, violations_);
}

std::vector<std::string_view> InvariantChecker::names() const {
  std::vector<std::string_view> names;
  for (const auto& invariant : invariants_) names.push_back(invariant->name());
  return names;
}

}  // namespace ottla::world
