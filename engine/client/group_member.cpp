#include "engine/client/group_member.h"

#include <algorithm>
#include <utility>

#include "engine/client/latest.h"
#include "engine/coordinator/assignors/assignor.h"
#include "engine/coordinator/consumer_protocol.h"
#include "engine/protocol/messages/find_coordinator_request.h"
#include "engine/protocol/messages/heartbeat_request.h"
#include "engine/protocol/messages/join_group_request.h"
#include "engine/protocol/messages/leave_group_request.h"
#include "engine/protocol/messages/offset_commit_request.h"
#include "engine/protocol/messages/offset_fetch_request.h"
#include "engine/protocol/messages/sync_group_request.h"

namespace ottla::client {

using coordinator::Assignor;
using protocol::ErrorCode;

namespace {

constexpr ApiVersion find_coordinator_version{4};
constexpr ApiVersion join_version{9};
constexpr ApiVersion sync_version{5};
constexpr ApiVersion heartbeat_version{4};
constexpr ApiVersion leave_version{5};
constexpr ApiVersion commit_version{9};
constexpr ApiVersion offset_fetch_version{9};
constexpr wire::Backoff retry_backoff{Duration::millis(100), Duration::millis(1000)};

std::int32_t millis(Duration duration) {
  return static_cast<std::int32_t>(duration.count_millis());
}

}  // namespace

GroupMember::GroupMember(const ConsumerConfig& config, OwnedPartitions& owned,
                         wire::ChannelPool& channels, wire::ChannelPool& coordinator_channels,
                         MetadataCache& metadata, Random& random, std::uint64_t first_token)
    : config_(config),
      owned_(owned),
      channels_(channels),
      coordinator_channels_(coordinator_channels),
      metadata_(metadata),
      random_(random),
      first_token_(first_token) {}

template <class Request>
bool GroupMember::ask(Ask what, const Request& request, ApiVersion ceiling, Instant now,
                      wire::SendOptions options) {
  if (!coordinator_ || asking(what)) return false;
  const auto index = static_cast<std::size_t>(what);
  asking_[index] = send_latest(coordinator_channels_.to(*coordinator_), request, ceiling,
                               wire::RequestToken(first_token_ + index), now, options);
  asked_in_[index] = generation_;
  return asking_[index];
}

void GroupMember::retry_later(Instant now) {
  retry_not_before_ = now + retry_backoff.after(failures_++, random_);
}

void GroupMember::find_coordinator(Instant now) {
  if (asking(Ask::find) || now < retry_not_before_) return;
  wire::Channel* channel = metadata_.least_loaded(channels_, now);
  if (channel == nullptr) return;
  protocol::FindCoordinatorRequest request;
  request.key_type = 0;
  request.coordinator_keys = {config_.group_id};
  constexpr auto index = static_cast<std::size_t>(Ask::find);
  asking_[index] = send_latest(*channel, request, find_coordinator_version,
                               wire::RequestToken(first_token_ + index), now);
}

void GroupMember::lose_coordinator(Instant now) {
  if (!coordinator_) return;
  // What is still in flight to it completes as disconnected.
  coordinator_channels_.drop(*std::exchange(coordinator_, std::nullopt), now);
  retry_later(now);
}

void GroupMember::poll_background(Instant now) {
  if (!coordinator_) find_coordinator(now);
  if (phase_ != Phase::syncing && phase_ != Phase::stable && phase_ != Phase::committing) return;
  if (generation_ < GenerationId{0}) return;
  if (coordinator_ && now >= session_deadline_) lose_coordinator(now);
  if (phase_ == Phase::stable && now >= poll_deadline_ && !leaving_) {
    // The application is stuck: others get its partitions until it polls again (KIP-62).
    last_error_ = "MAX_POLL_INTERVAL_EXCEEDED";
    send_leave(now);
    reset_generation(true);
    return;
  }
  if (now >= next_heartbeat_) send_heartbeat(now);
}

bool GroupMember::poll_application(Instant now) {
  poll_deadline_ = now + config_.max_poll_interval;
  if (phase_ == Phase::stable && !rejoin_wanted_ && leads_ && group_metadata_changed()) {
    rejoin_wanted_ = true;
    join_reason_ = "cached metadata has changed";
  }
  if (phase_ == Phase::stable && rejoin_wanted_) prepare_join(now);
  if (phase_ == Phase::committing) {
    if (now >= commit_deadline_) {
      finish_commit(false, now);
    } else if (now >= commit_not_before_) {
      send_commit(now);
    }
  }
  if (phase_ == Phase::unjoined) send_join(now);
  if (phase_ != Phase::stable) return false;
  if (now >= next_commit_) {
    next_commit_ = now + config_.auto_commit_interval;
    send_commit(now);
  }
  fetch_committed(now);
  return true;
}

void GroupMember::prepare_join(Instant now) {
  phase_ = Phase::committing;
  last_commit_sent_ = false;
  commit_not_before_ = now;
  commit_deadline_ = now + config_.max_poll_interval;
  const bool anything = std::ranges::any_of(
      owned_, [](const auto& entry) { return entry.second.position.has_value(); });
  if (!anything) finish_commit(false, now);
}

// The commit before partitions are given back is over: the eager protocol gives all of them back.
void GroupMember::finish_commit(bool retriable_failure, Instant now) {
  if (retriable_failure && now < commit_deadline_) {
    commit_not_before_ = now + retry_backoff.after(0, random_);
    return;
  }
  if (leaving_) return send_leave(now);
  owned_.clear();
  phase_ = Phase::unjoined;
}

void GroupMember::send_join(Instant now) {
  if (!coordinator_ || now < retry_not_before_ || asking(Ask::join) || asking(Ask::sync)) return;
  owned_.clear();
  if (metadata_.updates() == 0) return;  // A leader could assign nothing.
  protocol::JoinGroupRequest request;
  request.group_id = config_.group_id;
  request.session_timeout_ms = millis(config_.session_timeout);
  request.rebalance_timeout_ms = millis(config_.max_poll_interval);
  request.member_id = member_id_;
  request.protocol_type = coordinator::consumer_protocol_type;
  auto& range = request.protocols.emplace_back();
  range.name = coordinator::protocol_name(Assignor::range);
  range.metadata = coordinator::encode_subscription(
      coordinator::to_subscription(Assignor::range, config_.topics, {}, generation_));
  request.reason = join_reason_;
  // The answer comes when all members have joined, or their time for it is over.
  const Duration timeout =
      std::max(config_.request_timeout, config_.max_poll_interval + Duration::seconds(5));
  if (ask(Ask::join, request, join_version, now, {.timeout = timeout, .expects_response = true})) {
    phase_ = Phase::joining;
  }
}

void GroupMember::send_sync(const protocol::JoinGroupResponse* as_leader, Instant now) {
  protocol::SyncGroupRequest request;
  request.group_id = config_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.protocol_type = coordinator::consumer_protocol_type;
  request.protocol_name = coordinator::protocol_name(Assignor::range);
  leads_ = as_leader != nullptr;
  group_partitions_.clear();
  if (as_leader != nullptr && !as_leader->skip_assignment) {
    std::vector<coordinator::SubscribedMember> members;
    for (const auto& joined : as_leader->members) {
      auto member = coordinator::subscribed_member(Assignor::range, joined.member_id,
                                                   joined.group_instance_id, joined.metadata);
      if (!member) continue;
      metadata_.add_topics(member->topics);
      for (const std::string& topic : member->topics) {
        const TopicMetadata* known = metadata_.topic(topic);
        group_partitions_[topic] =
            known == nullptr ? 0 : static_cast<std::int32_t>(known->partitions.size());
      }
      members.push_back(std::move(*member));
    }
    auto counts = group_partitions_;
    std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
    for (const auto& [id, share] : coordinator::assign(Assignor::range, members, counts)) {
      request.assignments.push_back(
          {id, coordinator::encode_assignment(coordinator::to_assignment(share))});
    }
  }
  phase_ = Phase::syncing;
  if (!ask(Ask::sync, request, sync_version, now)) {
    phase_ = Phase::unjoined;
    rejoin_wanted_ = true;
  }
}

bool GroupMember::group_metadata_changed() const {
  return std::ranges::any_of(group_partitions_, [this](const auto& entry) {
    const TopicMetadata* known = metadata_.topic(entry.first);
    return known != nullptr && static_cast<std::int32_t>(known->partitions.size()) != entry.second;
  });
}

void GroupMember::send_heartbeat(Instant now) {
  protocol::HeartbeatRequest request;
  request.group_id = config_.group_id;
  request.generation_id = generation_;
  request.member_id = member_id_;
  if (ask(Ask::heartbeat, request, heartbeat_version, now)) {
    next_heartbeat_ = now + config_.heartbeat_interval;
  }
}

void GroupMember::send_commit(Instant now) {
  protocol::OffsetCommitRequest request;
  request.group_id = config_.group_id;
  request.generation_id_or_member_epoch = generation_.value();
  request.member_id = member_id_;
  for (const auto& [of, partition] : owned_) {
    if (!partition.position || partition.reset_wanted) continue;
    if (request.topics.empty() || request.topics.back().name != of.first) {
      request.topics.emplace_back().name = of.first;
    }
    auto& entry = request.topics.back().partitions.emplace_back();
    entry.partition_index = of.second;
    entry.committed_offset = *partition.position;
    entry.committed_metadata = "";
  }
  if (request.topics.empty()) {
    if (phase_ == Phase::committing) finish_commit(false, now);
    return;
  }
  if (ask(Ask::commit, request, commit_version, now)) {
    last_commit_sent_ = phase_ == Phase::committing;
  }
}

void GroupMember::fetch_committed(Instant now) {
  if (asking(Ask::offsets) || now < offsets_not_before_) return;
  const auto is_wanted = [](const OwnedPartition& partition) {
    return !partition.position && !partition.reset_wanted;
  };
  if (std::ranges::none_of(owned_, is_wanted, &OwnedPartitions::value_type::second)) return;
  protocol::OffsetFetchRequest request;
  request.require_stable = true;
  auto& group = request.groups.emplace_back();
  group.group_id = config_.group_id;
  for (const auto& [of, partition] : owned_) {
    if (!is_wanted(partition)) continue;
    if (group.topics->empty() || group.topics->back().name != of.first) {
      group.topics->emplace_back().name = of.first;
    }
    group.topics->back().partition_indexes.push_back(of.second);
  }
  static_cast<void>(ask(Ask::offsets, request, offset_fetch_version, now));
}

void GroupMember::begin_leaving(Instant now) {
  leaving_ = true;
  commit_deadline_ = now + Duration::seconds(30);  // KafkaConsumer.close's default timeout.
  const bool member = generation_ >= GenerationId{0} && coordinator_.has_value();
  if (!member) {
    left_ = member_id_.empty() || !coordinator_;
    if (!left_) send_leave(now);
    return;
  }
  if (phase_ == Phase::stable) prepare_join(now), commit_deadline_ = now + Duration::seconds(30);
  if (phase_ != Phase::committing && !left_) send_leave(now);
  poll_leaving(now);
}

void GroupMember::poll_leaving(Instant now) {
  if (left_) return;
  if (now >= commit_deadline_ || !coordinator_) {
    left_ = true;
  } else if (phase_ == Phase::committing && now >= commit_not_before_) {
    send_commit(now);
  }
}

void GroupMember::send_leave(Instant now) {
  phase_ = Phase::unjoined;
  protocol::LeaveGroupRequest request;
  request.group_id = config_.group_id;
  auto& member = request.members.emplace_back();
  member.member_id = member_id_;
  member.reason = leaving_ ? "the consumer is being closed" : "consumer poll timeout has expired.";
  if (!ask(Ask::leave, request, leave_version, now) && leaving_ && !asking(Ask::leave)) {
    left_ = true;
  }
}

void GroupMember::reset_generation(bool forget_member_id) {
  if (forget_member_id) member_id_.clear();
  generation_ = GenerationId{-1};
  phase_ = Phase::unjoined;
  rejoin_wanted_ = true;
  leads_ = false;
}

std::optional<Instant> GroupMember::next_due(Instant now) const {
  std::optional<Instant> next;
  const auto consider = [&next, now](Instant at) {
    if (at > now && (!next || at < *next)) next = at;
  };
  consider(retry_not_before_);
  consider(offsets_not_before_);
  if (phase_ == Phase::committing) consider(commit_not_before_), consider(commit_deadline_);
  if (leaving_) consider(commit_deadline_);
  if (phase_ == Phase::syncing || phase_ == Phase::stable || phase_ == Phase::committing) {
    consider(next_heartbeat_);
    consider(session_deadline_);
  }
  if (phase_ == Phase::stable) consider(poll_deadline_), consider(next_commit_);
  return next;
}

}  // namespace ottla::client
