// A node's place in the metadata quorum: the quorum machine with its log on this node's disk and
// its channels to the voters. A controller takes part as a voter, a broker alone as an observer;
// what is their own business, each of these roles does as the quorum's listener.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/broker/broker_config.h"
#include "engine/broker/controller/metadata_log.h"
#include "engine/broker/controller/quorum_channels.h"
#include "engine/broker/controller/raft_wire.h"
#include "engine/broker/controller/voter_wire.h"
#include "engine/broker/server/request_context.h"
#include "engine/env/node.h"
#include "engine/metadata/image.h"
#include "engine/metadata/metadata_transactions.h"
#include "engine/raft/raft.h"

namespace ottla::broker {

class QuorumListener {
 public:
  using Answer = std::variant<protocol::FetchResponse, protocol::FetchSnapshotResponse,
                              protocol::VoteResponse, protocol::BeginQuorumEpochResponse,
                              protocol::EndQuorumEpochResponse, protocol::AddRaftVoterResponse,
                              protocol::RemoveRaftVoterResponse, protocol::UpdateRaftVoterResponse>;

  virtual ~QuorumListener() = default;
  // Another leader, or another epoch; nobody while one is sought.
  virtual void on_leader_changed(const raft::LeaderChanged& change) = 0;
  // A record is committed, and the transaction that it is in; in order, each once.
  virtual void on_committed(const protocol::MetadataRecord& record, Offset offset) = 0;
  // A snapshot stands for all that is committed up to its offset: this image, and what comes after.
  virtual void on_snapshot(metadata::Image image) = 0;
  // All that has been told so far.
  [[nodiscard]] virtual const metadata::Image& committed_image() const = 0;
  // All below has been told.
  virtual void on_high_watermark(Offset) {}
  // What a request that was handed in is to be answered.
  virtual void on_answer(RequestToken, const Answer&) {}
  // The quorum cannot go on at this node: a damaged log, a foreign cluster.
  virtual void on_quorum_failed(const std::string& why) = 0;
};

struct MetadataQuorumConfig {
  BrokerId node_id;
  std::string cluster_id;
  std::string client_id;                // Of requests to the voters.
  std::vector<ControllerVoter> voters;  // controller.quorum.voters
  // They are controller.quorum.bootstrap.servers instead, unless the log is of kraft.version 0.
  bool voters_in_log = false;
  raft::VoterSet initial_voters;     // Whom a new folder's log begins with (KIP-853), if any.
  std::optional<Endpoint> listener;  // Where a controller is reached.
  metadata::ConfigValues settings;   // For controller.quorum.*.
};

class MetadataQuorum {
 public:
  // All outlive this.
  MetadataQuorum(Env& env, MetadataQuorumConfig config, QuorumListener& listener);

  // Opens the log and takes part. What is committed is told as soon as that is known.
  void start(const Uuid& directory);
  // A leader hands over; ready when `may_stop()`.
  void begin_shutdown() { carry_out(raft_->begin_shutdown(now())); }
  [[nodiscard]] bool may_stop() const { return !is_running() || raft_->may_stop(); }
  // False before `start`, and once the quorum has failed.
  [[nodiscard]] bool is_running() const { return raft_.has_value() && !failed_; }
  [[nodiscard]] const std::optional<std::string>& failed() const { return failed_; }

  // Once started.
  [[nodiscard]] const raft::Raft& raft() const { return *raft_; }
  [[nodiscard]] const MetadataLog& log() const { return log_; }
  // Whole batches from the one that holds `from`; empty at the end.
  [[nodiscard]] ByteChain read_log(Offset from, std::size_t bytes_max) {
    return log_.read(from, bytes_max, log_.end_offset());
  }
  // The committed log ends in the midst of a metadata transaction.
  [[nodiscard]] bool has_open_transaction() const { return transactions_.is_open(); }
  // Where the leader listens; null where that is not known.
  [[nodiscard]] const Endpoint* leader_endpoint() const;

