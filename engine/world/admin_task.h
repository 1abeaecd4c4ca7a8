// What the admin client is asked to do, one request each: as Kafka's tools ask for it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/protocol/error_code.h"
#include "engine/wire/channel.h"
#include "engine/world/cluster_spec.h"

namespace ottla::world {

namespace task {

struct CreateTopic {
  TopicSpec topic;
};
struct DeleteTopic {
  std::string topic;
};
// `count` in all.
struct AddPartitions {
  std::string topic;
  std::int32_t count = 0;
};
// Without a value it is taken back.
struct SetTopicConfig {
  std::string topic;
  std::string name;
  std::optional<std::string> value;
};
// Of the offsets below `before`.
struct DeleteRecords {
  std::string topic;
  PartitionIndex partition;
  Offset before;
};
// Without replicas, what is under way is cancelled.
struct Reassign {
  std::string topic;
  PartitionIndex partition;
  std::optional<std::vector<BrokerId>> replicas;
};
struct ElectPreferred {
  std::string topic;
  PartitionIndex partition;
};
// Of whichever broker answers first that it has a replica of the partition.
struct MoveReplica {
  std::string topic;
  PartitionIndex partition;
  std::string directory;
};
// Of the metadata quorum (KIP-853). Who asks names the controller; Cluster knows the rest.
struct AddVoter {
  BrokerId controller;
  Uuid directory = {};
  Endpoint endpoint = {};
};
struct RemoveVoter {
  BrokerId controller;
  Uuid directory = {};
};

}  // namespace task

using AdminTask =
    std::variant<task::CreateTopic, task::DeleteTopic, task::AddPartitions, task::SetTopicConfig,
                 task::DeleteRecords, task::Reassign, task::ElectPreferred, task::MoveReplica,
                 task::AddVoter, task::RemoveVoter>;

// "create topic orders", "reassign orders-0 to 2,3,1"
[[nodiscard]] std::string describe(const AdminTask& task);

// False when the channel takes no more.
[[nodiscard]] bool send(wire::Channel& channel, const AdminTask& task, wire::RequestToken token,
                        Instant now);

struct AdminAnswer {
  protocol::ErrorCode error;  // NETWORK_EXCEPTION when no answer came that could be read.
  std::optional<std::string> message;
};
[[nodiscard]] AdminAnswer read_answer(const AdminTask& task, const wire::Completion& completion);

// Whether the same is worth asking again after this error, perhaps of another broker.
[[nodiscard]] bool is_worth_a_retry(const AdminTask& task, protocol::ErrorCode error);

}  // namespace ottla::world
