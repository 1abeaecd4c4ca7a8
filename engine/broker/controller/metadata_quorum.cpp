#include "engine/broker/controller/metadata_quorum.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/metadata/image_snapshot.h"

namespace ottla::broker {

namespace {

// The newest versions that every Kafka 4 controller serves.
constexpr ApiVersion fetch_version{17};
constexpr ApiVersion vote_version{2};
constexpr ApiVersion epoch_version{1};
constexpr ApiVersion snapshot_version{1};
constexpr ApiVersion update_voter_version{0};
constexpr ApiVersion api_versions_version{4};

constexpr Duration cleaning_interval = Duration::seconds(60);  // Kafka's, of the metadata log.

Duration millis(const MetadataQuorumConfig& config, std::string_view name) {
  return Duration::millis(metadata::broker_config_integer(config.settings, name));
}

raft::RaftConfig raft_config(const MetadataQuorumConfig& config, const Uuid& directory,
                             bool has_static_voters) {
  raft::RaftConfig raft;
  raft.local = {config.node_id, directory};
  raft.cluster_id = config.cluster_id;
  std::vector<raft::Voter> voters;
  for (const ControllerVoter& voter : config.voters) {
    raft.bootstrap.push_back(voter.id);
    const raft::VoterEndpoint endpoint{raft.listener_name, voter.endpoint.host,
                                       voter.endpoint.port};
    voters.push_back({.key = {voter.id, Uuid{}}, .endpoints = {endpoint}});
  }
  if (has_static_voters) raft.static_voters = raft::VoterSet(voters);
  if (config.listener)
    raft.listeners = {{raft.listener_name, config.listener->host, config.listener->port}};
  raft.election_timeout = millis(config, "controller.quorum.election.timeout.ms");
  raft.election_backoff_max = millis(config, "controller.quorum.election.backoff.max.ms");
  raft.fetch_timeout = millis(config, "controller.quorum.fetch.timeout.ms");
  raft.request_timeout = millis(config, "controller.quorum.request.timeout.ms");
  raft.retry_backoff = millis(config, "controller.quorum.retry.backoff.ms");
  raft.append_linger = millis(config, "controller.quorum.append.linger.ms");
  return raft;
}

wire::ChannelOptions channel_options(const MetadataQuorumConfig& config) {
  wire::ChannelOptions options;
  options.client_id = config.client_id;
  options.request_timeout = millis(config, "controller.quorum.request.timeout.ms");
  options.in_flight_max = 1;
  return options;
}

}  // namespace

MetadataQuorum::MetadataQuorum(Env& env, MetadataQuorumConfig config, QuorumListener& listener)
    : env_(env),
      config_(std::move(config)),
      listener_(listener),
      log_(env.disk),
      channels_(env_, config_.node_id, channel_options(config_), config_.voters) {}

void MetadataQuorum::start(const Uuid& directory) {
  // The metadata log is not closed in an orderly way, so it is checked at every start.
  const bool opened = check(log_.open(now(), /*clean_shutdown=*/false));
  for (const std::string& each : log_.load_report().repairs)
    env_.probe.tell(probe::Noted{probe::Noted::Level::warning, each});
  if (!opened) return;
  const auto state = log_.read_quorum_state();
  if (!state) return fail(state.error());
  if (log_.latest_snapshot() && !load_snapshot()) return;
  learn_voters();
  last_snapshot_at_ = now();
  clean_at_ = now() + cleaning_interval;
  raft_.emplace(raft_config(config_, directory, has_static_voters()), log_,
                Prng(env_.random.next()));
  carry_out(raft_->start(*state, now()));
}

// What a log was formatted for goes on: one of kraft.version 0 will never say who votes unless its
// voters upgrade it, so they have to be those of the configuration.
bool MetadataQuorum::has_static_voters() {
  if (!config_.voters_in_log) return true;
  const bool is_of_version_0 =
      log_.end_offset() > Offset{0} && log_.voter_history().last() == nullptr;
  if (is_of_version_0) {
    env_.probe.tell(probe::Noted{probe::Noted::Level::info,
                                 "The metadata log is of kraft.version 0: the voters are those of "
                                 "the configuration until the version is upgraded"});
  }
  return is_of_version_0;
}

const Endpoint* MetadataQuorum::leader_endpoint() const {
  return is_running() ? channels_.address_of(raft_->leader().leader) : nullptr;
}

void MetadataQuorum::append(const std::vector<protocol::MetadataRecord>& records) {
  std::vector<Bytes> values;
  values.reserve(records.size());
  for (const protocol::MetadataRecord& record : records)
    values.push_back(protocol::encode_metadata_record(record));
  carry_out(raft_->append(std::move(values), now()));
}

raft::KRaftUpgrade MetadataQuorum::upgrade_kraft_version(std::int16_t level, bool validate_only) {
  raft::Effects effects;
  auto upgrade = raft_->upgrade_kraft_version(level, validate_only, now(), effects);
  carry_out(effects);
  return upgrade;
}

bool MetadataQuorum::check(const MetadataLog::Done& done) {
  if (!done) fail(done.error());
  return done.has_value();
}

void MetadataQuorum::fail(const std::string& why) {
  if (failed_) return;
  failed_ = why;
  listener_.on_quorum_failed(why);
}

// The machine's effects.

void MetadataQuorum::carry_out(const raft::Effects& effects) {
  for (const raft::Effect& effect : effects) {
    if (failed_) return;
    std::visit([this](const auto& one) { act(one); }, effect);
  }
}

void MetadataQuorum::act(const raft::PersistQuorumState& effect) {
  (void)check(log_.write_quorum_state(effect.state));
}

void MetadataQuorum::act(const raft::TruncateLog& effect) {
  if (check(log_.truncate(effect.end_offset, now()))) log_changed();
}

void MetadataQuorum::act(const raft::AppendToLog& effect) {
  if (check(log_.append(effect.records, now()))) log_changed();
}

void MetadataQuorum::log_changed() {
  learn_voters();
  carry_out(raft_->on_log_changed(now()));
}

// Where the voters listen may change with who votes.
void MetadataQuorum::learn_voters() {
  const raft::VoterHistory& history = log_.voter_history();
  if (history.last() == nullptr || history.last_offset() == voters_at_) return;
  voters_at_ = history.last_offset();
  channels_.learn(*history.last());
}

void MetadataQuorum::act(const raft::SyncLog&) {
  sync_ = DiskOperationId{next_operation_++};
  log_.start_sync(*sync_);
}

template <class Request>
void MetadataQuorum::send(BrokerId to, raft::RequestId id, const Request& request,
                          ApiVersion version) {
  const bool queued = channels_.send(to, request, version, wire::RequestToken{id.value()}, now());
  if (!queued) carry_out(raft_->on_request_failed(id, now()));
}

void MetadataQuorum::act(const raft::SendFetch& effect) {
  send(effect.to, effect.request, to_request(effect.body), fetch_version);
}

void MetadataQuorum::act(const raft::SendVote& effect) {
  send(effect.to, effect.request, to_request(effect.body), vote_version);
}

void MetadataQuorum::act(const raft::SendBeginQuorumEpoch& effect) {
  send(effect.to, effect.request, to_request(effect.body, *config_.listener), epoch_version);
}

void MetadataQuorum::act(const raft::SendEndQuorumEpoch& effect) {
  send(effect.to, effect.request, to_request(effect.body, *config_.listener), epoch_version);
}

void MetadataQuorum::act(const raft::SendUpdateVoter& effect) {
  send(effect.to, effect.request, to_request(effect.body), update_voter_version);
}

void MetadataQuorum::act(const raft::SendSupportedVersionsQuery& effect) {
  for (const raft::VoterEndpoint& at : effect.body.endpoints) {
    if (at.listener == controller_listener_name) channels_.learn(effect.to, {at.host, at.port});
  }
  send(effect.to, effect.request, to_request(effect.body), api_versions_version);
}

void MetadataQuorum::act(const raft::ReplyToFetch& effect) {
  raft::FetchReply reply = effect.reply;
  if (effect.read_from) {
    reply.records = log_.read(
        *effect.read_from, static_cast<std::size_t>(std::max(effect.bytes_max, 1)), effect.read_to);
  }
  listener_.on_answer(RequestToken{effect.ask.value()}, to_response(reply, channels_.addresses()));
}

void MetadataQuorum::act(const raft::Reply& effect) {
  const auto hand_out = [&](const auto& answer) {
    listener_.on_answer(RequestToken{effect.ask.value()},
                        to_response(answer, channels_.addresses()));
  };
  std::visit(hand_out, effect.answer);
}

void MetadataQuorum::act(const raft::HighWatermarkAdvanced& effect) {
  const auto tell = [this](const protocol::MetadataRecord& record, Offset offset) {
    listener_.on_committed(record, offset);
  };
  MetadataLog::Done counted;
  const auto take = [&](const protocol::MetadataRecord& record, Offset offset) {
    if (counted) counted = transactions_.take(record, offset, tell);
  };
  const auto run = log_.replay(next_to_tell_, effect.high_watermark, take);
  if (!run) return fail(run.error());
  if (!check(counted)) return;
  next_to_tell_ = std::max(next_to_tell_, effect.high_watermark);
  listener_.on_high_watermark(effect.high_watermark);
  bytes_since_snapshot_ += run->bytes;
  if (run->bytes > 0) consider_snapshot({effect.high_watermark, run->last_epoch}, *run);
}

// Snapshots.

bool MetadataQuorum::load_snapshot() {
  const raft::OffsetAndEpoch id = *log_.latest_snapshot();
  const auto content = log_.snapshots().read(id);
  if (!content) {
    fail(content.error());
    return false;
  }
  listener_.on_snapshot(metadata::Image::of_snapshot(content->records, id.offset.plus(-1)));
  transactions_.reset();
  next_to_tell_ = id.offset;
  bytes_since_snapshot_ = 0;
  last_snapshot_at_ = now();
  return true;
}

// One that cannot be written is tried again when as much has been added.
void MetadataQuorum::consider_snapshot(const raft::OffsetAndEpoch& id,
                                       const MetadataLog::Run& run) {
  const std::int64_t bytes_max = setting("metadata.log.max.record.bytes.between.snapshots");
  const Duration interval = millis(config_, "metadata.log.max.snapshot.interval.ms");
  const bool is_due = interval > Duration() && now() - last_snapshot_at_ >= interval;
  // The image does not hold what an open transaction has said so far.
  if (transactions_.is_open() || (bytes_since_snapshot_ < bytes_max && !is_due)) return;
  bytes_since_snapshot_ = 0;
  last_snapshot_at_ = now();
  const Offset last = id.offset.plus(-1);
  const raft::VoterSet* voters = log_.voter_history().voters_at(last);
  const auto written = log_.snapshots().write(
      id, {.records = metadata::snapshot_records(listener_.committed_image()),
           .last_contained_timestamp = run.last_timestamp,
           .kraft_version = log_.voter_history().kraft_version_at(last),
           .voters = voters != nullptr ? std::optional(*voters) : std::nullopt});
  if (written) return;
  env_.probe.tell(probe::Noted{probe::Noted::Level::warning, written.error()});
}

void MetadataQuorum::clean_log() {
  if (now() < clean_at_) return;
  clean_at_ = now() + cleaning_interval;
  const MetadataLog::Retention retention{
      .bytes = setting("metadata.max.retention.bytes"),
      .time = Duration::millis(setting("metadata.max.retention.ms"))};
  (void)check(log_.clean(retention, raft_->high_watermark(), now()));
}

void MetadataQuorum::act(const raft::BeginSnapshot& effect) {
  (void)check(log_.snapshots().begin(effect.snapshot));
}

void MetadataQuorum::act(const raft::AppendToSnapshot& effect) {
  (void)check(log_.snapshots().append(effect.snapshot, effect.bytes));
}

void MetadataQuorum::act(const raft::InstallSnapshot& effect) {
  if (!check(log_.snapshots().finish(effect.snapshot))) return;
  if (check(log_.start_at_latest_snapshot(now())) && load_snapshot()) log_changed();
}

void MetadataQuorum::act(const raft::ReplyWithSnapshot& effect) {
  raft::SnapshotChunk chunk = effect.chunk;
  if (effect.bytes_max > 0) {
    chunk.bytes = log_.snapshots().read_bytes(chunk.snapshot, chunk.position,
                                              static_cast<std::size_t>(effect.bytes_max));
  }
  listener_.on_answer(RequestToken{effect.ask.value()}, to_response(chunk, channels_.addresses()));
}

void MetadataQuorum::act(const raft::SendSnapshotFetch& effect) {
  send(effect.to, effect.request, to_request(effect.body), snapshot_version);
}

// The node's events.

bool MetadataQuorum::on_connected(ConnectionId connection) {
  if (!channels_.on_connected(connection, now())) return false;
  take_completions();
  return true;
}

bool MetadataQuorum::on_message(ConnectionId connection, const ByteChain& frame) {
  if (!channels_.on_message(connection, frame, now())) return false;
  take_completions();
  return true;
}

bool MetadataQuorum::on_connection_closed(ConnectionId connection) {
  if (!channels_.on_connection_closed(connection, now())) return false;
  take_completions();
  return true;
}

bool MetadataQuorum::on_disk(DiskOperationId operation, DiskResult<void> result) {
  if (sync_ != operation) return false;
  if (!is_running()) return true;
  switch (log_.on_synced(result)) {
    case storage::SyncState::under_way: return true;
    case storage::SyncState::failed:
      fail("The metadata log cannot be synced to the disk");
      return true;
    case storage::SyncState::done: break;
  }
  sync_.reset();
  carry_out(raft_->on_synced(log_.synced_end(), now()));
  return true;
}

template <class Response>
void MetadataQuorum::take_answer(const wire::Completion& completion) {
  const raft::RequestId request{completion.token.value()};
  const auto response = wire::decode_response<Response>(completion);
  const auto answer = response ? from_response(*response) : std::nullopt;
  carry_out(answer ? raft_->on_reply(request, *answer, now())
                   : raft_->on_request_failed(request, now()));
}

void MetadataQuorum::take_completion(const wire::Completion& completion) {
  if (!completion.response) {
    return carry_out(raft_->on_request_failed(raft::RequestId{completion.token.value()}, now()));
  }
  switch (completion.response->key) {
    case protocol::ApiKey::vote: return take_answer<protocol::VoteResponse>(completion);
    case protocol::ApiKey::begin_quorum_epoch:
      return take_answer<protocol::BeginQuorumEpochResponse>(completion);
    case protocol::ApiKey::end_quorum_epoch:
      return take_answer<protocol::EndQuorumEpochResponse>(completion);
    case protocol::ApiKey::fetch_snapshot:
      return take_answer<protocol::FetchSnapshotResponse>(completion);
    case protocol::ApiKey::update_raft_voter:
      return take_answer<protocol::UpdateRaftVoterResponse>(completion);
    case protocol::ApiKey::api_versions:
      return take_answer<protocol::ApiVersionsResponse>(completion);
    default: return take_answer<protocol::FetchResponse>(completion);
  }
}

void MetadataQuorum::take_completions() {
  if (!is_running()) return;
  channels_.take_completions([this](const wire::Completion& completion) {
    if (!failed_) take_completion(completion);
  });
}

std::optional<Instant> MetadataQuorum::next_deadline() const {
  if (!is_running()) return std::nullopt;
  std::optional<Instant> earliest = clean_at_;
  if (const auto at = raft_->deadline(); at && *at < *earliest) earliest = at;
  if (const auto at = channels_.next_deadline(); at && *at < *earliest) earliest = at;
  return earliest;
}

void MetadataQuorum::on_time() {
  if (!is_running()) return;
  channels_.expire(now());
  take_completions();
  if (!is_running()) return;
  carry_out(raft_->on_time(now()));
  if (is_running()) clean_log();
}

}  // namespace ottla::broker
