// The invariants of a partition: who leads, what is committed, and what is never lost.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "engine/world/invariants.h"

namespace ottla::world {

// Two brokers that lead in the same epoch could both acknowledge the same offset for different
// records; the epoch exists to make that impossible (KIP-101).
class OneLeaderPerEpoch final : public Invariant {
 public:
  [[nodiscard]] std::string_view name() const override {
    return "one leader per partition and epoch";
  }
  void on_fact(const ObservedFact& fact, Violations& violations) override;

 private:
  PerPartition<std::map<LeaderEpoch, ProcessId>> leaders_;
};

// A broker without a session is taken for dead, and nobody would reach what it leads.
class LeadersAreNotFenced final : public Invariant {
 public:
  [[nodiscard]] std::string_view name() const override {
    return "no fenced broker is elected to lead";
  }
  void on_fact(const ObservedFact& fact, Violations& violations) override;

 private:
  std::set<BrokerId> unfenced_;  // By the committed metadata.
};

// Consumers have read what lies below it. It may be lower on the next leader, which learns of it by
// fetching, and on a broker that starts again from its checkpoint; on one leader in one epoch it
// only grows.
class HighWatermarkNeverMovesBack final : public Invariant {
 public:
  [[nodiscard]] std::string_view name() const override {
    return "a leader's high watermark never moves back within its epoch";
  }
  void on_fact(const ObservedFact& fact, Violations& violations) override;

 private:
  struct Leadership {
    LeaderEpoch epoch;
    ProcessId process;
    std::uint32_t incarnation = 0;
    Offset high_watermark;
  };
  PerPartition<Leadership> leaderships_;
};

// What acks=all promises. An acknowledged record may be lost only by unclean election, by
// retention, or when every replica that was in sync when it was acknowledged has since lost power
// with it unsynced.
class AcknowledgedRecordsAreKept final : public Invariant {
 public:
  [[nodiscard]] std::string_view name() const override {
    return "no record acknowledged under acks=all is lost";
  }
  void on_fact(const ObservedFact& fact, Violations& violations) override;
  void on_process(BrokerId broker, ProcessChange change) override;
  void check_logs(const LogInspector& logs, Instant now, bool whole,
                  Violations& violations) override;

 private:
  struct Range {
    Offset first;
    Offset last;
    LeaderEpoch epoch;   // In which it was appended,
    LeaderEpoch led_in;  // and in which it was acknowledged: what later leaders have to have.
    // In sync when it was acknowledged, without power loss since. Sorted.
    std::vector<BrokerId> holders;
    bool excused = false;  // There were holders, and all lost power; or an unclean election came.
  };
  struct Partition {
    std::vector<BrokerId> isr;  // Sorted.
    // By offset; neighbours of equal epochs and holders are merged.
    std::vector<Range> acknowledged;
    std::set<LeaderEpoch> unclean;
    Offset checked;  // Ranges below were found in the leader's log of `checked_epoch`.
    LeaderEpoch checked_epoch = no_leader_epoch;
  };

  void add(Partition& partition, const probe::Acknowledged& fact);
  void begin_epoch(Partition& partition, const probe::BecameLeader& fact, Instant at,
                   Violations& violations);
  void check_leader(const PartitionKey& key, Partition& partition, const ReplicaLog& leader,
                    const LogInspector& logs, Instant now, Violations& violations);

  PerPartition<Partition> partitions_;
};

// Below the high watermark every replica holds the same records, so that it does not matter to a
// consumer whom it reads from, before and after an election.
class LogsAgreeBelowHighWatermark final : public Invariant {
 public:
  explicit LogsAgreeBelowHighWatermark(Compared compared) : scope_(compared) {}

  [[nodiscard]] std::string_view name() const override {
    return "logs agree below the high watermark";
  }
  void on_fact(const ObservedFact& fact, Violations& violations) override;
  void on_process(BrokerId broker, ProcessChange change) override;
  void check_logs(const LogInspector& logs, Instant now, bool whole,
                  Violations& violations) override;

 private:
  struct Agreement {
    std::map<std::pair<BrokerId, BrokerId>, Offset> agreed;  // Both agree below it.
    // The epochs whose leaders were elected uncleanly, and where they began: a log that has not
    // been cut there still has what that leader lacks.
    std::map<LeaderEpoch, Offset> unclean;
    // Where the logs ended when they were seen first.
    std::optional<Offset> found;

    [[nodiscard]] bool takes_part(const ReplicaLog& log) const {
      return !log.compacted && std::ranges::all_of(unclean, [&](const auto& election) {
        return log.latest >= election.first || log.log_end <= election.second;
      });
    }
  };
  // What one replica has of a partition.
  struct Part {
    BrokerId broker;
    const std::vector<BatchSummary>& batches;
  };
  void compare(const PartitionKey& key, const Part& ours, const Part& theirs, Instant now,
               Violations& violations) const;

  const Compared scope_;
  PerPartition<Agreement> agreements_;
};

}  // namespace ottla::world
