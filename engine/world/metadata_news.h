// Tells apart what is new of the committed metadata from what a controller repeats: a new active
// controller may not have known how far the one before it had got.
#pragma once

#include <optional>
#include <utility>

#include "engine/world/world_listener.h"

namespace ottla::world {

class MetadataNews {
 public:
  // False for a fact that another controller has told before. True for all that is not metadata.
  [[nodiscard]] bool take(const ObservedFact& observed);

 private:
  std::pair<ProcessId, std::uint32_t> teller_;  // Process and incarnation.
  Offset told_ = no_offset;                     // The newest of all.
  Offset told_before_ = no_offset;              // The newest of the tellers before this one.
};

}  // namespace ottla::world
