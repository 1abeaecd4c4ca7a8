#include "engine/coordinator/classic_group.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/coordinator/consumer_protocol.h"

namespace ottla::coordinator {

using protocol::ErrorCode;
using protocol::GroupMetadataValue;

std::string_view name(GroupState state) {
  switch (state) {
    case GroupState::empty: return "Empty";
    case GroupState::preparing_rebalance: return "PreparingRebalance";
    case GroupState::completing_rebalance: return "CompletingRebalance";
    case GroupState::stable: return "Stable";
    case GroupState::dead: return "Dead";
  }
  return "Dead";
}

ClassicGroup::ClassicGroup(std::string id, Instant now) : id_(std::move(id)), state_since_(now) {}

ClassicGroup::ClassicGroup(std::string id, const GroupMetadataValue& recorded, Instant now)
    : id_(std::move(id)),
      state_(recorded.members.empty() ? GroupState::empty : GroupState::stable),
      generation_(recorded.generation),
      protocol_name_(recorded.protocol),
      leader_(recorded.leader),
      state_since_(now) {
  if (!recorded.protocol_type.empty()) protocol_type_ = recorded.protocol_type;
  state_since_.reset();
  if (recorded.current_state_timestamp != -1) {
    state_since_ = Instant::from_millis(recorded.current_state_timestamp);
  }
  for (const GroupMetadataValue::MemberMetadata& each : recorded.members) {
    ClassicMember member;
    member.id = each.member_id;
    member.instance_id = each.group_instance_id;
    member.client_id = each.client_id;
    member.client_host = each.client_host;
    member.session_timeout = Duration::millis(each.session_timeout);
    // Records before version 1 have no rebalance timeout.
    member.rebalance_timeout = each.rebalance_timeout == -1
                                   ? member.session_timeout
                                   : Duration::millis(each.rebalance_timeout);
    member.protocols = {{recorded.protocol.value_or(""), each.subscription}};
    member.assignment = each.assignment;
    add(std::move(member), recorded.protocol_type);
  }
  compute_subscribed_topics();
}

bool ClassicGroup::can_rebalance() const {
  return state_ == GroupState::stable || state_ == GroupState::completing_rebalance ||
         state_ == GroupState::empty;
}

void ClassicGroup::transition_to(GroupState state, Instant now) {
  previous_state_ = state_;
  state_ = state;
  state_since_ = now;
}

ClassicMember* ClassicGroup::member(const std::string& id) {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

const ClassicMember* ClassicGroup::member(const std::string& id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

const std::string* ClassicGroup::static_member_id(const std::string& instance_id) const {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : &found->second;
}

ErrorCode ClassicGroup::validate(const std::string& member_id,
                                 const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const std::string* existing = static_member_id(*instance_id);
    if (existing == nullptr) return ErrorCode::unknown_member_id;
    if (*existing != member_id) return ErrorCode::fenced_instance_id;
  }
  return members_.contains(member_id) ? ErrorCode::none : ErrorCode::unknown_member_id;
}

void ClassicGroup::add(ClassicMember member, const std::string& protocol_type) {
  if (members_.empty()) protocol_type_ = protocol_type;
  if (!leader_) leader_ = member.id;
  if (member.instance_id) static_members_[*member.instance_id] = member.id;
  pending_joins_.erase(member.id);
  std::string id = member.id;
  const bool added = members_.emplace(std::move(id), std::move(member)).second;
  OTTLA_ASSERT(added);
}

void ClassicGroup::remove(const std::string& member_id) {
  if (const auto found = members_.find(member_id); found != members_.end()) {
    OTTLA_ASSERT(!found->second.join && !found->second.sync);
    if (found->second.instance_id) static_members_.erase(*found->second.instance_id);
    members_.erase(found);
  }
  if (leader_ == member_id) {
    leader_.reset();
    if (!members_.empty()) leader_ = members_.begin()->first;
  }
  pending_joins_.erase(member_id);
  pending_syncs_.erase(member_id);
}

ClassicMember& ClassicGroup::replace_static_member(const std::string& old_id,
                                                   const std::string& new_id) {
  auto node = members_.extract(old_id);
  OTTLA_ASSERT(!node.empty() && !node.mapped().join && !node.mapped().sync);
  pending_syncs_.erase(old_id);
  node.key() = new_id;
  node.mapped().id = new_id;
  node.mapped().is_new = false;
  static_members_[*node.mapped().instance_id] = new_id;
  if (leader_ == old_id) leader_ = new_id;
  return members_.insert(std::move(node)).position->second;
}

std::int32_t ClassicGroup::awaiting_join() const {
  return static_cast<std::int32_t>(
      std::count_if(members_.begin(), members_.end(),
                    [](const auto& each) { return each.second.join.has_value(); }));
}

bool ClassicGroup::has_all_members_joined() const {
  return awaiting_join() == size() && pending_joins_.empty();
}

Duration ClassicGroup::rebalance_timeout() const {
  Duration longest;
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

std::set<std::string> ClassicGroup::candidate_protocols() const {
  std::map<std::string, std::size_t> supporters;
  for (const auto& [id, member] : members_) {
    std::set<std::string> named;
    for (const MemberProtocol& each : member.protocols) named.insert(each.name);
    for (const std::string& each : named) ++supporters[each];
  }
  std::set<std::string> candidates;
  for (const auto& [protocol, count] : supporters) {
    if (count == members_.size()) candidates.insert(protocol);
  }
  return candidates;
}

bool ClassicGroup::supports(const std::string& protocol_type,
                            const std::vector<MemberProtocol>& protocols) const {
  if (state_ == GroupState::empty) return !protocol_type.empty() && !protocols.empty();
  if (protocol_type_ != protocol_type) return false;
  const std::set<std::string> candidates = candidate_protocols();
  // A group whose members have all gone takes whatever comes next.
  if (members_.empty()) return !protocols.empty();
  return std::any_of(protocols.begin(), protocols.end(),
                     [&](const MemberProtocol& each) { return candidates.contains(each.name); });
}

std::string ClassicGroup::select_protocol() const {
  OTTLA_ASSERT(!members_.empty());
  const std::set<std::string> candidates = candidate_protocols();
  std::map<std::string, int> votes;
  for (const auto& [id, member] : members_) {
    for (const MemberProtocol& each : member.protocols) {
      if (!candidates.contains(each.name)) continue;
      ++votes[each.name];
      break;
    }
  }
  OTTLA_ASSERT(!votes.empty());
  return std::max_element(votes.begin(), votes.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

bool ClassicGroup::elect_joined_leader() {
  if (!leader_) return false;
  const ClassicMember* leader = member(*leader_);
  if (leader != nullptr && leader->join) return true;
  for (const auto& [id, each] : members_) {
    if (!each.join) continue;
    leader_ = id;
    return true;
  }
  return false;
}

void ClassicGroup::start_next_generation(Instant now) {
  generation_ = generation_.next();
  pending_syncs_.clear();
  initial_delay.reset();
  if (members_.empty()) {
    protocol_name_.reset();
    compute_subscribed_topics();
    transition_to(GroupState::empty, now);
  } else {
    protocol_name_ = select_protocol();
    compute_subscribed_topics();
    transition_to(GroupState::completing_rebalance, now);
  }
}

void ClassicGroup::compute_subscribed_topics() {
  subscribed_topics_.reset();
  if (!uses_consumer_protocol()) return;
  std::set<std::string> topics;
  if (!members_.empty() && !protocol_name_) return;
  for (const auto& [id, member] : members_) {
    const MemberProtocol* protocol = member.protocol(*protocol_name_);
    if (protocol == nullptr) return;
    const auto subscription = decode_subscription(protocol->metadata);
    if (!subscription) return;
    topics.insert(subscription->topics.begin(), subscription->topics.end());
  }
  subscribed_topics_ = std::move(topics);
}

GroupMetadataValue ClassicGroup::recorded(const Assignments& assignments) const {
  GroupMetadataValue value;
  value.protocol_type = protocol_type_.value_or("");
  value.generation = generation_.value();
  value.protocol = protocol_name_;
  value.leader = leader_;
  value.current_state_timestamp = state_since_ ? state_since_->millis_since_epoch() : -1;
  for (const auto& [id, member] : members_) {
    GroupMetadataValue::MemberMetadata& out = value.members.emplace_back();
    out.member_id = id;
    out.group_instance_id = member.instance_id;
    out.client_id = member.client_id;
    out.client_host = member.client_host;
    out.rebalance_timeout = static_cast<std::int32_t>(member.rebalance_timeout.count_millis());
    out.session_timeout = static_cast<std::int32_t>(member.session_timeout.count_millis());
    if (const MemberProtocol* each = member.protocol(protocol_name_.value_or(""))) {
      out.subscription = each->metadata;
    }
    if (const auto found = assignments.find(id); found != assignments.end()) {
      out.assignment = found->second;
    }
  }
  return value;
}

ClassicGroup::Assignments ClassicGroup::assignments() const {
  Assignments all;
  for (const auto& [id, member] : members_) all.emplace(id, member.assignment);
  return all;
}

void ClassicGroup::set_assignments(const Assignments& assignments) {
  for (auto& [id, member] : members_) {
    const auto found = assignments.find(id);
    member.assignment = found == assignments.end() ? Bytes() : found->second;
  }
}

}  // namespace ottla::coordinator
