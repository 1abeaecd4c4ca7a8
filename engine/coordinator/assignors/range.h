// RangeAssignor without racks: each topic's partitions in order, cut into one run for each of its
// subscribers; the first few get one more where it does not come out even.
#pragma once

#include "engine/coordinator/assignors/assignor.h"

namespace ottla::coordinator {

// `members` in the order in which runs are given.
[[nodiscard]] GroupShares assign_range(const std::vector<SubscribedMember>& members,
                                       const std::map<std::string, std::int32_t>& partition_counts);

}  // namespace ottla::coordinator
