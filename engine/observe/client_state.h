// Producers, consumer groups and real clients, as a Snapshot shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/observe/known.h"
#include "engine/observe/node_state.h"

namespace ottla::observe {

struct ProducerState {
  std::string name;
  std::string topic;
  ProcessStatus status = ProcessStatus::unknown;
  std::string acks;  // "0", "1" or "all".
  bool idempotent = false;
  std::int32_t record_bytes = 0;
  double target_records_per_s = 0;  // What it is asked to send.
  double records_per_s = 0;         // What was acknowledged in the last second.
  double bytes_per_s = 0;
  double hot_key_share = 0;       // 0 to 1; 0 when keys are uniform.
  std::int64_t acknowledged = 0;  // Records, since it started.
  std::int64_t failed = 0;        // Records given up after delivery.timeout.ms or a fatal error.
  std::int64_t retries = 0;       // Batches sent again.
  std::int32_t requests_in_flight = 0;
  std::int64_t buffered_records = 0;
  std::optional<Duration>
      latency_p50;  // From send() to the acknowledgement, over the last seconds.
  std::optional<Duration> latency_p99;
  std::string last_error;  // Kafka's error name; empty when the last request succeeded.
  bool operator==(const ProducerState&) const = default;
};

enum class MemberStatus : std::uint8_t {
  joining,
  syncing,
  consuming,
  in_poll,
  paused,
  expired,
  unknown
};

struct MemberState {
  std::string member_id;
  std::string client_id;
  std::string host;
  std::string instance_id;  // Empty for a dynamic member.
  MemberStatus status = MemberStatus::unknown;
  std::optional<double> session_left;  // Share of session.timeout.ms, 0 to 1.
  std::vector<std::pair<std::string, PartitionIndex>> assignment;
  double records_per_s = 0;
  bool leader = false;
  bool operator==(const MemberState&) const = default;
};

struct GroupPartitionState {
  std::string topic;
  PartitionIndex partition;
  Known<Offset> committed;           // Unknown: nothing committed.
  Known<Offset> end;                 // The high watermark.
  std::int64_t lag = 0;              // max(end - max(committed, log start), 0)
  std::optional<Duration> lag_time;  // How long ago the first unread record was written.
  std::string member_id;             // Empty when nobody owns it.
  bool operator==(const GroupPartitionState&) const = default;
};

struct GroupState {
  std::string name;
  std::string
      state;  // As Kafka spells it: Stable, PreparingRebalance, CompletingRebalance, Empty, Dead.
  Instant state_since;
  std::string type;  // "classic" or "consumer".
  std::string assignor;
  std::optional<BrokerId> coordinator;
  GenerationId generation{-1};
  std::vector<MemberState> members;
  std::vector<GroupPartitionState> partitions;
  std::int64_t lag = 0;
  std::optional<Duration> lag_time;
  std::int64_t rebalances = 0;
  std::string why;  // Why it last rebalanced, or waits.
  // When a rebalance goes on without those it waits for, which are then removed.
  std::optional<Instant> deadline;
  bool operator==(const GroupState&) const = default;
};

// A connection of a real client, from outside the simulation.
struct RealClientState {
  std::string address;
  std::string client_id;
  std::string software;  // "librdkafka 2.0.2", as ApiVersions told; empty when it did not.
  BrokerId node;         // To which it is connected: a broker, or a controller.
  std::int64_t requests = 0;
  bool operator==(const RealClientState&) const = default;
};

}  // namespace ottla::observe
