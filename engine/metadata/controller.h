// The active controller's decisions, pure: a request in, metadata records and a reply out. Nothing
// changes until the records come back through `replay`, as they do on every other node; the reply
// is held until they are committed. That is the shell's business, as is time.
//
//   auto result = controller.create_topics(request, {.now = now, .next_offset = log_end});
//   append result.records; controller.replay(record, offset) each; send result.response once
//   committed
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/metadata/broker_sessions.h"
#include "engine/metadata/controller_result.h"
#include "engine/metadata/features.h"
#include "engine/metadata/image.h"
#include "engine/metadata/partition_rules.h"
#include "engine/protocol/messages/allocate_producer_ids_request.h"
#include "engine/protocol/messages/allocate_producer_ids_response.h"
#include "engine/protocol/messages/alter_configs_request.h"
#include "engine/protocol/messages/alter_configs_response.h"
#include "engine/protocol/messages/alter_partition_request.h"
#include "engine/protocol/messages/alter_partition_response.h"
#include "engine/protocol/messages/assign_replicas_to_dirs_request.h"
#include "engine/protocol/messages/assign_replicas_to_dirs_response.h"
#include "engine/protocol/messages/broker_heartbeat_request.h"
#include "engine/protocol/messages/broker_heartbeat_response.h"
#include "engine/protocol/messages/broker_registration_request.h"
#include "engine/protocol/messages/broker_registration_response.h"
#include "engine/protocol/messages/create_partitions_request.h"
#include "engine/protocol/messages/create_partitions_response.h"
#include "engine/protocol/messages/create_topics_request.h"
#include "engine/protocol/messages/create_topics_response.h"
#include "engine/protocol/messages/delete_topics_request.h"
#include "engine/protocol/messages/delete_topics_response.h"
#include "engine/protocol/messages/elect_leaders_request.h"
#include "engine/protocol/messages/elect_leaders_response.h"
#include "engine/protocol/messages/incremental_alter_configs_request.h"
#include "engine/protocol/messages/incremental_alter_configs_response.h"
#include "engine/protocol/messages/unregister_broker_request.h"
#include "engine/protocol/messages/unregister_broker_response.h"

namespace ottla::metadata {

struct ControllerConfig {
  std::string cluster_id;
  ConfigValues settings;  // Server properties by name, for defaults; broker_configs() knows theirs.
  // Levels for a new cluster other than the default ones, as `kafka-storage format --feature` sets
  // them.
  FeatureLevels features = {};
};

class Controller {
 public:
  static constexpr std::int32_t producer_id_block = 1000;
  static constexpr std::size_t elections_per_balance_max = 1000;

  // `random` draws topic ids and where placement begins.
  Controller(ControllerConfig config, Prng random);

  [[nodiscard]] const Image& image() const { return image_; }
  // Applies a record at its offset in the log.
  void replay(const protocol::MetadataRecord& record, Offset offset);

  // Gives up what was decided and never committed, and the sessions of brokers: `committed` is the
  // image without them.
  void revert_to(const Image& committed);

  // This controller is now the active one: every broker's session begins afresh.
  void activate(Instant now);
  // What the log goes on with then: a transaction that another left open is aborted, and an empty
  // log begins with its features, in a transaction of their own where metadata.version knows them.
  [[nodiscard]] Records activation_records(bool has_open_transaction) const;

  // Brokers.
  [[nodiscard]] ControllerResult<protocol::BrokerRegistrationResponse> register_broker(
      const protocol::BrokerRegistrationRequest& request, const ControllerContext& context);
  [[nodiscard]] ControllerResult<protocol::BrokerHeartbeatResponse> heartbeat(
      const protocol::BrokerHeartbeatRequest& request, const ControllerContext& context);
  [[nodiscard]] ControllerResult<protocol::UnregisterBrokerResponse> unregister_broker(
      const protocol::UnregisterBrokerRequest& request);
  // Fences the brokers whose sessions are over.
  [[nodiscard]] Records fence_expired(Instant now) const;
  [[nodiscard]] std::vector<BrokerId> expired_brokers(Instant now) const;
  [[nodiscard]] std::optional<Instant> next_session_expiry() const {
    return sessions_.next_expiry(image_);
  }
  [[nodiscard]] ControllerResult<protocol::AllocateProducerIdsResponse> allocate_producer_ids(
      const protocol::AllocateProducerIdsRequest& request) const;

  // Partitions.
  [[nodiscard]] ControllerResult<protocol::AlterPartitionResponse> alter_partition(
      const protocol::AlterPartitionRequest& request, const ControllerContext& context) const;
  // A broker says in which of its directories replicas lie (KIP-858).
  [[nodiscard]] ControllerResult<protocol::AssignReplicasToDirsResponse> assign_replicas_to_dirs(
      const protocol::AssignReplicasToDirsRequest& request) const;
  [[nodiscard]] ControllerResult<protocol::ElectLeadersResponse> elect_leaders(
      const protocol::ElectLeadersRequest& request) const;
  // Gives preferred replicas their leadership back (auto.leader.rebalance.enable), at most
  // elections_per_balance_max at a time. KRaft takes no account of
  // leader.imbalance.per.broker.percentage.
  [[nodiscard]] Records balance_leaders() const;

