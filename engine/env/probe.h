// What a node tells whoever watches it: facts as they happen, for events, invariants and the trace
// hash. Telling has no effect on the node. Text is valid during the call only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::probe {

struct PartitionName {
  std::string_view topic;
  PartitionIndex partition;
};

// A broker leads from now on, by its own metadata.
struct BecameLeader {
  PartitionName of;
  LeaderEpoch epoch;
  Offset start_offset;  // The first offset of the epoch.
};
struct BecameFollower {
  PartitionName of;
  LeaderEpoch epoch;
  BrokerId leader;
};
struct HighWatermarkMoved {
  PartitionName of;
  LeaderEpoch epoch;
  Offset from;
  Offset to;
};
// Records [first, last] were acknowledged to a producer.
struct Acknowledged {
  PartitionName of;
  LeaderEpoch epoch;   // In which they were appended.
  LeaderEpoch led_in;  // Of the leader that says so: a later one, where they were sent again.
  Offset first;
  Offset last;
  std::int16_t acks;
};
struct Truncated {
  PartitionName of;
  LeaderEpoch epoch;
  Offset from;  // The log end offset before.
  Offset to;
};

// What the active controller has decided and the quorum has committed. `metadata_offset` is that of
// the record that says so; a new active controller may tell once more what the one before it told.

// The committed in-sync replicas.
struct IsrChanged {
  PartitionName of;
  BrokerId leader;
  LeaderEpoch epoch;
  std::span<const BrokerId> isr;
  bool shrank;
  Offset metadata_offset;
};
// The controller chose a leader; no_broker when nobody may lead.
struct LeaderElected {
  PartitionName of;
  BrokerId from;
  BrokerId to;
  LeaderEpoch epoch;
  bool unclean;
  Offset metadata_offset;
};
struct BrokerFenced {
  BrokerId broker;
  std::string_view reason;
  Offset metadata_offset;
};
struct BrokerUnfenced {
  BrokerId broker;
  Offset metadata_offset;
};
struct BrokerRegistered {
  BrokerId broker;
  BrokerEpoch epoch;
  Offset metadata_offset;
};
// This controller became the active one.
struct ControllerActivated {
  std::int32_t epoch;
};
struct TopicCreated {
  std::string_view topic;
  std::int32_t partitions;
  Offset metadata_offset;
};
struct TopicDeleted {
  std::string_view topic;
  Offset metadata_offset;
};
struct GroupChanged {
  std::string_view group;
  std::string_view state;  // As Kafka spells it: Stable, PreparingRebalance, ...
  GenerationId generation;
  std::int32_t members;
  std::string_view reason;
};
// A record as the application that made it counts: its producer's client id, and its number there
// from 1 on.
struct RecordName {
  std::string_view producer;
  std::uint64_t number = 0;  // 0: not a record of a simulated producer.
};
// A simulated producer's records were acknowledged to it; told where its application keeps a
// history.
struct Produced {
  std::string_view producer;
  PartitionName of;
  Offset first;  // no_offset where the broker did not say: acks=0, or a duplicate.
  std::int16_t acks;
  bool idempotent;
  std::span<const std::uint64_t> numbers;  // Of the records, in the order of their offsets.
};
// A simulated consumer received records [first, last].
struct Consumed {
  std::string_view group;
  std::int64_t assignment;  // Counts those that the consumer was given.
  PartitionName of;
  Offset first;
  Offset last;
  std::span<const RecordName> records;  // Where its application keeps a history; otherwise empty.
};
// Something a person should read: a refused frame, a recovered log, a full disk.
struct Noted {
  enum class Level : std::uint8_t { info, warning, error } level;
  std::string_view text;
};

using Fact = std::variant<BecameLeader, BecameFollower, HighWatermarkMoved, Acknowledged, Truncated,
                          IsrChanged, LeaderElected, BrokerFenced, BrokerUnfenced, BrokerRegistered,
                          ControllerActivated, TopicCreated, TopicDeleted, GroupChanged, Produced,
                          Consumed, Noted>;

class Probe {
 public:
  virtual ~Probe() = default;
  virtual void tell(const Fact& fact) = 0;
};

}  // namespace ottla::probe
