// A partition as its leader sees it: followers, in-sync replicas and the high watermark. Pure: it
// is told of appends, fetches, the controller's decisions and the time, and says what follows.
//
// The in-sync set has two readings, as in Kafka's Partition: the committed one, which the
// controller knows, and the maximal one, which adds a proposal under way. The high watermark waits
// for the maximal set, so that nothing is acknowledged that a replica about to be in sync may lack
// (KIP-497).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/protocol/error_code.h"
#include "engine/replication/follower_progress.h"

namespace ottla::replication {

// What the metadata log says of a partition, and what its leader is configured with.
struct Leadership {
  LeaderEpoch leader_epoch = no_leader_epoch;
  PartitionEpoch partition_epoch;
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> isr;
};

struct LeaderSettings {
  BrokerId self;
  Duration lag_time_max = Duration::seconds(30);  // replica.lag.time.max.ms
  std::int32_t min_insync_replicas = 1;
};

// An in-sync set to ask the controller for, by AlterPartition.
struct IsrProposal {
  std::vector<BrokerId> isr;  // Sorted.
  PartitionEpoch partition_epoch;
  LeaderEpoch leader_epoch;
  bool operator==(const IsrProposal&) const = default;
};

// What a leader asks of the other brokers' standing with the controller.
class Eligibility {
 public:
  virtual ~Eligibility() = default;
  // Not fenced, not shutting down, and of this epoch.
  [[nodiscard]] virtual bool may_join_isr(BrokerId broker, BrokerEpoch seen_in_fetch) const = 0;
  // Registered and not fenced.
  [[nodiscard]] virtual bool is_alive(BrokerId broker) const = 0;
};

class LeaderState {
 public:
  // Takes leadership with a log that ends at `log_end` and a high watermark as known before the
  // election.
  LeaderState(LeaderSettings settings, const Leadership& leadership, Offset log_end,
              Offset high_watermark, Instant now);

  // A newer decision of the controller in the same leader epoch. Ends a proposal under way.
  void adopt(const Leadership& leadership);
  void set_min_insync_replicas(std::int32_t count) { settings_.min_insync_replicas = count; }

  // The leader's log grew. True when the high watermark moved.
  bool appended(Offset log_end, Instant now, const Eligibility& eligibility);

  // A replica's fetch. Nothing when `follower` is no replica of this partition.
  struct FetchOutcome {
    bool high_watermark_moved = false;
    bool log_start_moved = false;         // The follower's, since its last fetch.
    std::optional<IsrProposal> proposal;  // Registered as under way.
  };
  [[nodiscard]] std::optional<FetchOutcome> fetched(BrokerId follower, BrokerEpoch broker_epoch,
                                                    Offset fetch_offset, Offset log_start,
                                                    Instant now, const Eligibility& eligibility);

  // Members that have lagged for longer than replica.lag.time.max.ms are proposed to leave.
  [[nodiscard]] std::optional<IsrProposal> shrink_laggards(Instant now);

  // The controller's answer to the proposal under way. The first: it was accepted, with the
  // resulting set.
  void proposal_accepted(const std::vector<BrokerId>& isr, PartitionEpoch partition_epoch);
  // The second: refused. True when it should be sent again as it is; otherwise this waits for newer
  // metadata (or, for a replica that is not eligible, falls back to the committed set).
  [[nodiscard]] bool proposal_refused(protocol::ErrorCode error);

  // Advances the high watermark if the state allows; true when it moved.
  bool advance_high_watermark(Instant now, const Eligibility& eligibility);

  // Why a produce with acks=all may not be appended now, or none.
  [[nodiscard]] protocol::ErrorCode admits_acks_all() const;
  // Why a produce with acks=all whose records the high watermark has passed may still not be
  // acknowledged.
  [[nodiscard]] protocol::ErrorCode acknowledges_acks_all() const;

  [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
  [[nodiscard]] Offset log_end() const { return log_end_; }
  [[nodiscard]] Offset epoch_start() const { return epoch_start_; }
  [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
  [[nodiscard]] PartitionEpoch partition_epoch() const { return partition_epoch_; }
  [[nodiscard]] const std::vector<BrokerId>& isr() const { return isr_; }
  [[nodiscard]] const std::vector<BrokerId>& maximal_isr() const { return maximal_isr_; }
  [[nodiscard]] const std::map<BrokerId, FollowerProgress>& followers() const { return followers_; }
  [[nodiscard]] std::optional<IsrProposal> proposal_under_way() const { return proposal_; }
  // The least log start offset over the live replicas, for DeleteRecords; no_offset while one of
  // them has not told its own in this epoch.
  [[nodiscard]] Offset low_watermark(Offset own_log_start, const Eligibility& eligibility) const;

 private:
  [[nodiscard]] std::int32_t effective_min_isr() const;
  [[nodiscard]] bool in_sync(const FollowerProgress& follower) const;
  IsrProposal propose(std::vector<BrokerId> isr);
  void set_replicas(const Leadership& leadership, Instant now);

  // Constant but for the topic's configuration.
  LeaderSettings settings_;
  // As the controller decided.
  LeaderEpoch leader_epoch_;
  PartitionEpoch partition_epoch_;
  std::vector<BrokerId> isr_;          // Sorted.
  std::vector<BrokerId> maximal_isr_;  // isr_ with what a proposal would add; sorted.
  std::optional<IsrProposal> proposal_;
  // As replication goes on.
  std::map<BrokerId, FollowerProgress> followers_;
  Offset log_end_;
  Offset epoch_start_;
  Offset high_watermark_;
};

}  // namespace ottla::replication
