#include "engine/broker/controller/metadata_replica.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/controller/raft_fetch.h"

namespace ottla::broker {

namespace {

// The newest version that every Kafka 4 controller serves.
constexpr ApiVersion fetch_version{17};

raft::RaftConfig raft_config(const BrokerConfig& config) {
  raft::RaftConfig raft;
  raft.local = {config.node_id, {}};
  raft.cluster_id = config.cluster_id;
  for (const ControllerVoter& voter : config.controllers) raft.voters.push_back(voter.id);
  raft.fetch_timeout = config.millis("controller.quorum.fetch.timeout.ms");
  raft.request_timeout = config.millis("controller.quorum.request.timeout.ms");
  raft.retry_backoff = config.millis("controller.quorum.retry.backoff.ms");
  return raft;
}

}  // namespace

MetadataReplica::MetadataReplica(Env& env, const BrokerConfig& config)
    : env_(env), config_(config), log_(env.disk), raft_(raft_config(config), log_) {
  for (const ControllerVoter& voter : config_.controllers) {
    wire::ChannelOptions options;
    options.client_id = fmt::format("raft-client-{}", config_.node_id.value());
    options.request_timeout = config_.millis("controller.quorum.request.timeout.ms");
    channels_[voter.id] = std::make_unique<wire::Channel>(voter.endpoint, env_.network, env_.random,
                                                          std::move(options));
  }
}

void MetadataReplica::start(bool clean_shutdown) {
  if (!check(log_.open(env_.clock.now(), clean_shutdown))) return;
  const auto state = log_.read_quorum_state();
  if (!state) return fail(state.error());
  started_ = true;
  carry_out(raft_.start(*state, env_.clock.now()));
}

std::optional<Endpoint> MetadataReplica::active_controller() const {
  const BrokerId leader = raft_.leader().leader;
  for (const ControllerVoter& voter : config_.controllers) {
    if (voter.id == leader) return voter.endpoint;
  }
  return std::nullopt;
}

std::optional<metadata::ImageDelta> MetadataReplica::take_delta() {
  if (delta_.empty()) return std::nullopt;
  return std::exchange(delta_, {});
}

void MetadataReplica::carry_out(const raft::Effects& effects) {
  for (const raft::Effect& effect : effects) {
    if (failed_) return;
    std::visit([this](const auto& one) { act(one); }, effect);
  }
}

void MetadataReplica::act(const raft::PersistQuorumState& effect) {
  (void)check(log_.write_quorum_state(effect.state));
}

void MetadataReplica::act(const raft::TruncateLog& effect) {
  if (!check(log_.truncate(effect.end_offset, env_.clock.now()))) return;
  carry_out(raft_.on_log_changed(env_.clock.now()));
}

void MetadataReplica::act(const raft::AppendToLog& effect) {
  if (!check(log_.append(effect.records, env_.clock.now()))) return;
  carry_out(raft_.on_log_changed(env_.clock.now()));
}

void MetadataReplica::act(const raft::SendFetch& effect) {
  const Instant now = env_.clock.now();
  const auto channel = channels_.find(effect.to);
  const bool queued = channel != channels_.end() &&
                      channel->second->send(to_request(effect.fetch), fetch_version,
                                            wire::RequestToken{effect.request.value()}, now);
  if (!queued) carry_out(raft_.on_request_failed(effect.request, now));
}

void MetadataReplica::act(const raft::HighWatermarkAdvanced& effect) {
  const auto apply = [this](const protocol::MetadataRecord& record, Offset offset) {
    image_.apply(record, offset, delta_);
  };
  if (check(log_.replay(next_to_apply_, effect.high_watermark, apply))) {
    next_to_apply_ = effect.high_watermark;
  }
}

bool MetadataReplica::check(const MetadataLog::Done& done) {
  if (!done) fail(done.error());
  return done.has_value();
}

void MetadataReplica::fail(const std::string& why) {
  failed_ = why;
  env_.probe.tell(probe::Noted{probe::Noted::Level::error, why});
}

wire::Channel* MetadataReplica::channel_of(ConnectionId connection) {
  for (auto& [id, channel] : channels_) {
    if (channel->connection() == connection) return channel.get();
  }
  return nullptr;
}

bool MetadataReplica::on_connected(ConnectionId connection) {
  wire::Channel* channel = channel_of(connection);
  if (channel == nullptr) return false;
  channel->on_connected(env_.clock.now());
  take_completions();
  return true;
}

bool MetadataReplica::on_message(ConnectionId connection, const ByteChain& frame) {
  wire::Channel* channel = channel_of(connection);
  if (channel == nullptr) return false;
  channel->on_message(frame, env_.clock.now());
  take_completions();
  return true;
}

bool MetadataReplica::on_connection_closed(ConnectionId connection) {
  wire::Channel* channel = channel_of(connection);
  if (channel == nullptr) return false;
  channel->on_connection_closed(env_.clock.now());
  take_completions();
  return true;
}

void MetadataReplica::take_completions() {
  const Instant now = env_.clock.now();
  for (auto& [id, channel] : channels_) {
    for (const wire::Completion& completion : channel->take_completions()) {
      const raft::RequestId request{completion.token.value()};
      const auto response = wire::decode_response<protocol::FetchResponse>(completion);
      const auto reply = response ? from_response(*response) : std::nullopt;
      carry_out(reply ? raft_.on_fetch_reply(request, *reply, now)
                      : raft_.on_request_failed(request, now));
    }
  }
}

std::optional<Instant> MetadataReplica::next_deadline() const {
  if (!started_ || failed_) return std::nullopt;
  std::optional<Instant> earliest = raft_.deadline();
  for (const auto& [id, channel] : channels_) {
    const auto at = channel->next_deadline();
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

void MetadataReplica::on_time() {
  if (!started_ || failed_) return;
  const Instant now = env_.clock.now();
  for (auto& [id, channel] : channels_) channel->expire(now);
  take_completions();
  carry_out(raft_.on_time(now));
}

}  // namespace ottla::broker
