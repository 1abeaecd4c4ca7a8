// The leading side of Raft: serves the log to who fetches it, and says what is committed.
#include <algorithm>

#include "engine/raft/raft.h"

namespace ottla::raft {

using protocol::ErrorCode;

ErrorCode Raft::check_leader_epoch(LeaderEpoch epoch) const {
  if (epoch < leader_.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > leader_.epoch) return ErrorCode::unknown_leader_epoch;
  return is_leader() ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

ErrorCode Raft::check_fetch(const ReplicaFetch& fetch) const {
  if (fetch.max_wait < Duration{} || fetch.fetch_offset < Offset{0} ||
      fetch.last_fetched_epoch < LeaderEpoch{0} ||
      fetch.last_fetched_epoch > fetch.current_leader_epoch) {
    return ErrorCode::invalid_request;
  }
  return check_leader_epoch(fetch.current_leader_epoch);
}

// What the log no longer has, a snapshot stands for; and a replica that has nothing is better off
// with one in any case.
std::optional<OffsetAndEpoch> Raft::needed_snapshot(const ReplicaFetch& fetch) const {
  const auto latest = log_.latest_snapshot();
  if (!latest || *latest == empty_snapshot) return std::nullopt;
  if (fetch.fetch_offset == Offset{0}) return latest;
  const OffsetAndEpoch earliest = log_.earliest_snapshot().value_or(*latest);
  const bool is_below_start =
      fetch.fetch_offset < log_.start_offset() ||
      (fetch.fetch_offset == log_.start_offset() && fetch.last_fetched_epoch != earliest.epoch);
  const bool is_gone = is_below_start || fetch.last_fetched_epoch < earliest.epoch;
  return is_gone ? latest : std::nullopt;
}

std::optional<OffsetAndEpoch> Raft::divergence(const ReplicaFetch& fetch) const {
  // A new replica starts from an empty log, which agrees with every log that still has its first
  // record.
  if (fetch.fetch_offset == Offset{0} && log_.start_offset() == Offset{0}) return std::nullopt;
  const OffsetAndEpoch ours = log_.end_offset_for_epoch(fetch.last_fetched_epoch);
  if (ours.epoch == fetch.last_fetched_epoch && ours.offset >= fetch.fetch_offset)
    return std::nullopt;
  return ours;
}

FetchReply Raft::reply_now(ErrorCode error) const {
  const auto* leader = std::get_if<Leader>(&role_);
  const bool committed = error == ErrorCode::none && leader != nullptr &&
                         leader->progress.high_watermark().has_value();
  return {.top_level_error = ErrorCode::none,
          .error = error,
          .leader = leader_,
          .high_watermark = committed ? high_watermark_ : no_offset,
          .log_start_offset = log_.start_offset(),
          .diverging = std::nullopt,
          .snapshot = std::nullopt,
          .records = {}};
}

Effects Raft::on_request(AskId ask, const ReplicaFetch& fetch, Instant now) {
  Effects effects;
  if (is_foreign(fetch.cluster_id)) {
    FetchReply reply;
    reply.top_level_error = ErrorCode::inconsistent_cluster_id;
    effects.push_back(ReplyToFetch{ask, std::move(reply), std::nullopt, 0});
  } else if (const ErrorCode error = check_fetch(fetch); error != ErrorCode::none) {
    effects.push_back(ReplyToFetch{ask, reply_now(error), std::nullopt, 0});
  } else if (const auto snapshot = needed_snapshot(fetch)) {
    FetchReply reply = reply_now(ErrorCode::none);
    reply.snapshot = snapshot;
    effects.push_back(ReplyToFetch{ask, std::move(reply), std::nullopt, 0});
  } else if (const auto diverging = divergence(fetch)) {
    FetchReply reply = reply_now(ErrorCode::none);
    reply.diverging = diverging;
    effects.push_back(ReplyToFetch{ask, std::move(reply), std::nullopt, 0});
  } else {
    take_fetch(ask, fetch, now, effects);
    if (std::get<Leader>(role_).is_to_resign) settle(now, effects);
  }
  return effects;
}

Effects Raft::on_request(AskId ask, const SnapshotFetch& fetch, Instant now) {
  SnapshotChunk chunk;
  if (is_foreign(fetch.cluster_id)) {
    chunk.top_level_error = ErrorCode::inconsistent_cluster_id;
    return {ReplyWithSnapshot{ask, std::move(chunk), 0}};
  }
  static_cast<QuorumAnswer&>(chunk) = answer_now(check_leader_epoch(fetch.current_leader_epoch));
  const auto size = log_.snapshot_size(fetch.snapshot);
  if (chunk.error == ErrorCode::none && (!size || fetch.snapshot == empty_snapshot))
    chunk.error = ErrorCode::snapshot_not_found;
  if (chunk.error == ErrorCode::none && (fetch.position < 0 || fetch.position >= *size))
    chunk.error = ErrorCode::position_out_of_range;
  if (chunk.error != ErrorCode::none) return {ReplyWithSnapshot{ask, std::move(chunk), 0}};
  count_for_quorum(fetch.replica, now);
  chunk.snapshot = fetch.snapshot;
  chunk.size = *size;
  chunk.position = fetch.position;
  return {ReplyWithSnapshot{ask, std::move(chunk), std::max(fetch.bytes_max, 1)}};
}

// Where the log says who votes, a lone voter shows what a power loss leaves it, and no more: it may
// just have removed the one whose vote it would need if it lost that, and that one would refuse it
// for its shorter log.
Offset Raft::readable_end() const {
  const bool is_logged = log_.voter_history().last() != nullptr;
  return is_logged && is_lone_voter() ? std::min(synced_end_, log_.end_offset())
                                      : log_.end_offset();
}

void Raft::take_fetch(AskId ask, const ReplicaFetch& fetch, Instant now, Effects& effects) {
  auto& progress = std::get<Leader>(role_).progress;
  if (fetch.replica.id != no_broker && fetch.replica.id != config_.local.id) {
    progress.update_replica(fetch.replica, fetch.fetch_offset, log_.end_offset(), now);
    count_for_quorum(fetch.replica, now);
    publish_high_watermark(effects);
    release_parked(now, effects);
  }
  const auto told = told_high_watermark_.find(fetch.replica);
  const Offset known = fetch.high_watermark                 ? *fetch.high_watermark
                       : told != told_high_watermark_.end() ? told->second
                                                            : no_offset;
  const bool has_news =
      readable_end() > fetch.fetch_offset || (progress.high_watermark() && high_watermark_ > known);
  if (has_news || fetch.max_wait == Duration{}) {
    reply_with_log(ask, fetch, effects);
  } else {
    parked_.emplace(ask, ParkedFetch{fetch, known, now + fetch.max_wait});
  }
}

// A leader that a majority fetches from stays one for another while. It counts itself, if it is a
// voter still.
void Raft::count_for_quorum(const ReplicaKey& replica, Instant now) {
  if (!voter_set().contains(replica)) return;
  auto& leader = std::get<Leader>(role_);
  leader.fetched.insert(replica.id);
  const std::size_t majority = voter_set().size() / 2 + 1;
  if (leader.fetched.size() < majority - (is_voter() ? 1 : 0)) return;
  leader.fetched.clear();
  leader.check_quorum_at = now + config_.fetch_timeout + config_.fetch_timeout / 2;
}

void Raft::reply_with_log(AskId ask, const ReplicaFetch& fetch, Effects& effects) {
  FetchReply reply = reply_now(ErrorCode::none);
  told_high_watermark_[fetch.replica] = reply.high_watermark;
  std::optional<Offset> read_from;
  const Offset end = readable_end();
  if (end > fetch.fetch_offset) read_from = fetch.fetch_offset;
  effects.push_back(ReplyToFetch{ask, std::move(reply), read_from, fetch.bytes_max, end});
}

void Raft::release_parked(Instant now, Effects& effects) {
  const bool committed = std::get<Leader>(role_).progress.high_watermark().has_value();
  for (auto it = parked_.begin(); it != parked_.end();) {
    const ParkedFetch& parked = it->second;
    const bool has_news = readable_end() > parked.fetch.fetch_offset ||
                          (committed && high_watermark_ > parked.high_watermark);
    if (!has_news && now < parked.deadline) {
      ++it;
      continue;
    }
    reply_with_log(it->first, parked.fetch, effects);
    it = parked_.erase(it);
  }
}

void Raft::refuse_parked(Effects& effects) {
  end_voter_change({ErrorCode::not_leader_or_follower, {}}, effects);
  for (const auto& [ask, parked] : parked_) {
    effects.push_back(
        ReplyToFetch{ask, reply_now(ErrorCode::not_leader_or_follower), std::nullopt, 0});
  }
  parked_.clear();
  told_high_watermark_.clear();
}

void Raft::publish_high_watermark(Effects& effects) {
  const auto high_watermark = std::get<Leader>(role_).progress.high_watermark();
  if (!high_watermark || *high_watermark <= high_watermark_) return;
  high_watermark_ = *high_watermark;
  effects.push_back(HighWatermarkAdvanced{high_watermark_});
  finish_voter_change(effects);
}

std::vector<ReplicaStatus> Raft::voters(Instant now) const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr ? leader->progress.voters(now) : std::vector<ReplicaStatus>{};
}

std::vector<ReplicaStatus> Raft::observers(Instant now) const {
  const auto* leader = std::get_if<Leader>(&role_);
  return leader != nullptr ? leader->progress.observers(now) : std::vector<ReplicaStatus>{};
}

}  // namespace ottla::raft
