// A controller: the role of a node that is a voter of the metadata quorum and, while it leads it,
// decides for the cluster. The quorum is MetadataQuorum's, the decisions are
// metadata::Controller's; this shell brings them together and holds each answer until the records
// it rests on are committed.
//
// A controller that leads is active once it has applied all that was written before its epoch; one
// that does not, follows: it applies what is committed, so that it can take over from the log
// alone.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "engine/broker/broker_config.h"
#include "engine/broker/controller/committed_facts.h"
#include "engine/broker/controller/controller_registrar.h"
#include "engine/broker/controller/metadata_quorum.h"
#include "engine/broker/quota/controller_quotas.h"
#include "engine/broker/server/answer_frames.h"
#include "engine/broker/server/api_table.h"
#include "engine/broker/server/error_answers.h"
#include "engine/broker/server/request_server.h"
#include "engine/broker/shared_server.h"
#include "engine/metadata/controller.h"
#include "engine/protocol/messages/envelope_request.h"
#include "engine/protocol/messages/envelope_response.h"

namespace ottla::broker {

struct ControllerNodeConfig {
  BrokerId node_id;                 // node.id
  std::string cluster_id;           // As `kafka-storage format` writes it into meta.properties.
  Endpoint listener;                // Of the CONTROLLER listener.
  metadata::ConfigValues settings;  // What server.properties sets,
  metadata::ConfigValues stated;    // and all that it says: static_configs().
};

class ControllerNode final : private QuorumListener {
 public:
  // `shared` outlives this; the controller joins it as a role.
  ControllerNode(SharedServer& shared, ControllerNodeConfig config);
  ControllerNode(const ControllerNode&) = delete;
  ~ControllerNode() override;

  void begin_shutdown();
  [[nodiscard]] bool is_shutting_down() const { return stop_by_.has_value(); }
  // It does nothing any more: it was shut down, or could not go on.
  [[nodiscard]] bool stopped() const { return stopped_; }

  // The node's events, each followed by settle(). Those of a connection that is not this role's
  // are passed over.
  void on_accepted(ConnectionId connection, std::string_view peer_host);
  void on_connected(ConnectionId connection);
  void on_connection_closed(ConnectionId connection);
  void on_message(ConnectionId connection, const ByteChain& frame);
  void on_time();
  void settle();
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // For whoever looks at it.
  [[nodiscard]] const ControllerNodeConfig& config() const { return config_; }
  // As decided, which may be ahead of what is committed.
  [[nodiscard]] const metadata::Image& image() const { return controller_.image(); }
  [[nodiscard]] const metadata::Image& committed_image() const override { return facts_.image(); }
  [[nodiscard]] const MetadataQuorum& quorum() const { return quorum_; }
  [[nodiscard]] const raft::Raft& raft() const { return quorum_.raft(); }
  [[nodiscard]] const RequestServer& server() const { return server_; }
  [[nodiscard]] bool is_active() const { return active_; }
  // False until the log is open.
  [[nodiscard]] bool has_quorum() const { return quorum_.is_running(); }
  [[nodiscard]] Offset metadata_log_end() const { return quorum_.log().end_offset(); }
  // Answers held until their records are committed.
  [[nodiscard]] std::size_t held_answers() const { return held_.size(); }

