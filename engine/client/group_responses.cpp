// What a GroupMember does with the coordinator's answers.
#include <algorithm>
#include <utility>

#include "engine/client/group_member.h"
#include "engine/coordinator/assignors/assignor.h"
#include "engine/coordinator/consumer_protocol.h"
#include "engine/protocol/messages/find_coordinator_response.h"
#include "engine/protocol/messages/heartbeat_response.h"
#include "engine/protocol/messages/offset_commit_response.h"
#include "engine/protocol/messages/offset_fetch_response.h"
#include "engine/protocol/messages/sync_group_response.h"

namespace ottla::client {

using protocol::ErrorCode;

bool GroupMember::on_completion(const wire::Completion& completion, Instant now) {
  if (completion.token.value() < first_token_) return false;
  const std::uint64_t index = completion.token.value() - first_token_;
  if (index >= ask_count) return false;
  asking_[static_cast<std::size_t>(index)] = false;
  const auto what = static_cast<Ask>(index);
  if (what != Ask::find && what != Ask::leave && !completion.response) lose_coordinator(now);
  switch (what) {
    case Ask::find: take_coordinator(completion, now); break;
    case Ask::join: take_join(completion, now); break;
    case Ask::sync: take_sync(completion, now); break;
    case Ask::heartbeat: take_heartbeat(completion, now); break;
    case Ask::leave: left_ = leaving_; break;
    case Ask::commit: take_commit(completion, now); break;
    case Ask::offsets: take_offsets(completion, now); break;
  }
  return true;
}

bool GroupMember::take_error(ErrorCode error, Instant now) {
  last_error_ = error == ErrorCode::none ? "" : protocol::name(error);
  switch (error) {
    case ErrorCode::coordinator_not_available:
    case ErrorCode::not_coordinator: lose_coordinator(now); return true;
    case ErrorCode::unknown_member_id: reset_generation(true); return true;
    case ErrorCode::illegal_generation: reset_generation(false); return true;
    case ErrorCode::rebalance_in_progress:
      rejoin_wanted_ = true;
      join_reason_ = "group is already rebalancing";
      return true;
    default: return false;
  }
}

void GroupMember::take_coordinator(const wire::Completion& completion, Instant now) {
  const auto response = wire::decode_response<protocol::FindCoordinatorResponse>(completion);
  if (!response) return retry_later(now);
  ErrorCode error = response->error_code;
  if (!response->coordinators.empty()) error = response->coordinators.front().error_code;
  if (error != ErrorCode::none || response->coordinators.empty()) {
    last_error_ = protocol::name(error);
    return retry_later(now);
  }
  const auto& found = response->coordinators.front();
  coordinator_ = Endpoint{found.host, static_cast<std::uint16_t>(found.port)};
  session_deadline_ = now + config_.session_timeout;
  failures_ = 0;
}

void GroupMember::take_join(const wire::Completion& completion, Instant now) {
  if (phase_ != Phase::joining) return;
  phase_ = Phase::unjoined;
  const auto response = wire::decode_response<protocol::JoinGroupResponse>(completion);
  if (!response) return;
  const ErrorCode error = response->error_code;
  if (error == ErrorCode::member_id_required) {
    // Known to the coordinator from now on, so that a lost answer leaves no member behind
    // (KIP-394).
    member_id_ = response->member_id;
    if (!leaving_) send_join(now);
    return;
  }
  if (take_error(error, now)) return;
  if (error != ErrorCode::none) return retry_later(now);
  member_id_ = response->member_id;
  generation_ = response->generation_id;
  failures_ = 0;
  rejoin_wanted_ = false;
  join_reason_.clear();
  if (leaving_) return send_leave(now);
  session_deadline_ = now + config_.session_timeout;
  next_heartbeat_ = now + config_.heartbeat_interval;
  send_sync(response->leader == response->member_id ? &*response : nullptr, now);
}

void GroupMember::take_sync(const wire::Completion& completion, Instant now) {
  if (phase_ != Phase::syncing) return;
  phase_ = Phase::unjoined;
  rejoin_wanted_ = true;
  const auto response = wire::decode_response<protocol::SyncGroupResponse>(completion);
  if (!response) return;
  if (take_error(response->error_code, now)) return;
  if (response->error_code != ErrorCode::none) return retry_later(now);
  take_assignment(response->assignment, now);
}

void GroupMember::take_assignment(const Bytes& assignment, Instant now) {
  const auto decoded = coordinator::decode_assignment(assignment);
  if (!decoded) {
    last_error_ = protocol::name(ErrorCode::inconsistent_group_protocol);
    return retry_later(now);
  }
  for (const auto& [topic, partitions] : coordinator::to_share(*decoded)) {
    for (const PartitionIndex partition : partitions) owned_[{topic, partition}];
  }
  phase_ = Phase::stable;
  rejoin_wanted_ = false;
  ++rebalances_;
  poll_deadline_ = now + config_.max_poll_interval;
  next_commit_ = now + config_.auto_commit_interval;
  offsets_not_before_ = now;
}

void GroupMember::take_heartbeat(const wire::Completion& completion, Instant now) {
  const auto response = wire::decode_response<protocol::HeartbeatResponse>(completion);
  if (!is_current(Ask::heartbeat)) return;
  if (!response) {
    next_heartbeat_ = now + Duration::millis(100);  // retry.backoff.ms
    return;
  }
  if (response->error_code == ErrorCode::none ||
      response->error_code == ErrorCode::rebalance_in_progress) {
    session_deadline_ = now + config_.session_timeout;
  }
  // A rebalance is answered by the application's next poll.
  take_error(response->error_code, now);
}

void GroupMember::take_commit(const wire::Completion& completion, Instant now) {
  const auto response = wire::decode_response<protocol::OffsetCommitResponse>(completion);
  ErrorCode worst = response ? ErrorCode::none : ErrorCode::network_exception;
  if (response) {
    for (const auto& topic : response->topics) {
      for (const auto& partition : topic.partitions) {
        if (partition.error_code != ErrorCode::none) worst = partition.error_code;
      }
    }
  }
  if (!is_current(Ask::commit)) return;
  if (response) take_error(worst, now);
  const bool retriable = protocol::is_retriable(worst);
  if (phase_ == Phase::committing) {
    if (last_commit_sent_) finish_commit(retriable, now);
    return;
  }
  if (retriable) next_commit_ = now + Duration::millis(100);  // retry.backoff.ms
}

void GroupMember::take_offsets(const wire::Completion& completion, Instant now) {
  const auto response = wire::decode_response<protocol::OffsetFetchResponse>(completion);
  if (!is_current(Ask::offsets) || phase_ != Phase::stable) return;
  offsets_not_before_ = now + Duration::millis(100);  // retry.backoff.ms, for those that failed.
  if (!response || response->groups.empty()) return;
  const auto& group = response->groups.front();
  if (group.error_code != ErrorCode::none) {
    take_error(group.error_code, now);
    return;
  }
  for (const auto& topic : group.topics) {
    for (const auto& partition : topic.partitions) {
      const auto owned = owned_.find({topic.name, partition.partition_index});
      if (owned == owned_.end() || owned->second.position) continue;
      if (partition.error_code != ErrorCode::none) {
        last_error_ = protocol::name(partition.error_code);
      } else if (partition.committed_offset < Offset{0}) {
        owned->second.reset_wanted = true;
      } else {
        owned->second.position = partition.committed_offset;
      }
    }
  }
}

}  // namespace ottla::client
