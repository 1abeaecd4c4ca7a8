// What a node is started with: who it is, which roles it has and where it listens in each of them,
// who votes in its metadata quorum, and its server properties by Kafka's names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/broker/broker_config.h"
#include "engine/raft/voter_set.h"

namespace ottla::broker {

struct ServerConfig {
  BrokerId node_id;        // node.id
  std::string cluster_id;  // As `kafka-storage format` writes it into meta.properties.
  // process.roles: one of them, or in combined mode both.
  std::optional<Endpoint> broker;       // The PLAINTEXT listener, as it is advertised.
  std::optional<Endpoint> controller;   // The CONTROLLER listener.
  std::string rack;                     // A broker's broker.rack; empty: none.
  std::vector<ControllerVoter> voters;  // controller.quorum.voters
  bool voters_in_log = false;           // They are controller.quorum.bootstrap.servers instead.
  raft::VoterSet initial_voters;        // Whom a new folder's log begins with (KIP-853), if any.
  metadata::ConfigValues settings;      // What server.properties sets.
};

}  // namespace ottla::broker