  // For the API handlers.
  [[nodiscard]] metadata::Controller& controller() { return controller_; }
  [[nodiscard]] metadata::ControllerContext context(const RequestContext& request) const;
  [[nodiscard]] Instant now() const { return env_.clock.now(); }
  // What creating and deleting partitions is charged by; strictly since that version.
  [[nodiscard]] MutationCharge mutation_charge(const RequestContext& request,
                                               ApiVersion strict_since);
  // Appends what was decided and answers when it is committed.
  template <class Body, class Response>
  void conclude(const Request<Body>& request, metadata::ControllerResult<Response>&& result) {
    const protocol::RequestHead& head = request.context.head;
    const bool written = write(result.records);
    if (stopped_) return;
    server_.throttle(request.context.token, result.response);
    ByteChain answer = frame_of(request, result.response);
    if (written && raft().high_watermark() >= quorum_.next_offset())
      return send_answer(request.context.token, std::move(answer));
    HeldAnswer held{.until = quorum_.next_offset(),
                    .request = request.context.token,
                    .answer = std::move(answer),
                    .refusal = frame_of(head, error_answer(request.body, not_controller({})))};
    written ? held_.push_back(std::move(held)) : refuse(std::move(held));
  }
  raft::KRaftUpgrade upgrade_kraft_version(std::int16_t level, bool validate_only) {
    return quorum_.upgrade_kraft_version(level, validate_only);
  }
  // Why a request cannot be decided here, and who leads as far as that is known.
  [[nodiscard]] static Refusal not_controller(std::optional<BrokerId> active);
  // Answers at once; for what rests on no record.
  template <class Response>
  void reply(const RequestContext& request, Response response) {
    server_.throttle(request.token, response);
    send_answer(request.token, frame_of(request.head, response));
  }
  // A request of another node of the quorum.
  template <class QuorumRequest>
  void ask_quorum(const RequestContext& request, const QuorumRequest& body) {
    quorum_.ask(request.token, body);
  }
  // Does what the request in it asks for. INVALID_REQUEST where none is that may be forwarded.
  void open_envelope(const RequestContext& request, const protocol::EnvelopeRequest& envelope);
  // Answers an Envelope instead of the request in it.
  void refuse_envelope(const RequestContext& request, protocol::ErrorCode why);
  void note_client_software(ConnectionId connection, std::string software) {
    server_.note_software(connection, std::move(software));
  }
  void expect_fencing(BrokerId broker, std::string reason) {
    facts_.expect_fencing(broker, std::move(reason));
  }

 private:
  // An answer, and the offset below which all must be committed before it leaves.
  struct HeldAnswer {
    Offset until;
    RequestToken request;
    ByteChain answer;
    ByteChain refusal;  // Of a controller that is not active any more.
  };

  // Sends the frame itself, or an Envelope around it where the request came in one.
  void send_answer(RequestToken token, ByteChain frame);
  bool dispatch_request(const RequestContext& request, ByteReader& body);
  void release_held();
  void refuse(HeldAnswer held);
  // False when nothing can come of the records any more: this node has stopped, or it was so long
  // busy elsewhere that the quorum has let go of it.
  bool write(const metadata::Records& records);
  void become_active();
  void renounce();
  void register_itself();
  void run_duties();
  [[nodiscard]] bool may_become_active() const;
  [[nodiscard]] std::int64_t setting(std::string_view name) const {
    return metadata::broker_config_integer(config_.settings, name);
  }

  void on_leader_changed(const raft::LeaderChanged& change) override;
  void on_committed(const protocol::MetadataRecord& record, Offset offset) override;
  void on_snapshot(metadata::Image image) override;
  void on_high_watermark(Offset high_watermark) override;
  void on_answer(RequestToken token, const Answer& answer) override;
  void on_quorum_failed(const std::string& why) override;

  // Constant after construction.
  const ControllerNodeConfig config_;
  Env& env_;  // Its disk is the directory of the metadata log.
  MetadataQuorum& quorum_;

  metadata::Controller controller_;
  CommittedFacts facts_;
  ControllerQuotas quotas_;
  bool limits_changed_ = false;  // Since the quotas last heard of them.
  RequestServer server_;
  ControllerRegistrar registrar_;
  bool active_ = false;
  std::deque<HeldAnswer> held_;  // In the order of their offsets.
  std::optional<Instant> balance_at_;
  std::optional<Instant> idle_at_;
  std::optional<Instant> stop_by_;  // Asked to shut down.
  bool stopped_ = false;
};

// What a controller serves, in the order of the API keys.
[[nodiscard]] std::span<const ApiEntry<ControllerNode>> controller_apis();
// The response to an ApiVersions request of a version that has no schema; nothing for any other
// error.
[[nodiscard]] std::optional<ByteChain> answer_controller_api_versions(
    const protocol::DecodeError& error);

}  // namespace ottla::broker
