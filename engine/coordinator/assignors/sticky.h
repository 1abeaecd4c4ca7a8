// The sticky assignment: as balanced as the subscriptions allow, and with as many partitions as
// possible left where they were. Where several members claim a partition, the one of the later
// generation keeps it.
//
// Balance and stickiness are those of Kafka's AbstractStickyAssignor; which of several equally good
// assignments comes out may differ from the Java client's.
#pragma once

#include "engine/coordinator/assignors/assignor.h"

namespace ottla::coordinator {

[[nodiscard]] GroupShares assign_sticky(
    const std::vector<SubscribedMember>& members,
    const std::map<std::string, std::int32_t>& partition_counts);

// Takes out of `shares` each partition that another member still owns: it is given out by the
// rebalance that follows once its owner has let it go (KIP-429).
void withhold_moving_partitions(const std::vector<SubscribedMember>& members, GroupShares& shares);

}  // namespace ottla::coordinator
