// A controller: a process that is a voter of the metadata quorum and, while it leads it, decides
// for the cluster. The quorum is raft::Raft, the decisions are metadata::Controller's; this is the
// shell that gives them a disk, peers and a clock, and holds each answer until the records it rests
// on are committed.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "engine/broker/broker_config.h"
#include "engine/broker/controller/committed_facts.h"
#include "engine/broker/controller/metadata_log.h"
#include "engine/broker/server/api_table.h"
#include "engine/broker/server/request_server.h"
#include "engine/env/node.h"
#include "engine/metadata/controller.h"
#include "engine/protocol/messages/envelope_request.h"
#include "engine/protocol/messages/envelope_response.h"
#include "engine/raft/raft.h"

namespace ottla::broker {

struct ControllerNodeConfig {
  BrokerId node_id;                     // node.id
  std::string cluster_id;               // As `kafka-storage format` writes it into meta.properties.
  Endpoint listener;                    // Of the CONTROLLER listener.
  std::vector<ControllerVoter> voters;  // controller.quorum.voters, this node among them.
  metadata::ConfigValues settings;      // What server.properties sets.
};

class ControllerNode : public Node {
 public:
  ControllerNode(Env env, ControllerNodeConfig config);
  ~ControllerNode() override;

  void on_start() override;
  void on_shutdown() override;
  [[nodiscard]] bool stopped() const override { return stopped_; }
  void on_accepted(ConnectionId connection, std::string_view peer_host) override;
  void on_connected(ConnectionId connection) override;
  void on_connection_closed(ConnectionId connection) override;
  void on_message(ConnectionId connection, ByteChain frame) override;
  void on_timer(TimerId timer) override;
  void on_disk(DiskOperationId operation, DiskResult<void> result) override;

  // For whoever looks at it.
  [[nodiscard]] const ControllerNodeConfig& config() const { return config_; }
  // As decided, which may be ahead of what is committed.
  [[nodiscard]] const metadata::Image& image() const { return controller_->image(); }
  [[nodiscard]] const metadata::Image& committed_image() const { return facts_.image(); }
  [[nodiscard]] const raft::Raft& raft() const { return *raft_; }
  [[nodiscard]] const RequestServer& server() const { return server_; }
  [[nodiscard]] bool is_active() const { return raft_ && raft_->is_leader(); }
  // False until the log is open.
  [[nodiscard]] bool has_quorum() const { return raft_.has_value(); }
  [[nodiscard]] Offset metadata_log_end() const { return log_.end_offset(); }
  // Answers held until their records are committed.
  [[nodiscard]] std::size_t held_answers() const { return held_.size(); }

  // For the API handlers.
  [[nodiscard]] metadata::Controller& controller() { return *controller_; }
  [[nodiscard]] metadata::ControllerContext context(const RequestContext& request) const;
  [[nodiscard]] Instant now() const { return env_.clock.now(); }
  // Appends what was decided and answers when it is committed.
  template <class Response>
  void conclude(const RequestContext& request, metadata::ControllerResult<Response>&& result) {
    if (!write(result.records)) return;
    hold(request.token, log_.end_offset(), answer_to(request, result.response));
  }
  // Answers at once; for what rests on no record.
  template <class Response>
  void reply(const RequestContext& request, const Response& response) {
    server_.reply_with_frame(request.token, answer_to(request, response));
  }
  void fetch(const RequestContext& request, const raft::ReplicaFetch& fetch);
  bool open_envelope(const RequestContext& request, const protocol::EnvelopeRequest& envelope);
  void expect_fencing(BrokerId broker, std::string reason) {
    facts_.expect_fencing(broker, std::move(reason));
  }

 private:
  // The frame that answers the request: the response itself, or an Envelope around it where the
  // request came in one.
  template <class Response>
  ByteChain answer_to(const RequestContext& request, const Response& response) {
    ByteWriter writer;
    protocol::write_response_head(writer, request.head.key, request.head.version,
                                  request.head.correlation_id);
    response.encode(writer, request.head.version);
    return enveloped(request.token, writer.take_chain());
  }
  ByteChain enveloped(RequestToken token, ByteChain frame);
  bool dispatch_request(const RequestContext& request, ByteReader& body);
  void hold(RequestToken request, Offset until, ByteChain answer);
  void release_held();
  // False when the records could not be written; then this node has stopped.
  bool write(const metadata::Records& records);
  void become_active();
  void run_duties();
  void settle();
  void arm_timer();
  void fail(const std::string& why);
  bool check(const MetadataLog::Done& done);
  [[nodiscard]] std::int64_t setting(std::string_view name) const {
    return metadata::broker_config_integer(config_.settings, name);
  }

  void carry_out(const raft::Effects& effects);
  void act(const raft::PersistQuorumState& effect);
  void act(const raft::TruncateLog& effect);
  void act(const raft::AppendToLog& effect);
  void act(const raft::SyncLog&);
  void act(const raft::SendFetch& effect);
  void act(const raft::ReplyToFetch& effect);
  void act(const raft::LeaderChanged& effect);
  void act(const raft::HighWatermarkAdvanced& effect);
  void act(const raft::QuorumBroken& effect) { fail(effect.reason); }

  // An answer, and the offset below which all must be committed before it leaves.
  struct HeldAnswer {
    Offset until;
    RequestToken request;
    ByteChain answer;
  };
  struct Uncommitted {
    Offset offset;
    protocol::MetadataRecord record;
  };

  // Constant after construction.
  Env env_;
  const ControllerNodeConfig config_;

  MetadataLog log_;
  std::optional<raft::Raft> raft_;
  std::optional<metadata::Controller> controller_;
  CommittedFacts facts_;
  RequestServer server_;
  std::deque<HeldAnswer> held_;  // In the order of their offsets.
  std::deque<Uncommitted> uncommitted_;
  std::map<RequestToken, protocol::RequestHead>
      envelopes_;  // The outer heads of requests that came in one.
  std::uint64_t next_operation_ = 1;
  std::optional<DiskOperationId> sync_;
  std::optional<Instant> balance_at_;
  std::optional<Instant> idle_at_;
  std::optional<TimerId> timer_;
  Instant timer_at_;
  bool stopped_ = false;
};

// What a controller serves, in the order of the API keys.
[[nodiscard]] std::span<const ApiEntry<ControllerNode>> controller_apis();
// What it serves in an Envelope: requests of clients that a broker forwards (KIP-590).
[[nodiscard]] bool is_forwardable(protocol::ApiKey key);
// The response to an ApiVersions request of a version that has no schema; nothing for any other
// error.
[[nodiscard]] std::optional<ByteChain> answer_controller_api_versions(
    const protocol::DecodeError& error);

}  // namespace ottla::broker
