// Builds the Snapshot of a simulated cluster by looking at its nodes, and samples the series of its
// history. Keeps what a picture needs from before: counters for rates, and since when things are as
// they are.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/broker/data/replica.h"
#include "engine/coordinator/group_view.h"
#include "engine/metadata/image.h"
#include "engine/observe/snapshot.h"
#include "engine/world/history_recorder.h"
#include "engine/world/process_id.h"
#include "engine/world/rates.h"

namespace ottla::world {

class Cluster;

class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(Cluster& cluster) : cluster_(cluster) {}

  [[nodiscard]] std::shared_ptr<const observe::Snapshot> build(observe::RunState run);
  // One point of every series, and the rates that Snapshots show; every HistoryRecorder::interval.
  void sample(HistoryRecorder& history);

 private:
  using Partition = std::pair<std::string, PartitionIndex>;
  // Since when a partition is as it is.
  struct Since {
    LeaderEpoch epoch;
    Instant elected;
    std::optional<Instant> under_replicated;
  };

  void add_nodes(observe::Snapshot& snapshot);
  void add_loads(observe::Snapshot& snapshot) const;
  void add_quorum(observe::Snapshot& snapshot);
  void add_topics(observe::Snapshot& snapshot, const metadata::Image& image);
  void add_clients(observe::Snapshot& snapshot);
  void add_groups(observe::Snapshot& snapshot, const metadata::Image& image);
  void add_real_clients(observe::Snapshot& snapshot);
  void add_links(observe::Snapshot& snapshot);
  void add_traffic(observe::Snapshot& snapshot);
  void add_waits(observe::Snapshot& snapshot);
  [[nodiscard]] observe::BrokerState broker_state(ProcessId process, const metadata::Image* image);
  [[nodiscard]] observe::PartitionState partition_state(const metadata::Topic& topic,
                                                        PartitionIndex index,
                                                        const metadata::Partition& partition);
  // Looked at with every sample too, so that it does not depend on when Snapshots are wanted.
  const Since& look_at(const broker::PartitionKey& key, const metadata::Partition& partition);
  [[nodiscard]] const broker::Replica* replica(BrokerId broker,
                                               const broker::PartitionKey& key) const;
  // As the Snapshot before showed it, for what cannot be seen now; null when it had none.
  [[nodiscard]] const observe::PartitionState* seen_before(const metadata::Topic& topic,
                                                           PartitionIndex index) const;
  [[nodiscard]] std::string process_name(ProcessId process) const;
  using AddPoint = std::function<void(std::string_view key, std::string_view label,
                                      std::string_view unit, double value)>;
  void add_member(observe::GroupState& group, const coordinator::GroupView& view,
                  const coordinator::MemberView& member);
  void add_group_partitions(observe::GroupState& group, const coordinator::GroupView& view,
                            const metadata::Image& image);
  void sample_partitions(const AddPoint& point);
  void sample_brokers(const AddPoint& point);
  void sample_links();
  void sample_groups(const AddPoint& point);
  void sample_events(const AddPoint& point);
  void remember_end(const broker::PartitionKey& partition, Offset end);
  [[nodiscard]] std::optional<Duration> age_of(const broker::PartitionKey& partition,
                                               Offset offset) const;

  Cluster& cluster_;
  std::shared_ptr<const observe::Snapshot> previous_;  // Null before the first.
  Rates rates_;
  std::map<broker::PartitionKey, std::vector<std::pair<Instant, Offset>>> ends_;  // By time.
  std::map<broker::PartitionKey, Since> since_;
  std::map<std::string, observe::Flow> flows_;
  std::map<std::pair<ProcessId, ProcessId>, Instant> cut_since_;
  std::map<std::string, std::int64_t> group_rebalances_;
  std::map<std::string, GenerationId> group_generation_;
};

}  // namespace ottla::world
