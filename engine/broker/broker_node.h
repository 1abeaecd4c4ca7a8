// A broker: the role of a node that serves clients and other brokers, acts on the metadata log, and
// keeps its standing with the controller. This is the shell; what it is made of does the work, and
// each event ends in settle(), which works off what the parts have left to do for each other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/broker/api/config_refusals.h"
#include "engine/broker/api/handlers.h"
#include "engine/broker/broker_config.h"
#include "engine/broker/broker_groups.h"
#include "engine/broker/broker_lifecycle.h"
#include "engine/broker/controller/metadata_replica.h"
#include "engine/broker/controller_link.h"
#include "engine/broker/data/delete_records_service.h"
#include "engine/broker/data/fetch_service.h"
#include "engine/broker/data/leader_fetcher.h"
#include "engine/broker/data/log_dir_service.h"
#include "engine/broker/data/log_directories.h"
#include "engine/broker/data/produce_service.h"
#include "engine/broker/data/replicas.h"
#include "engine/broker/directory_assignments.h"
#include "engine/broker/groups/group_service.h"
#include "engine/broker/producer_ids.h"
#include "engine/broker/quota/broker_quotas.h"
#include "engine/broker/server/request_server.h"
#include "engine/broker/shared_server.h"

namespace ottla::broker {

class BrokerNode {
 public:
  // `shared` outlives this; the broker joins it as a role.
  BrokerNode(SharedServer& shared, BrokerConfig config);
  BrokerNode(const BrokerNode&) = delete;
  ~BrokerNode();

  // Once the shared part has started.
  void start();
  void begin_shutdown();
  // It does nothing any more: it was shut down, or could not go on.
  [[nodiscard]] bool stopped() const { return stopped_; }
  // Stopped, while the process still lives: its listener is closed.
  void hang_up();

  // The node's events, each followed by settle(). Those of a connection that is not this role's
  // are passed over.
  void on_accepted(ConnectionId connection, std::string_view peer_host);
  void on_connected(ConnectionId connection);
  void on_connection_closed(ConnectionId connection);
  void on_message(ConnectionId connection, const ByteChain& frame);
  void on_disk(DiskOperationId operation, DiskResult<void> result);
  void on_time();
  void settle();
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // For the API handlers.
  [[nodiscard]] RequestServer& server() { return server_; }
  [[nodiscard]] ProduceService& produce() { return produce_; }
  [[nodiscard]] FetchService& fetch() { return fetch_; }
  [[nodiscard]] DeleteRecordsService& delete_records() { return delete_records_; }
  [[nodiscard]] LogDirService& log_dirs() { return log_dirs_; }
  [[nodiscard]] GroupService& groups() { return groups_; }
  [[nodiscard]] Replicas& replicas() { return replicas_; }
  [[nodiscard]] ControllerLink& controller() { return controller_; }
  [[nodiscard]] ConfigRefusals& config_refusals() { return config_refusals_; }
  [[nodiscard]] ProducerIds& producer_ids() { return producer_ids_; }
  [[nodiscard]] GroupRequest group_request(const RequestContext& context) const;
  // A live broker drawn at random; no_broker when there is none.
  [[nodiscard]] BrokerId random_live_broker();
  void auto_create_topics(const std::set<std::string>& names);
  void note_client_software(ConnectionId connection, std::string software) {
    server_.note_software(connection, std::move(software));
  }

  // For whoever looks at it.
  [[nodiscard]] const BrokerConfig& config() const { return config_; }
  [[nodiscard]] const metadata::Image& image() const { return metadata_.image(); }
  [[nodiscard]] const Replicas& replicas() const { return replicas_; }
  [[nodiscard]] const LogDirectories& directories() const { return directories_; }
  [[nodiscard]] const GroupService& groups() const { return groups_; }
  [[nodiscard]] const RequestServer& server() const { return server_; }
  [[nodiscard]] const BrokerLifecycle& lifecycle() const { return lifecycle_; }
  [[nodiscard]] const MetadataReplica& metadata() const { return metadata_; }
  [[nodiscard]] const FetchService& fetch() const { return fetch_; }
  // Why a request in progress waits, as a person reads it; nothing when it does not.
  [[nodiscard]] std::optional<std::string> why_waiting(RequestToken request) const;

 private:
  // Stops at once and says why; what is on the disk stays as after a crash.
  void fail(const std::string& why);
  void fail_if_broken();
  // True when a directory has failed since the last time.
  bool settle_directories();
  void take_directory_down(LogDirectory& directory);
  bool settle_metadata();
  bool settle_controller();
  bool settle_replication();
  bool settle_moved();
  void apply(const metadata::ImageDelta& delta);
  void take_role_changes();
  void follow_leader(const PartitionKey& key);
  void drop_idle_fetchers();
  void drive_lifecycle();
  void send_registration();
  void send_heartbeat();
  void give_up_untold_directory();
  void send_assignments();
  void take_assignments(const wire::Completion& completion);
  void take_heartbeat(const wire::Completion& completion);
  void send_proposals();
  void take_alter_partition(const wire::Completion& completion);
  void refuse_alter_partition(protocol::ErrorCode error);
  void take_producer_ids(const wire::Completion& completion);
  void take_ended_call(const ControllerLink::Ended& ended);
  void answer_forwarded(const ControllerLink::Forwarded& forwarded);
  void begin_closing();
  void settle_closing();
  void give_up_controlled_shutdown();

  // Constant after construction.
  const BrokerConfig config_;
  LogDirectories& directories_;
  Env& env_;  // Its disk is the directory of the metadata log.
  Uuid incarnation_;

  // Its parts, in the order of what they rest on.
  MetadataReplica metadata_;
  RequestServer server_;
  BrokerQuotas quotas_;
  ControllerLink controller_;
  BrokerLifecycle lifecycle_;
  Replicas replicas_;
  ProduceService produce_;
  FetchService fetch_;
  DeleteRecordsService delete_records_;
  LogDirService log_dirs_;
  BrokerGroups group_host_;
  GroupService groups_;
  ProducerIds producer_ids_;
  DirectoryAssignments assignments_;
  ConfigRefusals config_refusals_;
  std::map<BrokerId, std::unique_ptr<LeaderFetcher>> fetchers_;

  // In-sync proposals: sent together, one request at a time (Kafka's AlterPartitionManager).
  std::map<PartitionKey, replication::IsrProposal> proposals_;
  std::map<PartitionKey, replication::IsrProposal> proposals_sent_;
  std::optional<Instant> proposals_not_before_;
  std::set<std::string> to_create_;
  std::vector<Replica*> moved_;  // Those being worked off.

  bool ready_ = false;    // start has run.
  bool serving_ = false;  // Its metadata is of this time, and its logs are open.
  // Of the process before, where it stopped cleanly: by that the controller knows that nothing was
  // lost (KIP-966).
  BrokerEpoch epoch_before_start_ = no_broker_epoch;
  bool logs_are_open_ = false;      // All that were left by the process before.
  std::optional<Instant> stop_by_;  // When it no longer waits for the controller to let it go.
  bool closing_ = false;  // Its logs are being made durable; nothing else happens any more.
  bool stopped_ = false;
};

}  // namespace ottla::broker
