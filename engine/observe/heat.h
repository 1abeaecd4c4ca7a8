// Who is called hot. A partition is when it takes far more than its part of its topic's records; a
// broker is when it does far more than the others that run. Neither is where little goes on: a
// share of next to nothing says nothing.
#pragma once

#include <set>

#include "engine/observe/snapshot.h"

namespace ottla::observe {

// From this load on (1.8 times the average of the brokers that run) a broker stands out ...
inline constexpr double hot_load = 0.9;
// ... but is hot for its requests, or for its bytes in and out, only from these rates on.
inline constexpr double hot_requests_per_s = 1000;
inline constexpr double hot_bytes_per_s = 10e6;

// Never one that does not serve.
[[nodiscard]] bool is_hot_by_requests(const BrokerState& broker);
[[nodiscard]] bool is_hot_by_bytes(const BrokerState& broker);
[[nodiscard]] inline bool is_hot(const BrokerState& broker) {
  return is_hot_by_requests(broker) || is_hot_by_bytes(broker);
}

// A partition that takes this many times its even part, and this share, of the topic's records ...
inline constexpr double hot_even_parts = 2.5;
inline constexpr double hot_share = 0.3;
// ... is hot from this many records a second on.
inline constexpr double hot_records_per_s = 50;
// Right after an election, records come that waited for the leader.
inline constexpr Duration hot_after_election = Duration::seconds(5);

// The hot partitions of one of the snapshot's topics. Only partitions whose leader serves
// count, and with fewer than three of these each is a large part. None in internal topics: there a
// group's one partition is its all.
[[nodiscard]] std::set<PartitionIndex> hot_partitions(const Snapshot& snapshot,
                                                      const TopicState& topic);

}  // namespace ottla::observe
