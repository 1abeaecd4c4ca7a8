// The logs of a cluster's running nodes, for the invariants: partitions of the brokers, and the
// metadata log, which controllers and brokers have.
#pragma once

#include <optional>

#include "engine/world/cluster.h"
#include "engine/world/log_inspector.h"

namespace ottla::world {

class ClusterLogs final : public LogInspector {
 public:
  // The cluster outlives this.
  explicit ClusterLogs(const Cluster& cluster) : cluster_(cluster) {}

  [[nodiscard]] std::vector<PartitionKey> partitions() const override;
  [[nodiscard]] std::vector<ReplicaLog> replicas(const PartitionKey& partition) const override;
  [[nodiscard]] std::vector<BatchSummary> batches(const PartitionKey& partition, BrokerId broker,
                                                  Offset from, Offset to) const override;

 private:
  // A node's part in the metadata quorum; null while it has none.
  [[nodiscard]] const broker::MetadataQuorum* quorum_of(ProcessId process) const;
  [[nodiscard]] std::vector<ReplicaLog> metadata_logs() const;
  // As the brokers name it; nothing where nobody knows the topic.
  [[nodiscard]] std::optional<broker::PartitionKey> key_of(const PartitionKey& partition) const;
  [[nodiscard]] const broker::Replica* replica(
      ProcessId process, const std::optional<broker::PartitionKey>& key) const;
  [[nodiscard]] ByteChain read(const PartitionKey& partition, ProcessId process, Offset from,
                               Offset to) const;

  const Cluster& cluster_;
};

}  // namespace ottla::world
