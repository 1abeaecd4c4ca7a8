#include "engine/broker/controller/controller_node.h"

#include <fmt/format.h>

#include "engine/base/assert.h"
#include "engine/broker/controller/raft_fetch.h"
#include "engine/broker/data_folder.h"
#include "engine/protocol/records/record_batch_builder.h"

namespace ottla::broker {

namespace {

raft::RaftConfig raft_config(const ControllerNodeConfig& config, const Uuid& directory) {
  raft::RaftConfig raft;
  raft.local = {config.node_id, directory};
  raft.cluster_id = config.cluster_id;
  for (const ControllerVoter& voter : config.voters) raft.voters.push_back(voter.id);
  return raft;
}

}  // namespace

ControllerNode::ControllerNode(Env env, ControllerNodeConfig config)
    : env_(env),
      config_(std::move(config)),
      log_(env_.disk),
      facts_(env_.probe),
      server_(
          env_,
          [this](const RequestContext& request, ByteReader& body) {
            return dispatch_request(request, body);
          },
          answer_controller_api_versions) {
  controller_.emplace(metadata::ControllerConfig{config_.cluster_id, config_.settings},
                      Prng(env_.random.next()));
}

ControllerNode::~ControllerNode() = default;

void ControllerNode::on_start() {
  const auto directory =
      claim_data_folder(env_.disk, env_.random, config_.cluster_id, config_.node_id);
  if (!directory) return fail(directory.error());
  raft_.emplace(raft_config(config_, *directory), log_);
  if (!check(log_.open(now(), /*clean_shutdown=*/false))) return;
  const auto state = log_.read_quorum_state();
  if (!state) return fail(state.error());
  // A lone voter's log is the quorum's: all that is in it stands.
  const auto restore = [this](const protocol::MetadataRecord& record, Offset offset) {
    controller_->replay(record, offset);
    facts_.restore(record, offset);
  };
  if (!check(log_.replay(log_.start_offset(), log_.end_offset(), restore))) return;
  carry_out(raft_->start(*state, now()));
  if (is_active()) (void)write(controller_->bootstrap_records());
  settle();
}

void ControllerNode::on_shutdown() {
  stopped_ = true;
}

void ControllerNode::on_accepted(ConnectionId connection, std::string_view peer_host) {
  server_.accepted(connection, peer_host);
}

void ControllerNode::on_connected(ConnectionId) {}

void ControllerNode::on_connection_closed(ConnectionId connection) {
  (void)server_.closed(connection);
  settle();
}

void ControllerNode::on_message(ConnectionId connection, ByteChain frame) {
  if (stopped_) return;
  (void)server_.received(connection, std::move(frame));
  settle();
}

void ControllerNode::on_timer(TimerId timer) {
  if (timer_ != timer || stopped_) return;
  timer_.reset();
  carry_out(raft_->on_time(now()));
  run_duties();
  settle();
}

void ControllerNode::on_disk(DiskOperationId operation, DiskResult<void> result) {
  if (sync_ != operation || stopped_) return;
  switch (log_.on_synced(result)) {
    case storage::SyncState::under_way: return;
    case storage::SyncState::failed: return fail("The metadata log cannot be synced to the disk");
    case storage::SyncState::done: break;
  }
  sync_.reset();
  carry_out(raft_->on_synced(log_.synced_end(), now()));
  settle();
}

// What the active controller does by itself: fences brokers that went silent, gives preferred
// replicas their leadership back, and shows that it lives.
void ControllerNode::run_duties() {
  if (!is_active()) return;
  while (!stopped_) {
    const auto silent = controller_->expired_brokers(now());
    if (silent.empty()) break;
    facts_.expect_fencing(silent.front(), "its session timed out");
    (void)write(controller_->fence_expired(now()));
  }
  if (balance_at_ && now() >= *balance_at_) {
    const auto elections = controller_->balance_leaders();
    const bool more = elections.size() >= metadata::Controller::elections_per_balance_max;
    (void)write(elections);
    balance_at_ =
        now() + (more ? Duration::millis(10)
                      : Duration::seconds(setting("leader.imbalance.check.interval.seconds")));
  }
  if (idle_at_ && now() >= *idle_at_) (void)write({protocol::NoOpRecord{}});
}

void ControllerNode::settle() {
  if (!stopped_) (void)server_.run_ready();
  if (!stopped_) arm_timer();
}

void ControllerNode::arm_timer() {
  std::optional<Instant> deadline;
  const auto consider = [&deadline](std::optional<Instant> at) {
    if (at && (!deadline || *at < *deadline)) deadline = at;
  };
  consider(raft_->deadline());
  if (is_active()) {
    consider(controller_->next_session_expiry());
    consider(balance_at_);
    consider(idle_at_);
  }
  if (!deadline || (timer_ && timer_at_ <= *deadline)) return;
  if (timer_) env_.timers.cancel(*timer_);
  timer_at_ = std::max(*deadline, now());
  timer_ = env_.timers.arm(timer_at_ - now());
}

void ControllerNode::fail(const std::string& why) {
  env_.probe.tell(probe::Noted{probe::Noted::Level::error, why});
  stopped_ = true;
}

bool ControllerNode::check(const MetadataLog::Done& done) {
  if (!done) fail(done.error());
  return done.has_value();
}

// Records.

bool ControllerNode::write(const metadata::Records& records) {
  if (records.empty()) return !stopped_;
  protocol::RecordBatchOptions options;
  options.base_offset = log_.end_offset();
  options.partition_leader_epoch = raft_->epoch();
  protocol::RecordBatchBuilder builder(options);
  for (const protocol::MetadataRecord& record : records) {
    const Bytes value = protocol::encode_metadata_record(record);
    builder.append(now().millis_since_epoch(), {}, value.span());
  }
  carry_out(raft_->append(builder.build().bytes(), now()));
  if (stopped_) return false;
  Offset offset = options.base_offset;
  for (const protocol::MetadataRecord& record : records) {
    controller_->replay(record, offset);
    uncommitted_.push_back({offset, record});
    offset = offset.next();
  }
  const std::int64_t idle_ms = setting("metadata.max.idle.interval.ms");
  if (idle_ms > 0) idle_at_ = now() + Duration::millis(idle_ms);
  return true;
}

void ControllerNode::hold(RequestToken request, Offset until, ByteChain answer) {
  if (raft_->high_watermark() >= until) return server_.reply_with_frame(request, std::move(answer));
  held_.push_back({until, request, std::move(answer)});
}

void ControllerNode::release_held() {
  while (!held_.empty() && held_.front().until <= raft_->high_watermark()) {
    HeldAnswer held = std::move(held_.front());
    held_.pop_front();
    server_.reply_with_frame(held.request, std::move(held.answer));
  }
}

// The quorum's effects.

void ControllerNode::carry_out(const raft::Effects& effects) {
  for (const raft::Effect& effect : effects) {
    if (stopped_) return;
    std::visit([this](const auto& one) { act(one); }, effect);
  }
}

void ControllerNode::act(const raft::PersistQuorumState& effect) {
  (void)check(log_.write_quorum_state(effect.state));
}

void ControllerNode::act(const raft::TruncateLog& effect) {
  if (check(log_.truncate(effect.end_offset, now()))) carry_out(raft_->on_log_changed(now()));
}

void ControllerNode::act(const raft::AppendToLog& effect) {
  if (check(log_.append(effect.records, now()))) carry_out(raft_->on_log_changed(now()));
}

void ControllerNode::act(const raft::SyncLog&) {
  sync_ = DiskOperationId{next_operation_++};
  log_.start_sync(*sync_);
}

void ControllerNode::act(const raft::SendFetch& effect) {
  // Voters that follow a leader come with elections among several voters.
  carry_out(raft_->on_request_failed(effect.request, now()));
}

void ControllerNode::act(const raft::ReplyToFetch& effect) {
  const RequestToken token{effect.fetch.value()};
  raft::FetchReply reply = effect.reply;
  if (effect.read_from) {
    reply.records =
        log_.read(*effect.read_from, static_cast<std::size_t>(std::max(effect.bytes_max, 1)));
  }
  server_.reply(token, to_response(reply));
}

void ControllerNode::act(const raft::LeaderChanged& effect) {
  if (effect.is_local) become_active();
}

void ControllerNode::act(const raft::HighWatermarkAdvanced& effect) {
  while (!uncommitted_.empty() && uncommitted_.front().offset < effect.high_watermark) {
    facts_.commit(uncommitted_.front().record, uncommitted_.front().offset);
    uncommitted_.pop_front();
  }
  facts_.finish_run();
  release_held();
}

void ControllerNode::become_active() {
  controller_->activate(now());
  if (metadata::broker_config_boolean(config_.settings, "auto.leader.rebalance.enable")) {
    balance_at_ = now() + Duration::seconds(setting("leader.imbalance.check.interval.seconds"));
  }
  const std::int64_t idle_ms = setting("metadata.max.idle.interval.ms");
  if (idle_ms > 0) idle_at_ = now() + Duration::millis(idle_ms);
  env_.probe.tell(probe::ControllerActivated{raft_->epoch().value()});
}

// Requests.

metadata::ControllerContext ControllerNode::context(const RequestContext& request) const {
  return {.now = now(), .next_offset = log_.end_offset(), .version = request.head.version};
}

bool ControllerNode::dispatch_request(const RequestContext& request, ByteReader& body) {
  return dispatch(controller_apis(), *this, request, body);
}

void ControllerNode::fetch(const RequestContext& request, const raft::ReplicaFetch& fetch) {
  carry_out(raft_->on_fetch(raft::FetchId{request.token.value()}, fetch, now()));
}

bool ControllerNode::open_envelope(const RequestContext& request,
                                   const protocol::EnvelopeRequest& envelope) {
  ByteReader reader(envelope.request_data);
  auto head = protocol::read_request_head(reader);
  if (!head || !is_forwardable(head->key)) return false;
  RequestContext inner = request;
  inner.head = *std::move(head);
  envelopes_[request.token] = request.head;
  if (dispatch_request(inner, reader)) return true;
  envelopes_.erase(request.token);
  return false;
}

ByteChain ControllerNode::enveloped(RequestToken token, ByteChain frame) {
  const auto outer = envelopes_.find(token);
  if (outer == envelopes_.end()) return frame;
  protocol::EnvelopeResponse response;
  response.response_data = frame.flatten();
  ByteWriter writer;
  protocol::write_response_head(writer, outer->second.key, outer->second.version,
                                outer->second.correlation_id);
  response.encode(writer, outer->second.version);
  envelopes_.erase(outer);
  return writer.take_chain();
}

}  // namespace ottla::broker
