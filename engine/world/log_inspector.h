// A read-only look at the logs of all brokers at one moment, for the invariants that compare them.
// Implemented over a cluster's broker nodes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.h"

namespace ottla::world {

struct PartitionKey {
  std::string topic;
  PartitionIndex partition;
  auto operator<=>(const PartitionKey&) const = default;
};

// One replica's log on a running broker.
struct ReplicaLog {
  BrokerId broker;
  bool leader = false;  // By the broker's own metadata.
  LeaderEpoch epoch;    // Of the leadership it takes part in.
  LeaderEpoch latest;   // Of its last batch.
  Offset log_start;
  Offset high_watermark;
  Offset log_end;
  bool compacted = false;  // cleanup.policy holds compact: batches may differ between replicas.
};

struct BatchSummary {
  Offset base;
  Offset last;
  LeaderEpoch epoch;
  std::uint32_t crc;
  ProducerId producer = no_producer_id;
  std::int32_t base_sequence = -1;
  bool operator==(const BatchSummary&) const = default;
};

class LogInspector {
 public:
  virtual ~LogInspector() = default;
  [[nodiscard]] virtual std::vector<PartitionKey> partitions() const = 0;
  // Of running brokers only, in the order of their ids.
  [[nodiscard]] virtual std::vector<ReplicaLog> replicas(const PartitionKey& partition) const = 0;
  // The batches of one replica that hold any of the offsets [from, to), in order.
  [[nodiscard]] virtual std::vector<BatchSummary> batches(const PartitionKey& partition,
                                                          BrokerId broker, Offset from,
                                                          Offset to) const = 0;
};

}  // namespace ottla::world
