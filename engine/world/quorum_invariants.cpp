#include "engine/world/quorum_invariants.h"

#include <fmt/format.h>

namespace ottla::world {

void OneControllerPerEpoch::on_fact(const ObservedFact& observed, Violations& violations) {
  const auto* activated = std::get_if<probe::ControllerActivated>(&observed.fact);
  if (activated == nullptr) return;
  const std::pair who(observed.process, observed.incarnation);
  const auto [at, is_first] = active_.emplace(activated->epoch, who);
  if (is_first || at->second == who) return;
  violations.add(name(), observed.at,
                 fmt::format("processes {} and {} were both active in epoch {}",
                             at->second.first.value(), observed.process.value(), activated->epoch));
}

}  // namespace ottla::world
