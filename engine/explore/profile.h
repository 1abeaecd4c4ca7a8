// The kinds of exploration: which faults befall a cluster, how often, and for how long.
#pragma once

#include <span>
#include <string_view>

#include "engine/world/fault_plan.h"

namespace ottla::explore {

struct Profile {
  std::string_view name;
  std::string_view about;                 // A few words for a person.
  world::FaultProfile faults;             // Of the nodes.
  world::FaultProfile faults_of_members;  // Of the groups' members, where an experiment has any.
};

// calm, network, disk and havoc.
[[nodiscard]] std::span<const Profile> profiles();
// Null when no profile is called so.
[[nodiscard]] const Profile* find_profile(std::string_view name);

}  // namespace ottla::explore
