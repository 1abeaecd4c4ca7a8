// How a simulated consumer of a group reads: the settings of Kafka's consumer by their names in the
// comments, and how long its application takes for a record.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/env/network.h"

namespace ottla::client {

struct ConsumerConfig {
  std::string client_id;            // client.id
  std::string group_id;             // group.id
  std::vector<Endpoint> bootstrap;  // bootstrap.servers
  std::vector<std::string> topics;
  std::string rack;  // client.rack; empty: none.

  // Tells each record that is read, for who checks the history of a run.
  bool tells_history = false;

  Duration session_timeout = Duration::seconds(45);      // session.timeout.ms
  Duration heartbeat_interval = Duration::seconds(3);    // heartbeat.interval.ms
  Duration max_poll_interval = Duration::seconds(300);   // max.poll.interval.ms
  std::int32_t max_poll_records = 500;                   // max.poll.records
  std::int32_t fetch_min_bytes = 1;                      // fetch.min.bytes
  Duration fetch_max_wait = Duration::millis(500);       // fetch.max.wait.ms
  Duration auto_commit_interval = Duration::seconds(5);  // auto.commit.interval.ms
  Duration request_timeout = Duration::seconds(30);      // request.timeout.ms
  Duration metadata_max_age = Duration::seconds(300);    // metadata.max.age.ms

  Duration process_time;  // What the application takes for each record between polls.
};

struct ConsumerStatistics {
  double records_per_s = 0;  // Delivered in the last second.
  // "joining": finds the coordinator or waits for JoinGroup. "syncing": waits for its assignment.
  // "consuming": a member with an assignment. "in_poll": a rebalance waits for it, because its
  // application works on the last poll's records.
  std::string state;
  std::string member_id;
  GenerationId generation{-1};
  std::vector<std::pair<std::string, PartitionIndex>> assignment;
  std::int64_t rebalances = 0;  // Generations that it became a member of.
  std::int64_t consumed = 0;    // Records delivered to the application.
  std::string last_error;       // Kafka's name of it; empty when the last request succeeded.
};

}  // namespace ottla::client