  // Leader: appends the records in one batch, after controller.quorum.append.linger.ms.
  void append(const std::vector<protocol::MetadataRecord>& records);
  // Where the next record will lie.
  [[nodiscard]] Offset next_offset() const { return raft_->next_append_offset(); }
  // Leader: lets the log say who votes, unless that is only to be validated. An error with Kafka's
  // words where it is refused.
  raft::KRaftUpgrade upgrade_kraft_version(std::int16_t level, bool validate_only);
  // A request of another node, answered through the listener.
  template <class QuorumRequest>
  void ask(RequestToken token, const QuorumRequest& request) {
    carry_out(raft_->on_request(raft::AskId{token.value()}, request, now()));
  }

  // The node's events. True when the connection, or the operation, was the quorum's.
  bool on_connected(ConnectionId connection);
  bool on_message(ConnectionId connection, const ByteChain& frame);
  bool on_connection_closed(ConnectionId connection);
  bool on_disk(DiskOperationId operation, DiskResult<void> result);
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  void on_time();

 private:
  void carry_out(const raft::Effects& effects);
  void act(const raft::PersistQuorumState& effect);
  void act(const raft::TruncateLog& effect);
  void act(const raft::AppendToLog& effect);
  void act(const raft::SyncLog&);
  void act(const raft::BeginSnapshot& effect);
  void act(const raft::AppendToSnapshot& effect);
  void act(const raft::InstallSnapshot& effect);
  void act(const raft::ReplyWithSnapshot& effect);
  void act(const raft::SendSnapshotFetch& effect);
  void act(const raft::SendFetch& effect);
  void act(const raft::SendVote& effect);
  void act(const raft::SendBeginQuorumEpoch& effect);
  void act(const raft::SendEndQuorumEpoch& effect);
  void act(const raft::SendUpdateVoter& effect);
  void act(const raft::SendSupportedVersionsQuery& effect);
  void act(const raft::ReplyToFetch& effect);
  void act(const raft::Reply& effect);
  void act(const raft::LeaderChanged& effect) { listener_.on_leader_changed(effect); }
  void act(const raft::HighWatermarkAdvanced& effect);
  void act(const raft::QuorumBroken& effect) { fail(effect.reason); }
  template <class Request>
  void send(BrokerId to, raft::RequestId id, const Request& request, ApiVersion version);
  template <class Response>
  void take_answer(const wire::Completion& completion);
  // False when it is damaged; then the quorum has failed.
  bool load_snapshot();
  void consider_snapshot(const raft::OffsetAndEpoch& id, const MetadataLog::Run& run);
  void clean_log();
  [[nodiscard]] std::int64_t setting(std::string_view name) const {
    return metadata::broker_config_integer(config_.settings, name);
  }
  bool check(const MetadataLog::Done& done);
  void fail(const std::string& why);
  [[nodiscard]] bool has_static_voters();
  void log_changed();
  void learn_voters();
  void take_completion(const wire::Completion& completion);
  void take_completions();
  [[nodiscard]] Instant now() const { return env_.clock.now(); }

  // Constant after construction.
  Env& env_;
  const MetadataQuorumConfig config_;
  QuorumListener& listener_;

  MetadataLog log_;
  std::optional<raft::Raft> raft_;
  QuorumChannels channels_;
  std::optional<Offset> voters_at_;  // Of the last set that the channels know.
  metadata::MetadataTransactions transactions_;
  Offset next_to_tell_{0};
  std::int64_t bytes_since_snapshot_ = 0;
  Instant last_snapshot_at_;
  Instant clean_at_;
  // The metadata log's syncs have numbers of their own, apart from the other logs'.
  std::uint64_t next_operation_ = std::uint64_t{1} << 63;
  std::optional<DiskOperationId> sync_;
  std::optional<std::string> failed_;
};

}  // namespace ottla::broker
