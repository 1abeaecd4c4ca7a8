// The whole cluster at one moment, immutable. Parts that did not change since the last Snapshot are
// the same objects, so a reader may compare pointers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/observe/client_state.h"
#include "engine/observe/history.h"
#include "engine/observe/node_state.h"
#include "engine/observe/topic_state.h"
#include "engine/observe/traffic.h"

namespace ottla::observe {

// What this session can do; views enable their actions from it.
struct Capabilities {
  bool can_pause = false;
  bool can_step = false;
  bool can_set_speed = false;
  bool can_inject_faults = false;
  bool can_change_workload = false;
  bool can_create_topics = false;
  bool operator==(const Capabilities&) const = default;
};

struct RunState {
  std::string kind;   // "Simulation", "Replay" or "Live".
  std::string title;  // The scenario's name, or the cluster's.
  Instant start;      // Virtual time counts from here.
  Instant now;
  bool running = false;
  double speed = 1;           // Asked for.
  double measured_speed = 0;  // Virtual seconds per second of wall time, lately.
  std::uint64_t seed = 0;
  std::uint64_t events = 0;  // Delivered since the start.
  double events_per_s = 0;   // Per second of wall time.
  std::uint64_t trace_hash = 0;
  std::int64_t invariants_broken = 0;
  std::string last_violation;  // Empty while all hold.
};

struct Health {
  std::int32_t under_replicated = 0;  // Partitions.
  std::int32_t under_min_isr = 0;
  std::int32_t offline = 0;
  std::int32_t partitions = 0;
  bool operator==(const Health&) const = default;
};

template <class T>
using Shared = std::shared_ptr<const T>;

struct Snapshot {
  RunState run;
  Capabilities capabilities;
  std::string cluster_id;
  std::string bootstrap;  // "127.0.0.1:9092,127.0.0.1:9093"; empty when nothing listens.
  QuorumState quorum;
  Health health;
  std::vector<ControllerState> controllers;  // By id.
  std::vector<BrokerState> brokers;          // By id.
  std::vector<Shared<TopicState>> topics;    // By name.
  std::vector<ProducerState> producers;      // By name.
  std::vector<Shared<GroupState>> groups;    // By name.
  std::vector<RealClientState> real_clients;
  std::vector<LinkState> links;  // Those between brokers and controllers, and every faulty one.
  std::vector<Flow> flows;
  std::vector<MessageInFlight> in_flight;  // Samples; at most some hundreds.
  std::vector<WaitState> waits;            // Samples; at most some hundreds, the oldest first.
  Shared<History> history;                 // Never null.

  [[nodiscard]] const BrokerState* broker(BrokerId id) const;
  [[nodiscard]] const TopicState* topic(std::string_view name) const;
  [[nodiscard]] const GroupState* group(std::string_view name) const;
};

}  // namespace ottla::observe
