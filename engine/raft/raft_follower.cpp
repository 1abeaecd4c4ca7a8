// The fetching side of Raft: an observer, or a voter that follows.
#include <algorithm>

#include "engine/raft/raft.h"

namespace ottla::raft {

using protocol::ErrorCode;

bool Raft::step(Follower& role, Instant now, Effects& effects) {
  const bool is_over = role.fetch_until && now >= *role.fetch_until;
  if (is_voter() && shutting_down_) {
    role.fetch_until.reset();
    return false;
  }
  if (is_over && is_voter()) {
    become_prospective(now, effects);
    return true;
  }
  if (tells_of_itself() && now >= role.update_voter_at) send_update_voter(role, now, effects);
  // An observer stays with the leader it knows, but asks everybody whether there is another.
  if (is_over) role.fetch_until.reset();
  if (!role.fetch_until || leader_timed_out_ || peers_.is_backing_off(leader_.leader)) {
    send_fetch_to_any(now, effects);
  } else if (role.incoming) {
    send_snapshot_fetch(*role.incoming, now, effects);
  } else {
    send_fetch(leader_.leader, now, effects);
  }
  return false;
}

// One fetch at a time, whomever it goes to.
bool Raft::may_fetch() const {
  const bool unsynced = keeps_synced() && synced_end_ < log_.end_offset();
  return !peers_.any_in_flight() && !awaiting_log_change_ && !unsynced;
}

void Raft::send_snapshot_fetch(const Follower::Incoming& incoming, Instant now, Effects& effects) {
  if (!may_fetch()) return;
  const BrokerId to = leader_.leader;
  effects.push_back(SendSnapshotFetch{peers_.send(to, now), to,
                                      SnapshotFetch{.cluster_id = config_.cluster_id,
                                                    .replica = config_.local,
                                                    .current_leader_epoch = leader_.epoch,
                                                    .snapshot = incoming.snapshot,
                                                    .position = incoming.position,
                                                    .bytes_max = config_.fetch_bytes_max}});
}

void Raft::send_fetch(BrokerId to, Instant now, Effects& effects) {
  if (!may_fetch()) return;
  // The first answer of a leader tells its watermark, and shall not wait for other news.
  const auto* follower = std::get_if<Follower>(&role_);
  const bool may_wait = follower != nullptr && follower->has_fetched;
  leader_timed_out_ = false;
  effects.push_back(
      SendFetch{peers_.send(to, now), to,
                ReplicaFetch{.cluster_id = config_.cluster_id,
                             .replica = config_.local,
                             .current_leader_epoch = leader_.epoch,
                             .fetch_offset = log_.end_offset(),
                             .last_fetched_epoch = log_.last_epoch(),
                             .high_watermark = high_watermark_,
                             .max_wait = may_wait ? config_.fetch_wait_max : Duration{},
                             .bytes_max = config_.fetch_bytes_max}});
}

void Raft::send_fetch_to_any(Instant now, Effects& effects) {
  std::vector<BrokerId> ready;
  for (const BrokerId voter : config_.bootstrap) {
    if (voter != config_.local.id && peers_.is_ready(voter)) ready.push_back(voter);
  }
  if (!ready.empty() && !peers_.any_in_flight())
    send_fetch(ready[random_.below(ready.size())], now, effects);
}

Effects Raft::on_reply(RequestId request, const FetchReply& reply, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  if (reply.top_level_error == ErrorCode::inconsistent_cluster_id) {
    break_off("the controller belongs to a cluster of another id", effects);
    return effects;
  }
  const LeaderAndEpoch before = leader_;
  Common common = Common::back_off;
  if (reply.top_level_error == ErrorCode::none)
    common = handle_common({reply.top_level_error, reply.error, reply.leader}, now, effects);
  auto* follower = std::get_if<Follower>(&role_);
  const bool is_taken =
      common == Common::not_handled && reply.error == ErrorCode::none && follower != nullptr;
  // An answer that taught nothing would be the same if it were asked for again at once.
  const bool teaches = common == Common::handled && leader_ != before;
  is_taken || teaches ? peers_.succeeded(*from) : peers_.failed(*from, now);
  if (is_taken) {
    follower->has_fetched = true;
    follower->fetch_until = now + config_.fetch_timeout;
    take_records(reply, effects);
  }
  settle(now, effects);
  return effects;
}

void Raft::take_records(const FetchReply& reply, Effects& effects) {
  leader_high_watermark_ = std::max(leader_high_watermark_, reply.high_watermark);
  if (reply.snapshot) return begin_snapshot(*reply.snapshot, effects);
  if (reply.diverging) return truncate_to_divergence(*reply.diverging, effects);
  if (reply.records.empty()) return follow_high_watermark(effects);
  awaiting_log_change_ = true;
  effects.push_back(AppendToLog{reply.records});
}

void Raft::begin_snapshot(const OffsetAndEpoch& snapshot, Effects& effects) {
  if (log_.snapshot_size(snapshot) || snapshot.offset < high_watermark_) return;
  std::get<Follower>(role_).incoming = Follower::Incoming{snapshot};
  effects.push_back(BeginSnapshot{snapshot});
}

Effects Raft::on_reply(RequestId request, const SnapshotChunk& chunk, Instant now) {
  Effects effects;
  const auto from = peers_.expected(request);
  if (!from) return effects;
  Common common = Common::back_off;
  if (chunk.top_level_error == ErrorCode::none) common = handle_common(chunk, now, effects);
  auto* follower = std::get_if<Follower>(&role_);
  const bool is_gone = chunk.error == ErrorCode::snapshot_not_found ||
                       chunk.error == ErrorCode::position_out_of_range;
  const bool is_taken = common == Common::not_handled && follower != nullptr &&
                        (chunk.error == ErrorCode::none || is_gone);
  is_taken || common == Common::handled ? peers_.succeeded(*from) : peers_.failed(*from, now);
  if (is_taken) {
    follower->has_fetched = true;
    follower->fetch_until = now + config_.fetch_timeout;
    // The leader may have a newer one by now: ask what to fetch.
    is_gone ? follower->incoming.reset() : take_chunk(*follower, chunk, effects);
  }
  settle(now, effects);
  return effects;
}

void Raft::take_chunk(Follower& follower, const SnapshotChunk& chunk, Effects& effects) {
  auto& incoming = follower.incoming;
  if (!incoming || chunk.snapshot != incoming->snapshot || chunk.position != incoming->position ||
      chunk.bytes.empty()) {
    return incoming.reset();
  }
  incoming->position += static_cast<std::int64_t>(chunk.bytes.size());
  effects.push_back(AppendToSnapshot{chunk.snapshot, chunk.bytes});
  if (incoming->position < chunk.size) return;
  incoming.reset();
  awaiting_log_change_ = true;
  effects.push_back(InstallSnapshot{chunk.snapshot});
}

void Raft::truncate_to_divergence(const OffsetAndEpoch& diverging, Effects& effects) {
  const OffsetAndEpoch ours = log_.end_offset_for_epoch(diverging.epoch);
  const Offset end =
      ours.epoch == diverging.epoch ? std::min(ours.offset, diverging.offset) : ours.offset;
  if (end < high_watermark_) {
    return break_off("the leader's log ends at offset " + std::to_string(end.value()) +
                         ", below the high watermark " + std::to_string(high_watermark_.value()),
                     effects);
  }
  awaiting_log_change_ = true;
  effects.push_back(TruncateLog{end});
}

void Raft::follow_high_watermark(Effects& effects) {
  const Offset reached = std::min(leader_high_watermark_, log_.end_offset());
  if (reached <= high_watermark_) return;
  high_watermark_ = reached;
  effects.push_back(HighWatermarkAdvanced{high_watermark_});
}

}  // namespace ottla::raft
