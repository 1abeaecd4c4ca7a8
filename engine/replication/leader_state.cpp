#include "engine/replication/leader_state.h"

#include <algorithm>
#include <iterator>

#include "engine/base/assert.h"
#include "engine/base/planted.h"

namespace ottla::replication {
namespace {

using protocol::ErrorCode;

std::vector<BrokerId> sorted(std::vector<BrokerId> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::binary_search(ids.begin(), ids.end(), id);
}

std::vector<BrokerId> united(const std::vector<BrokerId>& a, const std::vector<BrokerId>& b) {
  std::vector<BrokerId> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

}  // namespace

LeaderState::LeaderState(LeaderSettings settings, const Leadership& leadership, Offset log_end,
                         Offset high_watermark, Instant now)
    : settings_(settings),
      leader_epoch_(leadership.leader_epoch),
      partition_epoch_(leadership.partition_epoch),
      isr_(sorted(leadership.isr)),
      maximal_isr_(isr_),
      log_end_(log_end),
      epoch_start_(log_end),
      high_watermark_(std::min(high_watermark, log_end)) {
  set_replicas(leadership, now);
}

void LeaderState::set_replicas(const Leadership& leadership, Instant now) {
  std::map<BrokerId, FollowerProgress> kept;
  for (const BrokerId id : leadership.replicas) {
    if (id == settings_.self) continue;
    const auto at = followers_.find(id);
    FollowerProgress progress = at != followers_.end() ? at->second : FollowerProgress();
    progress.broker = id;
    // A member gets the benefit of the doubt for one lag time, whatever it has fetched before.
    if (at == followers_.end() && contains(isr_, id)) progress.last_caught_up = now;
    kept.emplace(id, progress);
  }
  followers_ = std::move(kept);
}

void LeaderState::adopt(const Leadership& leadership) {
  OTTLA_ASSERT(leadership.leader_epoch == leader_epoch_);
  if (leadership.partition_epoch <= partition_epoch_) return;
  partition_epoch_ = leadership.partition_epoch;
  isr_ = sorted(leadership.isr);
  maximal_isr_ = isr_;
  proposal_.reset();
  set_replicas(leadership, Instant());
}

bool LeaderState::appended(Offset log_end, Instant now, const Eligibility& eligibility) {
  OTTLA_ASSERT(log_end >= log_end_);
  log_end_ = log_end;
  return advance_high_watermark(now, eligibility);
}

bool LeaderState::in_sync(const FollowerProgress& follower) const {
  if (planted(Plant::never_expand_isr)) return false;
  return follower.log_end_offset >= high_watermark_ && follower.log_end_offset >= epoch_start_;
}

std::optional<LeaderState::FetchOutcome> LeaderState::fetched(BrokerId follower,
                                                              BrokerEpoch broker_epoch,
                                                              Offset fetch_offset, Offset log_start,
                                                              Instant now,
                                                              const Eligibility& eligibility) {
  const auto at = followers_.find(follower);
  if (at == followers_.end()) return std::nullopt;
  FollowerProgress& progress = at->second;
  FetchOutcome outcome;
  outcome.log_start_moved = progress.log_start_offset != log_start;
  progress.record_fetch(fetch_offset, log_end_, now);
  progress.log_start_offset = log_start;
  progress.broker_epoch = broker_epoch;

  const bool may_join = !proposal_ && !contains(isr_, follower) && in_sync(progress) &&
                        eligibility.may_join_isr(follower, broker_epoch);
  if (may_join) outcome.proposal = propose(united(isr_, {follower}));
  outcome.high_watermark_moved = advance_high_watermark(now, eligibility);
  return outcome;
}

std::optional<IsrProposal> LeaderState::shrink_laggards(Instant now) {
  if (proposal_) return std::nullopt;
  std::vector<BrokerId> stay;
  for (const BrokerId id : isr_) {
    const auto at = followers_.find(id);
    const bool lags =
        at != followers_.end() && !at->second.caught_up(log_end_, now, settings_.lag_time_max);
    if (!lags) stay.push_back(id);
  }
  if (stay.size() == isr_.size()) return std::nullopt;
  return propose(std::move(stay));
}

IsrProposal LeaderState::propose(std::vector<BrokerId> isr) {
  maximal_isr_ = united(isr_, isr);
  proposal_ = IsrProposal{std::move(isr), partition_epoch_, leader_epoch_};
  return *proposal_;
}

void LeaderState::proposal_accepted(const std::vector<BrokerId>& isr,
                                    PartitionEpoch partition_epoch) {
  if (!proposal_ || partition_epoch < partition_epoch_) return;
  isr_ = sorted(isr);
  maximal_isr_ = isr_;
  partition_epoch_ = partition_epoch;
  proposal_.reset();
}

bool LeaderState::proposal_refused(ErrorCode error) {
  if (!proposal_) return false;
  switch (error) {
    case ErrorCode::operation_not_attempted:
    case ErrorCode::ineligible_replica:
      // The controller kept the committed set, and so does this.
      maximal_isr_ = isr_;
      proposal_.reset();
      return false;
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      // Someone else has decided; the metadata log will tell. Until then the maximal set stays, so
      // that nothing is acknowledged on a guess.
      return false;
    default: return true;
  }
}

bool LeaderState::advance_high_watermark(Instant now, const Eligibility& eligibility) {
  if (static_cast<std::int32_t>(isr_.size()) < effective_min_isr()) return false;
  Offset candidate = log_end_;
  for (const auto& [id, follower] : followers_) {
    if (follower.log_end_offset >= candidate) continue;
    // One that is about to join is waited for, or it could never catch up with a busy leader.
    const bool may_join = follower.has_fetched() &&
                          follower.caught_up(log_end_, now, settings_.lag_time_max) &&
                          eligibility.may_join_isr(id, follower.broker_epoch);
    if (planted(Plant::high_watermark_of_fastest)) continue;
    const bool waited_for = may_join || contains(maximal_isr_, id);
    if (waited_for) candidate = follower.log_end_offset;
  }
  if (candidate <= high_watermark_) return false;
  high_watermark_ = candidate;
  return true;
}

std::int32_t LeaderState::effective_min_isr() const {
  return std::min(settings_.min_insync_replicas, static_cast<std::int32_t>(followers_.size()) + 1);
}

ErrorCode LeaderState::admits_acks_all() const {
  const bool enough = static_cast<std::int32_t>(isr_.size()) >= effective_min_isr();
  return enough ? ErrorCode::none : ErrorCode::not_enough_replicas;
}

ErrorCode LeaderState::acknowledges_acks_all() const {
  const bool enough = static_cast<std::int32_t>(maximal_isr_.size()) >= effective_min_isr();
  return enough ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append;
}

Offset LeaderState::low_watermark(Offset own_log_start, const Eligibility& eligibility) const {
  Offset low = own_log_start;
  for (const auto& [id, follower] : followers_) {
    if (follower.log_start_offset < low && eligibility.is_alive(id))
      low = follower.log_start_offset;
  }
  return low;
}

}  // namespace ottla::replication
