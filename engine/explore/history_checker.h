// Checks what the clients of a run saw: every record that was acknowledged to a producer, and every
// one that a consumer read. The anomalies have the names that Jepsen's Kafka workload gives them.
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/world/invariants.h"

namespace ottla::explore {

// What the records' fates depend on, beside the facts.
struct HistoryRules {
  std::set<std::string, std::less<>> idempotent_producers;
  std::set<std::string, std::less<>> compacted_topics;  // Records may vanish; none is missed.
  // The logs of these may lose their beginnings, and with them what nobody has read yet, and what
  // replicas know of the producers.
  std::set<std::string, std::less<>> cut_topics;
};

class HistoryChecker final : public world::WorldListener {
 public:
  // A record that was acknowledged under acks=all, and is not there to be read.
  static constexpr std::string_view lost_write = "lost_write";
  // It is there, and was never read, though its readers are past it.
  static constexpr std::string_view unseen = "unseen";
  // Two clients saw different records at one offset.
  static constexpr std::string_view inconsistent_offsets = "inconsistent_offsets";
  // An idempotent producer's record lies at two offsets, or out of the order in which it was sent
  // (where a leader had to know of the producer).
  static constexpr std::string_view duplicate = "duplicate";
  static constexpr std::string_view reordered = "reordered";
  // A member went back under one assignment, or past a record that was acknowledged.
  static constexpr std::string_view nonmonotonic_poll = "nonmonotonic_poll";
  static constexpr std::string_view poll_skip = "poll_skip";

  explicit HistoryChecker(HistoryRules rules) : rules_(std::move(rules)) {}

  void on_fact(const world::ObservedFact& fact) override;
  void on_process(Instant at, world::ProcessId process, BrokerId broker,
                  world::ProcessChange change) override;
  // To be called every second or so: decides what depends on where the logs begin.
  void settle_doubts(const world::LogInspector& logs);
  // For the end of a run, when every reader has read all there is.
  void check_end(const world::LogInspector& logs, Instant now);

  [[nodiscard]] const world::Violations& violations() const { return violations_; }
  [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::int64_t read() const { return read_; }

 private:
  using RecordId = std::pair<std::uint32_t, std::uint64_t>;  // Producer, and its number there.
  // By their ids, below 64: experiments are small, and histories long.
  using Brokers = std::bitset<64>;
  struct Seen {
    RecordId record;
    bool acknowledged = false;  // Under acks=all.
    bool read = false;
    Brokers holders;       // In sync when it was seen last, without power loss since.
    bool excused = false;  // There were holders, and all lost power.
  };
  // An anomaly that is none if the log begins after `offset` by now.
  struct Doubt {
    std::string_view anomaly;
    Instant at;
    Offset offset;
    std::string text;
  };
  struct Partition {
    void set_isr(std::span<const BrokerId> now);

    std::map<Offset, Seen> records;
    Brokers isr;
    bool unclean = false;  // An unclean election took what it took.
    std::vector<Doubt> doubts;
  };
  struct Poll {
    world::ProcessId process;
    std::uint32_t incarnation = 0;
    std::int64_t assignment = 0;
    Offset next;
  };
  using Location = std::pair<world::PartitionKey, Offset>;

  void take(const world::ObservedFact& at, const probe::Produced& fact);
  void take(const world::ObservedFact& at, const probe::Consumed& fact);
  // A client saw the record at the offset.
  Seen& note(Instant at, const probe::PartitionName& of, Partition& partition, Offset offset,
             const RecordId& record);
  void check_poll(const world::ObservedFact& at, const probe::Consumed& fact);
  void check_location(Instant at, const probe::PartitionName& of, Offset offset,
                      const RecordId& record);
  // At once, or where the topic's logs are cut, once it is known where they begin.
  void report(const world::PartitionKey& of, Doubt doubt);
  void check_order(const world::PartitionKey& of, const Partition& partition,
                   const world::LogInspector& logs, Instant now);
  void check_read(const world::PartitionKey& of, const Partition& partition, Offset log_start,
                  Offset log_end, Instant now);
  [[nodiscard]] std::uint32_t producer(std::string_view name);
  [[nodiscard]] std::string describe(const RecordId& record) const;

  const HistoryRules rules_;
  world::PerPartition<Partition> partitions_;
  std::map<std::string, std::uint32_t, std::less<>> producers_;
  std::vector<std::string> producer_names_;
  std::vector<bool> idempotent_;            // By producer.
  std::map<RecordId, Location> locations_;  // Of idempotent producers' records.
  std::map<std::pair<std::string, world::PartitionKey>, Poll> polls_;  // By group.
  std::int64_t acknowledged_ = 0;
  std::int64_t read_ = 0;
  world::Violations violations_;
};

}  // namespace ottla::explore
