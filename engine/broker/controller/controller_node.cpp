#include "engine/broker/controller/controller_node.h"

#include <fmt/format.h>

#include "engine/broker/controller/api_rules.h"
#include "engine/metadata/controller_registration.h"

namespace ottla::broker {

namespace {

// How long Kafka's controller waits for another to take over when it shuts down.
constexpr Duration handover_max = Duration::seconds(5);

}  // namespace

ControllerNode::ControllerNode(SharedServer& shared, ControllerNodeConfig config)
    : config_(std::move(config)),
      env_(shared.env()),
      quorum_(shared.quorum()),
      controller_(metadata::ControllerConfig{config_.cluster_id, config_.settings},
                  Prng(env_.random.next())),
      facts_(env_.probe),
      quotas_(config_.settings),
      server_(
          env_,
          [this](const RequestContext& request, ByteReader& body) {
            return dispatch_request(request, body);
          },
          answer_controller_api_versions),
      registrar_(env_, config_.node_id, config_.listener) {
  server_.limit_time_by(quotas_.requests);
  shared.add_role(*this);
}

ControllerNode::~ControllerNode() = default;

void ControllerNode::begin_shutdown() {
  stop_by_ = now() + handover_max;
  if (quorum_.is_running()) quorum_.begin_shutdown();
}

void ControllerNode::on_accepted(ConnectionId connection, std::string_view peer_host) {
  server_.accepted(connection, peer_host);
}

void ControllerNode::on_connected(ConnectionId connection) {
  if (!stopped_) (void)registrar_.on_connected(connection);
}

void ControllerNode::on_connection_closed(ConnectionId connection) {
  if (!stopped_ && !server_.closed(connection)) (void)registrar_.on_connection_closed(connection);
}

void ControllerNode::on_message(ConnectionId connection, const ByteChain& frame) {
  if (!stopped_ && !server_.received(connection, frame))
    (void)registrar_.on_message(connection, frame);
}

void ControllerNode::on_time() {
  if (stopped_) return;
  registrar_.on_time();
  server_.on_time();
  run_duties();
}

// What the active controller does by itself: fences brokers that went silent, gives preferred
// replicas their leadership back, and shows that it lives.
void ControllerNode::run_duties() {
  while (is_active()) {
    const auto silent = controller_.expired_brokers(now());
    if (silent.empty()) break;
    facts_.expect_fencing(silent.front(), "its session timed out");
    (void)write(controller_.fence_expired(now()));
  }
  if (!is_active()) return;
  if (balance_at_ && now() >= *balance_at_) {
    const auto elections = controller_.balance_leaders();
    const bool more = elections.size() >= metadata::Controller::elections_per_balance_max;
    (void)write(elections);
    balance_at_ =
        now() + (more ? Duration::millis(10)
                      : Duration::seconds(setting("leader.imbalance.check.interval.seconds")));
  }
  if (idle_at_ && now() >= *idle_at_) (void)write({protocol::NoOpRecord{}});
}

void ControllerNode::settle() {
  if (!stopped_ && may_become_active()) become_active();
  if (!stopped_) register_itself();
  if (!stopped_) (void)server_.run_ready();
  if (stop_by_ && (quorum_.may_stop() || now() >= *stop_by_)) stopped_ = true;
}

std::optional<Instant> ControllerNode::next_deadline() const {
  std::optional<Instant> deadline = stop_by_;
  const auto consider = [&deadline](std::optional<Instant> at) {
    if (at && (!deadline || *at < *deadline)) deadline = at;
  };
  consider(registrar_.next_deadline());
  consider(server_.next_deadline());
  if (is_active()) {
    consider(controller_.next_session_expiry());
    consider(balance_at_);
    consider(idle_at_);
  }
  return deadline;
}

void ControllerNode::on_quorum_failed(const std::string&) {
  active_ = false;
  stopped_ = true;
}

// Records.

bool ControllerNode::write(const metadata::Records& records) {
  if (records.empty()) return !stopped_;
  Offset offset = quorum_.next_offset();
  quorum_.append(records);
  if (!active_) return false;
  for (const protocol::MetadataRecord& record : records) {
    controller_.replay(record, offset);
    offset = offset.next();
  }
  const std::int64_t idle_ms = setting("metadata.max.idle.interval.ms");
  if (idle_ms > 0) idle_at_ = now() + Duration::millis(idle_ms);
  return true;
}

void ControllerNode::release_held() {
  while (!held_.empty() && held_.front().until <= raft().high_watermark()) {
    HeldAnswer held = std::move(held_.front());
    held_.pop_front();
    send_answer(held.request, std::move(held.answer));
  }
}

// What it rests on may yet be committed or may be lost: the asker finds out by asking the next
// active controller. A broker that forwarded the request does so by itself.
void ControllerNode::refuse(HeldAnswer held) {
  const RequestContext* request = server_.find(held.request);
  if (request == nullptr) return;
  if (request->envelope) return refuse_envelope(*request, protocol::ErrorCode::not_controller);
  server_.reply_with_frame(held.request, std::move(held.refusal));
}

// As Kafka's ControllerExceptions put it.
Refusal ControllerNode::not_controller(std::optional<BrokerId> active) {
  return {protocol::ErrorCode::not_controller,
          active ? fmt::format("The active controller appears to be node {}.", active->value())
                 : "No controller appears to be active."};
}

// The quorum.

void ControllerNode::on_leader_changed(const raft::LeaderChanged& change) {
  if (!change.is_local && active_) renounce();
}

void ControllerNode::on_committed(const protocol::MetadataRecord& record, Offset offset) {
  facts_.commit(record, offset);
  if (std::holds_alternative<protocol::ClientQuotaRecord>(record)) limits_changed_ = true;
  // The active controller has applied its own decisions when it took them.
  if (!active_) controller_.replay(record, offset);
}

void ControllerNode::on_snapshot(metadata::Image image) {
  controller_.revert_to(image);
  facts_.reset(std::move(image));
  limits_changed_ = true;
}

void ControllerNode::on_high_watermark(Offset) {
  facts_.finish_run();
  if (std::exchange(limits_changed_, false)) quotas_.update(facts_.image());
  release_held();
}

// Answers of the quorum, which is_exempt() names; some bring records, and none is copied.
void ControllerNode::on_answer(RequestToken token, const Answer& answer) {
  const RequestContext* request = server_.find(token);
  if (request == nullptr) return;
  const auto frame = [&](const auto& response) { return frame_of(request->head, response); };
  send_answer(token, std::visit(frame, answer));
}

// All that was written before its epoch is committed with the first record of it, and applied.
bool ControllerNode::may_become_active() const {
  if (active_ || !quorum_.is_running()) return false;
  const auto epoch_start = raft().epoch_start();
  return epoch_start && raft().high_watermark() > *epoch_start;
}

void ControllerNode::become_active() {
  active_ = true;
  controller_.activate(now());
  if (metadata::broker_config_boolean(config_.settings, "auto.leader.rebalance.enable")) {
    balance_at_ = now() + Duration::seconds(setting("leader.imbalance.check.interval.seconds"));
  }
  const std::int64_t idle_ms = setting("metadata.max.idle.interval.ms");
  if (idle_ms > 0) idle_at_ = now() + Duration::millis(idle_ms);
  env_.probe.tell(probe::ControllerActivated{raft().epoch().value()});
  (void)write(controller_.activation_records(quorum_.has_open_transaction()));
}

// What was decided and is not committed may never be: the controller goes back to what is.
void ControllerNode::renounce() {
  active_ = false;
  balance_at_.reset();
  idle_at_.reset();
  controller_.revert_to(facts_.image());
  for (HeldAnswer& held : std::exchange(held_, {})) refuse(std::move(held));
}

void ControllerNode::register_itself() {
  if (!quorum_.is_running()) return;
  const bool is_leader = raft().leader().leader == config_.node_id;
  registrar_.follow(controller_.image(), is_leader ? nullptr : quorum_.leader_endpoint());
  if (!active_ || !registrar_.wants_to_register()) return;
  (void)write(metadata::register_controller(controller_.image(), registrar_.request()).records);
}

// Requests.

metadata::ControllerContext ControllerNode::context(const RequestContext& request) const {
  return {.now = now(), .next_offset = quorum_.next_offset(), .version = request.head.version};
}

MutationCharge ControllerNode::mutation_charge(const RequestContext& request,
                                               ApiVersion strict_since) {
  return {quotas_.mutations, quota_subject(request),
          request.head.version >= strict_since ? MutationCharge::Mode::strict
                                               : MutationCharge::Mode::permissive};
}

bool ControllerNode::dispatch_request(const RequestContext& request, ByteReader& body) {
  if (is_exempt(request.head.key)) server_.exempt(request.token);
  return dispatch(controller_apis(), *this, request, body);
}

void ControllerNode::open_envelope(const RequestContext& request,
                                   const protocol::EnvelopeRequest& envelope) {
  ByteReader reader(envelope.request_data);
  auto head = protocol::read_request_head(reader);
  const bool may_pass = head && is_forwardable(head->key);
  if (may_pass) server_.open_envelope(request.token, *std::move(head));
  if (!may_pass || !dispatch_request(request, reader))
    refuse_envelope(request, protocol::ErrorCode::invalid_request);
}

void ControllerNode::refuse_envelope(const RequestContext& request, protocol::ErrorCode why) {
  protocol::EnvelopeResponse refused;
  refused.error_code = why;
  server_.reply_with_frame(request.token, frame_of(request.outermost(), refused));
}

void ControllerNode::send_answer(RequestToken token, ByteChain frame) {
  const RequestContext* request = server_.find(token);
  if (request == nullptr) return;
  if (!request->envelope) return server_.reply_with_frame(token, std::move(frame));
  protocol::EnvelopeResponse response;
  response.response_data = frame.flatten();
  server_.reply_with_frame(token, frame_of(*request->envelope, response));
}

}  // namespace ottla::broker
