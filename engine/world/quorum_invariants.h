// The invariants of the metadata quorum.
#pragma once

#include <map>

#include "engine/world/invariants.h"

namespace ottla::world {

// Two controllers that are active in the same epoch could both give out an offset of the metadata
// log: the epoch belongs to whom a majority has elected (KIP-595).
class OneControllerPerEpoch final : public Invariant {
 public:
  [[nodiscard]] std::string_view name() const override { return "one active controller per epoch"; }
  void on_fact(const ObservedFact& fact, Violations& violations) override;

 private:
  std::map<std::int32_t, std::pair<ProcessId, std::uint32_t>> active_;  // With its incarnation.
};

}  // namespace ottla::world