  // Topics. `charge` is asked before each topic that could be carried out.
  [[nodiscard]] ControllerResult<protocol::CreateTopicsResponse> create_topics(
      const protocol::CreateTopicsRequest& request, const PartitionCharge& charge = {});
  [[nodiscard]] ControllerResult<protocol::DeleteTopicsResponse> delete_topics(
      const protocol::DeleteTopicsRequest& request, const ControllerContext& context,
      const PartitionCharge& charge = {}) const;
  [[nodiscard]] ControllerResult<protocol::CreatePartitionsResponse> create_partitions(
      const protocol::CreatePartitionsRequest& request, const PartitionCharge& charge = {});

  // Configs.
  [[nodiscard]] ControllerResult<protocol::IncrementalAlterConfigsResponse>
  incremental_alter_configs(const protocol::IncrementalAlterConfigsRequest& request) const;
  [[nodiscard]] ControllerResult<protocol::AlterConfigsResponse> alter_configs(
      const protocol::AlterConfigsRequest& request) const;

 private:
  struct NewTopic;  // A topic as its creation has settled it; controller_topics.cpp.
  struct HeartbeatStep;
  void add_bootstrap_records(Records& records) const;
  struct BrokerMove;  // Which broker leaves or joins those that may lead; controller_brokers.cpp.

  [[nodiscard]] protocol::ErrorCode check_broker_epoch(BrokerId broker, BrokerEpoch epoch) const;
  [[nodiscard]] ApiError refuse_registration(const protocol::BrokerRegistrationRequest& request,
                                             Instant now) const;
  [[nodiscard]] HeartbeatStep next_step(const Broker& broker,
                                        const protocol::BrokerHeartbeatRequest& request) const;
  [[nodiscard]] bool has_leaderships(BrokerId broker) const;
  void add_partition_changes(const BrokerMove& move, Records& records) const;
  void add_partition_change(const BrokerMove& move, const Topic& topic, PartitionIndex index,
                            Records& records) const;
  void add_departure(BrokerId broker, const Topic& topic, PartitionIndex index,
                     Records& records) const;
  void add_offline_directories(const Broker& broker, const std::vector<Uuid>& offline,
                               Records& records) const;
  [[nodiscard]] protocol::ErrorCode assign_replica(BrokerId broker, const Topic* topic,
                                                   PartitionIndex index, const Uuid& directory,
                                                   Records& records) const;
  void add_fencing(const Broker& broker, Records& records) const;
  void add_unfencing(const Broker& broker, Records& records) const;
  void add_controlled_shutdown(const Broker& broker, Records& records) const;
  [[nodiscard]] PartitionRules rules_of(const Topic& topic) const {
    return partition_rules(image_, config_.settings, topic);
  }

  [[nodiscard]] protocol::ErrorCode check_alter_partition(
      BrokerId from, const Partition& partition,
      const protocol::AlterPartitionRequest::PartitionData& asked) const;
  void elect_all_leaders(bool unclean,
                         ControllerResult<protocol::ElectLeadersResponse>& result) const;
  void elect_leaders_of(const protocol::ElectLeadersRequest::TopicPartitions& asked, bool unclean,
                        ControllerResult<protocol::ElectLeadersResponse>& result) const;
  [[nodiscard]] ApiError elect_leader(const Topic* topic, PartitionIndex index, bool unclean,
                                      Records& records) const;

  // More partitions than one request may ask for.
  [[nodiscard]] ApiError refuse_partitions_asked(
      const protocol::CreateTopicsRequest& request) const;
  [[nodiscard]] ApiError refuse_new_name(const std::string& name, const Records& records) const;
  [[nodiscard]] ApiError create_topic(const protocol::CreateTopicsRequest::CreatableTopic& topic,
                                      const PartitionCharge& charge, NewTopic& created,
                                      Records& records);
  [[nodiscard]] ApiError place_topic(const protocol::CreateTopicsRequest::CreatableTopic& topic,
                                     NewTopic& created);
  [[nodiscard]] ApiError assign_topic(const protocol::CreateTopicsRequest::CreatableTopic& topic,
                                      NewTopic& created) const;
  [[nodiscard]] Result<std::vector<std::vector<BrokerId>>, ApiError> place(
      std::int32_t partitions, std::int32_t replication_factor);
  [[nodiscard]] protocol::CreateTopicsResponse::CreatableTopicResult created_result(
      const NewTopic& created) const;
  [[nodiscard]] ApiError add_partitions(
      const protocol::CreatePartitionsRequest::CreatePartitionsTopic& topic,
      const PartitionCharge& charge, Records& records);
  [[nodiscard]] protocol::PartitionRecord new_partition(
      const TopicId& topic, PartitionIndex index, const std::vector<BrokerId>& replicas) const;
  [[nodiscard]] Uuid new_topic_id();

  // Constant after construction.
  const ControllerConfig config_;

  Image image_;
  BrokerSessions sessions_;
  std::map<BrokerId, Offset> registration_offsets_;
  Prng random_;
};

}  // namespace ottla::metadata
