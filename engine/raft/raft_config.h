// What a node of the metadata quorum is started with; the durations' defaults are Kafka's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/raft/voter_set.h"

namespace ottla::raft {

struct RaftConfig {
  ReplicaKey local;
  std::string cluster_id;
  // Whom to ask where no leader is known (controller.quorum.bootstrap.servers, or the voters).
  std::vector<BrokerId> bootstrap;
  // Who votes while the log does not say (controller.quorum.voters); empty where the log always
  // does.
  VoterSet static_voters;
  // Where this node is reached, if it is one that can vote: such a node keeps its log synced, since
  // it may be a voter before it knows (KIP-853).
  std::vector<VoterEndpoint> listeners;
  std::string listener_name = "CONTROLLER";            // The first of controller.listener.names.
  Duration election_timeout = Duration::millis(1000);  // controller.quorum.election.timeout.ms
  Duration election_backoff_max =
      Duration::millis(1000);                         // controller.quorum.election.backoff.max.ms
  Duration fetch_timeout = Duration::millis(2000);    // controller.quorum.fetch.timeout.ms
  Duration request_timeout = Duration::millis(2000);  // controller.quorum.request.timeout.ms
  Duration retry_backoff = Duration::millis(20);      // controller.quorum.retry.backoff.ms
  Duration append_linger = Duration::millis(25);      // controller.quorum.append.linger.ms
  Duration fetch_wait_max = Duration::millis(500);    // Kafka's MAX_FETCH_WAIT_MS
  std::int32_t fetch_bytes_max = 8 * 1024 * 1024;     // Kafka's MAX_FETCH_SIZE_BYTES
};

}  // namespace ottla::raft
