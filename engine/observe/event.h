// What happened, as a person reads it in the event log and on the timeline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace ottla::observe {

enum class EventKind : std::uint8_t {
  leader_elected,
  partition_offline,
  isr_shrank,
  isr_expanded,
  broker_registered,
  broker_fenced,
  broker_unfenced,
  controller_activated,
  topic_created,
  topic_deleted,
  group_rebalance,  // A group left Stable, or prepares one.
  group_stable,
  group_changed,  // Any other change of state.
  truncated,
  process_started,
  process_stopped,  // An orderly shutdown ended.
  process_killed,
  process_paused,
  process_resumed,
  link_cut,
  link_healed,
  link_changed,
  producer_changed,  // Rate, keys or hot-key share.
  client_connected,
  client_refused,  // A malformed or oversized frame closed the connection.
  invariant_broken,
  note,
};

enum class Severity : std::uint8_t { info, good, warning, error };

// Kafka-like name of a kind, as the control API spells it: "leader_elected".
[[nodiscard]] std::string_view name(EventKind kind);
[[nodiscard]] std::string_view name(Severity severity);
// True for what a person or scenario did to the cluster, which the timeline draws as bands.
[[nodiscard]] bool is_fault(EventKind kind);

struct Event {
  std::uint64_t number = 0;  // Counts from 1 within a run, without gaps.
  Instant at;
  EventKind kind = EventKind::note;
  Severity severity = Severity::info;
  std::string node;  // The process it is about ("1", "101", "checkout"); empty when none.
  std::string peer;  // The other end of a link, or the leader before an election.
  std::string topic;
  std::optional<PartitionIndex> partition;
  std::string group;
  std::int32_t epoch = -1;  // Leader epoch, controller epoch or generation; -1 when it has none.
  std::string text;         // The sentence to show.
  std::uint64_t cause = 0;  // The number of the event that led to it; 0 when it is not known.
};

struct EventBatch {
  std::vector<Event> events;  // In order.
  std::uint64_t dropped =
      0;  // How many were lost before the first of them, because nobody took them.
};

}  // namespace ottla::observe
