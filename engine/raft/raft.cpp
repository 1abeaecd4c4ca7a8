#include "engine/raft/raft.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/raft/leader_change.h"

namespace ottla::raft {

Raft::Raft(RaftConfig config, const LogView& log) : config_(std::move(config)), log_(log) {
  OTTLA_ASSERT(!config_.voters.empty());
}

bool Raft::is_voter() const {
  return std::find(config_.voters.begin(), config_.voters.end(), config_.local.id) !=
         config_.voters.end();
}

Effects Raft::start(std::optional<QuorumState> persisted, Instant now) {
  Effects effects;
  LeaderEpoch epoch = persisted ? persisted->leader_epoch : LeaderEpoch{};
  // A quorum-state file may be lost while the log is not: an epoch that is in the log has been.
  epoch = std::max(epoch, log_.last_epoch());
  if (is_voter() && config_.voters.size() == 1) {
    // Elected by its own vote alone, in an epoch that nobody has seen.
    become_leader(epoch.next(), now, effects);
    return effects;
  }
  leader_ = {no_broker, epoch};
  const bool leader_known = persisted && persisted->leader != no_broker &&
                            persisted->leader != config_.local.id &&
                            persisted->leader_epoch == epoch;
  if (leader_known) {
    become_follower({persisted->leader, epoch}, now, effects);
  } else {
    effects.push_back(LeaderChanged{leader_, false});
    send_fetch(now, effects);
  }
  return effects;
}

// Transitions.

void Raft::become_leader(LeaderEpoch epoch, Instant now, Effects& effects) {
  role_ = Role::leader;
  leader_ = {config_.local.id, epoch};
  sent_.reset();
  retry_at_.reset();
  fetch_timeout_at_.reset();
  progress_.emplace(config_.local.id, config_.voters, log_.end_offset());
  persist(effects);
  effects.push_back(LeaderChanged{leader_, true});
  effects.push_back(AppendToLog{leader_change_batch({.leader = config_.local.id,
                                                     .voters = config_.voters,
                                                     .granting_voters = {config_.local.id},
                                                     .epoch = epoch,
                                                     .base_offset = log_.end_offset(),
                                                     .now = now})});
}

void Raft::become_follower(LeaderAndEpoch leader, Instant now, Effects& effects) {
  role_ = Role::follower;
  leader_ = leader;
  leader_high_watermark_ = no_offset;
  leader_answered_ = false;
  fetch_timeout_at_ = now + config_.fetch_timeout;
  persist(effects);
  effects.push_back(LeaderChanged{leader_, false});
  send_fetch(now, effects);
}

void Raft::become_unattached(LeaderEpoch epoch, Instant now, Effects& effects) {
  const bool changed = epoch != leader_.epoch || leader_.leader != no_broker;
  role_ = Role::unattached;
  leader_ = {no_broker, epoch};
  fetch_timeout_at_.reset();
  if (changed) {
    persist(effects);
    effects.push_back(LeaderChanged{leader_, false});
  }
  back_off(now);
}

void Raft::persist(Effects& effects) const {
  effects.push_back(PersistQuorumState{{.data_version = 0,
                                        .leader = leader_.leader,
                                        .leader_epoch = leader_.epoch,
                                        .voted = no_broker,
                                        .voted_directory = {},
                                        .voters = config_.voters}});
}

// The local log.

Effects Raft::append(ByteChain records, Instant) {
  OTTLA_ASSERT(is_leader());
  return {AppendToLog{std::move(records)}};
}

Effects Raft::on_log_changed(Instant now) {
  Effects effects;
  if (role_ == Role::leader) {
    if (!sync_in_flight_) {
      sync_in_flight_ = true;
      effects.push_back(SyncLog{});
    }
    return effects;
  }
  if (!awaiting_log_change_) return effects;
  awaiting_log_change_ = false;
  follow_high_watermark(effects);
  send_fetch(now, effects);
  return effects;
}

Effects Raft::on_synced(Offset end_offset, Instant now) {
  Effects effects;
  sync_in_flight_ = false;
  if (role_ != Role::leader) return effects;
  if (log_.end_offset() > end_offset) {
    sync_in_flight_ = true;
    effects.push_back(SyncLog{});
  }
  progress_->update_local(end_offset, now);
  publish_high_watermark(effects);
  release_parked(now, effects);
  return effects;
}

// Leader.

protocol::ErrorCode Raft::check_fetch(const ReplicaFetch& fetch) const {
  using protocol::ErrorCode;
  if (fetch.fetch_offset < Offset{0} || fetch.last_fetched_epoch < LeaderEpoch{0} ||
      fetch.current_leader_epoch < LeaderEpoch{0}) {
    return ErrorCode::invalid_request;
  }
  if (fetch.current_leader_epoch < leader_.epoch) return ErrorCode::fenced_leader_epoch;
  if (fetch.current_leader_epoch > leader_.epoch) return ErrorCode::unknown_leader_epoch;
  if (!is_leader()) return ErrorCode::not_leader_or_follower;
  return ErrorCode::none;
}

std::optional<OffsetAndEpoch> Raft::divergence(const ReplicaFetch& fetch) const {
  // A new replica starts from an empty log, which agrees with every log that still has its first
  // record.
  if (fetch.fetch_offset == Offset{0} && fetch.last_fetched_epoch == LeaderEpoch{0} &&
      log_.start_offset() == Offset{0}) {
    return std::nullopt;
  }
  const OffsetAndEpoch ours = log_.end_offset_for_epoch(fetch.last_fetched_epoch);
  if (ours.epoch == fetch.last_fetched_epoch && ours.offset >= fetch.fetch_offset)
    return std::nullopt;
  return ours;
}

FetchReply Raft::reply_now(protocol::ErrorCode error) const {
  return {
      .top_level_error = protocol::ErrorCode::none,
      .error = error,
      .leader = leader_,
      .high_watermark = is_leader() && progress_->high_watermark() ? high_watermark_ : no_offset,
      .log_start_offset = log_.start_offset(),
      .diverging = std::nullopt,
      .records = {}};
}

Effects Raft::on_fetch(FetchId id, const ReplicaFetch& fetch, Instant now) {
  using protocol::ErrorCode;
  Effects effects;
  if (fetch.cluster_id && *fetch.cluster_id != config_.cluster_id) {
    FetchReply reply;
    reply.top_level_error = ErrorCode::inconsistent_cluster_id;
    effects.push_back(ReplyToFetch{id, std::move(reply), std::nullopt, 0});
    return effects;
  }
  if (const ErrorCode error = check_fetch(fetch); error != ErrorCode::none) {
    effects.push_back(ReplyToFetch{id, reply_now(error), std::nullopt, 0});
    return effects;
  }
  if (const auto diverging = divergence(fetch)) {
    FetchReply reply = reply_now(ErrorCode::none);
    reply.diverging = diverging;
    effects.push_back(ReplyToFetch{id, std::move(reply), std::nullopt, 0});
    return effects;
  }

  if (fetch.replica.id != no_broker) {
    progress_->update_replica(fetch.replica, fetch.fetch_offset, log_.end_offset(), now);
    publish_high_watermark(effects);
    release_parked(now, effects);
  }
  const auto told = told_high_watermark_.find(fetch.replica);
  const Offset known = fetch.high_watermark                 ? *fetch.high_watermark
                       : told != told_high_watermark_.end() ? told->second
                                                            : no_offset;
  const bool has_news = log_.end_offset() > fetch.fetch_offset ||
                        (progress_->high_watermark() && high_watermark_ > known);
  if (has_news || fetch.max_wait <= Duration{}) {
    reply_with_log(id, fetch, effects);
  } else {
    parked_.emplace(id, ParkedFetch{fetch, known, now + fetch.max_wait});
  }
  return effects;
}

void Raft::reply_with_log(FetchId id, const ReplicaFetch& fetch, Effects& effects) {
  FetchReply reply = reply_now(protocol::ErrorCode::none);
  told_high_watermark_[fetch.replica] = reply.high_watermark;
  std::optional<Offset> read_from;
  if (log_.end_offset() > fetch.fetch_offset) read_from = fetch.fetch_offset;
  effects.push_back(ReplyToFetch{id, std::move(reply), read_from, fetch.bytes_max});
}

void Raft::release_parked(Instant now, Effects& effects) {
  for (auto it = parked_.begin(); it != parked_.end();) {
    const ParkedFetch& parked = it->second;
    const bool has_news = log_.end_offset() > parked.fetch.fetch_offset ||
                          (progress_->high_watermark() && high_watermark_ > parked.high_watermark);
    if (!has_news && now < parked.deadline) {
      ++it;
      continue;
    }
    reply_with_log(it->first, parked.fetch, effects);
    it = parked_.erase(it);
  }
}

void Raft::publish_high_watermark(Effects& effects) {
  const auto high_watermark = progress_->high_watermark();
  if (!high_watermark || *high_watermark <= high_watermark_) return;
  high_watermark_ = *high_watermark;
  effects.push_back(HighWatermarkAdvanced{high_watermark_});
}

std::vector<ReplicaStatus> Raft::voters(Instant now) const {
  return progress_ && is_leader() ? progress_->voters(now) : std::vector<ReplicaStatus>{};
}

std::vector<ReplicaStatus> Raft::observers(Instant now) const {
  return progress_ && is_leader() ? progress_->observers(now) : std::vector<ReplicaStatus>{};
}

// Time.

std::optional<Instant> Raft::deadline() const {
  std::optional<Instant> earliest;
  const auto consider = [&earliest](std::optional<Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  for (const auto& [id, parked] : parked_) consider(parked.deadline);
  consider(retry_at_);
  consider(fetch_timeout_at_);
  if (sent_) consider(sent_->deadline);
  return earliest;
}

Effects Raft::on_time(Instant now) {
  Effects effects;
  if (role_ == Role::leader) {
    release_parked(now, effects);
    return effects;
  }
  if (sent_ && now >= sent_->deadline) {
    sent_.reset();
    back_off(now);
  }
  if (role_ == Role::follower && fetch_timeout_at_ && now >= *fetch_timeout_at_) {
    // The leader has been silent: ask the voters who leads now.
    sent_.reset();
    role_ = Role::unattached;
    fetch_timeout_at_.reset();
    if (!awaiting_log_change_) back_off(now);
  }
  if (retry_at_ && now >= *retry_at_) {
    retry_at_.reset();
    send_fetch(now, effects);
  }
  return effects;
}

}  // namespace ottla::raft
