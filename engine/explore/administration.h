// What an administrator does to a cluster while faults befall it: partitions are moved and added,
// records and topics deleted, configs changed. All of it is asked for over the wire.
#pragma once

#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/world/admin_task.h"
#include "engine/world/cluster_spec.h"

namespace ottla::explore {

struct TimedTask {
  Duration after;  // The first fault could come then.
  world::AdminTask task;
  // Of a DeleteRecords, in place of its offset: how much of what is committed by then.
  double share = 0;
};
// In order of time.
using Administration = std::vector<TimedTask>;

// Tasks for a cluster's own topics, and for a few more that come and go. What may keep its clients
// from ever being done is left out: fewer replicas than min.insync.replicas, another
// min.insync.replicas (which takes the eligible leaders from a partition that has nobody in sync,
// as in Kafka), or a topic of theirs deleted.
[[nodiscard]] Administration draw_administration(Prng prng, const world::ClusterSpec& cluster,
                                                 Duration duration);

}  // namespace ottla::explore
