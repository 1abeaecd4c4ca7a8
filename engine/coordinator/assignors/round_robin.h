// RoundRobinAssignor: all partitions of all topics, by topic name and index, dealt out to the
// members in turn; a member that is not subscribed to a topic is passed over.
#pragma once

#include "engine/coordinator/assignors/assignor.h"

namespace ottla::coordinator {

// `members` in the order in which they are dealt to.
[[nodiscard]] GroupShares assign_round_robin(
    const std::vector<SubscribedMember>& members,
    const std::map<std::string, std::int32_t>& partition_counts);

}  // namespace ottla::coordinator
