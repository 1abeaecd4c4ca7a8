// The fetching side of Raft: an observer, or a voter that follows.
#include <algorithm>

#include "engine/base/assert.h"
#include "engine/raft/raft.h"

namespace ottla::raft {

using protocol::ErrorCode;

void Raft::send_fetch(Instant now, Effects& effects) {
  if (sent_ || awaiting_log_change_ || role_ == Role::leader) return;
  retry_at_.reset();
  BrokerId to = leader_.leader;
  if (role_ == Role::unattached) {
    to = config_.voters[next_bootstrap_++ % config_.voters.size()];
    if (to == config_.local.id && config_.voters.size() > 1) {
      to = config_.voters[next_bootstrap_++ % config_.voters.size()];
    }
  }
  // The first answer of a leader tells its watermark, and shall not wait for other news.
  const bool may_wait = role_ == Role::follower && leader_answered_;
  const RequestId request{next_request_++};
  sent_ = SentFetch{request, to, now + config_.request_timeout};
  effects.push_back(
      SendFetch{request, to,
                ReplicaFetch{.cluster_id = config_.cluster_id,
                             .replica = config_.local,
                             .current_leader_epoch = leader_.epoch,
                             .fetch_offset = log_.end_offset(),
                             .last_fetched_epoch = log_.last_epoch(),
                             .high_watermark = high_watermark_,
                             .max_wait = may_wait ? config_.fetch_wait_max : Duration{},
                             .bytes_max = config_.fetch_bytes_max}});
}

Effects Raft::on_request_failed(RequestId request, Instant now) {
  if (sent_ && sent_->request == request) {
    sent_.reset();
    back_off(now);
  }
  return {};
}

// Whether the reply's records, if any, may be taken: it must come from the leader of the epoch that
// this node is in, as of now.
bool Raft::learn_leader(const FetchReply& reply, Instant now, Effects& effects) {
  if (reply.leader.epoch < leader_.epoch) return false;
  if (reply.leader.epoch > leader_.epoch) {
    if (reply.leader.leader == no_broker) {
      become_unattached(reply.leader.epoch, now, effects);
    } else {
      become_follower(reply.leader, now, effects);
    }
    return false;
  }
  if (reply.leader.leader == no_broker) return false;
  if (role_ == Role::unattached && reply.leader.leader != config_.local.id) {
    // The same epoch's leader, which we did not know, or that went silent and is back.
    const bool answers_itself = reply.error == ErrorCode::none;
    if (!answers_itself) {
      become_follower(reply.leader, now, effects);
      return false;
    }
    role_ = Role::follower;
    if (leader_ != reply.leader) {
      leader_ = reply.leader;
      persist(effects);
      effects.push_back(LeaderChanged{leader_, false});
    }
  }
  return role_ == Role::follower;
}

Effects Raft::on_fetch_reply(RequestId request, const FetchReply& reply, Instant now) {
  Effects effects;
  if (!sent_ || sent_->request != request) return effects;  // Given up before.
  sent_.reset();
  if (reply.top_level_error == ErrorCode::inconsistent_cluster_id) {
    effects.push_back(QuorumBroken{"the controller belongs to a cluster of another id"});
    return effects;
  }
  if (reply.top_level_error != ErrorCode::none) {
    back_off(now);
    return effects;
  }
  const bool from_leader = learn_leader(reply, now, effects);
  if (from_leader && reply.error == ErrorCode::none) {
    fetch_timeout_at_ = now + config_.fetch_timeout;
    take_records(reply, now, effects);
  } else if (!sent_) {
    back_off(now);
  }
  return effects;
}

void Raft::take_records(const FetchReply& reply, Instant now, Effects& effects) {
  leader_answered_ = true;
  leader_high_watermark_ = std::max(leader_high_watermark_, reply.high_watermark);
  if (reply.diverging) {
    truncate_to_divergence(*reply.diverging, effects);
    return;
  }
  if (!reply.records.empty()) {
    awaiting_log_change_ = true;
    effects.push_back(AppendToLog{reply.records});
    return;
  }
  follow_high_watermark(effects);
  send_fetch(now, effects);
}

void Raft::truncate_to_divergence(const OffsetAndEpoch& diverging, Effects& effects) {
  const OffsetAndEpoch ours = log_.end_offset_for_epoch(diverging.epoch);
  const Offset end =
      ours.epoch == diverging.epoch ? std::min(ours.offset, diverging.offset) : ours.offset;
  if (end < high_watermark_) {
    effects.push_back(QuorumBroken{"the leader's log ends at offset " +
                                   std::to_string(end.value()) + ", below the high watermark " +
                                   std::to_string(high_watermark_.value())});
    return;
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
