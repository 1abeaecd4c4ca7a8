// The state of one classic group: its members, its generation and where it is in the rebalance
// protocol. It keeps its own bookkeeping true and decides nothing by itself; GroupCoordinator moves
// it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/coordinator/classic_member.h"
#include "engine/protocol/error_code.h"
#include "engine/protocol/messages/group_metadata_value.h"

namespace ottla::coordinator {

enum class GroupState : std::uint8_t {
  empty,
  preparing_rebalance,   // Members are asked to rejoin; joins are parked.
  completing_rebalance,  // All have joined; waiting for the leader's assignment.
  stable,
  dead,
};
// As Kafka spells it: "PreparingRebalance".
[[nodiscard]] std::string_view name(GroupState state);

class ClassicGroup {
 public:
  using Assignments = std::map<std::string, Bytes>;  // By member id.

  ClassicGroup(std::string id, Instant now);
  // The group that a metadata record describes: Stable with members, Empty without.
  ClassicGroup(std::string id, const protocol::GroupMetadataValue& recorded, Instant now);

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] GroupState state() const { return state_; }
  [[nodiscard]] GroupState previous_state() const { return previous_state_; }
  [[nodiscard]] GenerationId generation() const { return generation_; }
  [[nodiscard]] const std::optional<std::string>& protocol_type() const { return protocol_type_; }
  [[nodiscard]] const std::optional<std::string>& protocol_name() const { return protocol_name_; }
  [[nodiscard]] const std::optional<std::string>& leader() const { return leader_; }
  [[nodiscard]] std::optional<Instant> state_since() const { return state_since_; }
  [[nodiscard]] const std::map<std::string, ClassicMember>& members() const { return members_; }
  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(members_.size()); }
  [[nodiscard]] bool is_in(GroupState state) const { return state_ == state; }
  [[nodiscard]] bool can_rebalance() const;
  [[nodiscard]] bool uses_consumer_protocol() const { return protocol_type_ == "consumer"; }
  // The topics that the members of the current generation subscribe to, where the metadata is a
  // consumer's and can be read; nothing where it is not known.
  [[nodiscard]] const std::optional<std::set<std::string>>& subscribed_topics() const {
    return subscribed_topics_;
  }

  void transition_to(GroupState state, Instant now);

  [[nodiscard]] ClassicMember* member(const std::string& id);
  [[nodiscard]] const ClassicMember* member(const std::string& id) const;
  [[nodiscard]] bool is_leader(const std::string& id) const { return leader_ == id; }
  [[nodiscard]] const std::string* static_member_id(const std::string& instance_id) const;
  // UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or none: may this member act under this instance id?
  [[nodiscard]] protocol::ErrorCode validate(const std::string& member_id,
                                             const std::optional<std::string>& instance_id) const;

  // The first member gives the group its protocol type and leads it.
  void add(ClassicMember member, const std::string& protocol_type);
  // Forgets a member or pending member; the oldest id left leads if the leader is gone.
  void remove(const std::string& member_id);
  // Gives the place of a static member to a new member id, with its assignment and its lead. The
  // requests that the old one had parked must have ended.
  ClassicMember& replace_static_member(const std::string& old_id, const std::string& new_id);

  // Members that were given an id and told to come back with it (KIP-394).
  void add_pending_join(const std::string& member_id) { pending_joins_.insert(member_id); }
  [[nodiscard]] bool is_pending_join(const std::string& id) const {
    return pending_joins_.contains(id);
  }
  [[nodiscard]] const std::set<std::string>& pending_joins() const { return pending_joins_; }

  // Members of this generation that have not sent SyncGroup yet.
  [[nodiscard]] std::set<std::string>& pending_syncs() { return pending_syncs_; }

  [[nodiscard]] std::int32_t awaiting_join() const;
  [[nodiscard]] bool has_all_members_joined() const;
  // The longest of the members' rebalance timeouts.
  [[nodiscard]] Duration rebalance_timeout() const;
  [[nodiscard]] bool supports(const std::string& protocol_type,
                              const std::vector<MemberProtocol>& protocols) const;
  // The protocol that all members support and most prefer.
  [[nodiscard]] std::string select_protocol() const;

  // Chooses a leader that has rejoined; false when none has.
  [[nodiscard]] bool elect_joined_leader();
  // Counts the generation up, and goes to Empty without members or to CompletingRebalance.
  void start_next_generation(Instant now);

  // The record of the group with these assignments; members without one are given an empty one.
  [[nodiscard]] protocol::GroupMetadataValue recorded(const Assignments& assignments) const;
  [[nodiscard]] Assignments assignments() const;
  void set_assignments(const Assignments& assignments);

  // The initial rebalance's delay: whether somebody joined since it was last extended, and how much
  // is left.
  struct InitialDelay {
    Duration delay;
    Duration remaining;
    bool member_added = false;
  };
  std::optional<InitialDelay> initial_delay;

 private:
  [[nodiscard]] std::set<std::string> candidate_protocols() const;
  void compute_subscribed_topics();

  std::string id_;
  GroupState state_ = GroupState::empty;
  GroupState previous_state_ = GroupState::dead;
  GenerationId generation_{0};
  std::optional<std::string> protocol_type_;
  std::optional<std::string> protocol_name_;
  std::optional<std::string> leader_;
  std::optional<Instant> state_since_;
  std::map<std::string, ClassicMember> members_;
  std::map<std::string, std::string> static_members_;  // Member id by instance id.
  std::set<std::string> pending_joins_;
  std::set<std::string> pending_syncs_;
  std::optional<std::set<std::string>> subscribed_topics_;
};

}  // namespace ottla::coordinator
