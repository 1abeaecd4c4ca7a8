// What a simulated cluster is made of: how many nodes, where they stand and listen, how they are
// configured, and what load it lives with.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/env/disk.h"
#include "engine/env/sync_scheduler.h"
#include "engine/metadata/image.h"
#include "engine/world/sim_disk.h"
#include "engine/world/sim_network.h"

namespace ottla::world {

struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication_factor = 1;
  metadata::ConfigValues config;
};

struct ProducerSpec {
  std::string name;
  std::string topic;
  double records_per_s = 100;
  std::int32_t record_bytes = 200;
  std::string acks = "all";
  bool idempotent = true;
  double hot_key_share = 0;
  std::int32_t keys = 1000;
  Duration linger = Duration::millis(5);
};

struct GroupSpec {
  std::string name;
  std::vector<std::string> topics;
  std::int32_t members = 1;
  Duration process_time = Duration::micros(100);  // For one record.
  std::string rack = {};  // Where its members stand, and their client.rack; empty: nowhere.
};

struct WorkloadSpec {
  std::vector<TopicSpec> topics;
  std::vector<ProducerSpec> producers;
  std::vector<GroupSpec> groups;
  // The applications tell every record that they had acknowledged or read.
  bool tells_history = false;

  // Two topics, two producers and a group of three: enough that something moves before anything is
  // asked.
  [[nodiscard]] static WorkloadSpec everyday(std::int32_t brokers);
};

// One data centre: another rack is as near as one's own.
[[nodiscard]] inline NetworkSpec near_racks() {
  NetworkSpec network;
  network.between_zones = network.same_zone;
  return network;
}

// A node of a cluster as it is planned: one process, with the roles of Kafka's process.roles.
struct PlannedNode {
  BrokerId id;
  std::int32_t place;  // Among the brokers, or among the controllers, from 0 on.
  bool is_broker = false;
  bool is_controller = false;
};

struct ClusterSpec {
  std::uint64_t seed = 1;
  Instant start = scenario_epoch;
  std::int32_t brokers = 3;      // Ids 1, 2, ...
  std::int32_t controllers = 1;  // Ids 101, 102, ...
  // Combined mode: the first brokers are the controllers too. More controllers than brokers stand
  // alone, as all do without it.
  bool combined = false;
  // Of new folders. From 1 on the log says who votes, and that can change (KIP-853).
  std::int16_t kraft_version = 0;
  std::int32_t initial_voters = 0;  // With it, the first controllers only; 0: all of them.
  std::vector<std::string>
      racks;  // Broker n stands in racks[(n - 1) % size]; empty: each in one of its own.
  std::string cluster_id;  // Empty: drawn from the seed.
  std::string advertised_host = "127.0.0.1";
  std::uint16_t port = 9092;  // Broker 1's; the others' follow.
  // The first controller's, at the advertised host, the others' follow; nothing: each listens at a
  // host of its own, and only nodes find it.
  std::optional<std::uint16_t> controller_port;
  metadata::ConfigValues settings;  // Of every node.
  NetworkSpec network = near_racks();
  SimDiskTiming disk;
  // For nodes whose files are real: the disk of the process of that name.
  std::function<std::unique_ptr<Disk>(const std::string& process, SyncScheduler&)> make_disk;
  WorkloadSpec workload;
  // Samples the series and rates that Snapshots show; a run that nobody looks at does without. It
  // makes no difference to what happens.
  bool keeps_history = true;

  // Those that are controllers alone, then the brokers, each by id.
  [[nodiscard]] std::vector<PlannedNode> nodes() const;
  [[nodiscard]] std::vector<BrokerId> node_ids() const;
  [[nodiscard]] bool voters_in_log() const;
  // Those that the log of a new cluster names as its voters; none where the configuration does.
  [[nodiscard]] std::vector<BrokerId> first_voters() const;
  // Every node's log.dirs, and where on its disk those lie and that of the metadata log, if they
  // are not all of it.
  [[nodiscard]] std::vector<std::string> log_dir_paths() const;
  [[nodiscard]] std::vector<std::string> log_dir_folders() const;
};

inline constexpr std::int32_t first_controller_id = 101;

}  // namespace ottla::world
