// The end of what nobody needs any more: offsets past their retention (KIP-211), and then the
// groups that have neither members nor offsets.
#include "engine/coordinator/group_coordinator.h"

namespace ottla::coordinator {

void GroupCoordinator::expire_offsets(Turn& turn) {
  for (auto& [id, group] : groups_) {
    const bool none_left = expire_offsets_of(turn, id);
    if (!none_left || !group.is_in(GroupState::empty)) continue;
    turn.result.records.push_back(group_tombstone(id));
    turn.result.changes.push_back(
        {id, GroupState::dead, group.generation(), 0, "Empty, and all offsets have expired"});
  }
}

bool GroupCoordinator::expire_offsets_of(Turn& turn, const std::string& id) {
  const ClassicGroup& group = *find(id);
  const bool is_empty_group = group.protocol_type() && group.is_in(GroupState::empty);
  const bool is_live_consumers = group.uses_consumer_protocol() && group.subscribed_topics() &&
                                 group.is_in(GroupState::stable);
  const auto offsets = offsets_.latest_of(id);
  // In between generations nothing expires; nor where subscriptions cannot be read.
  if (group.protocol_type() && !is_empty_group && !is_live_consumers) return offsets.empty();

  bool none_left = true;
  const std::int64_t now = turn.now.millis_since_epoch();
  for (const auto& [key, offset] : offsets) {
    if (is_live_consumers && group.subscribed_topics()->contains(key.first)) {
      none_left = false;
      continue;
    }
    // A group that emptied keeps its offsets for the retention from then on; all others from the
    // commit.
    std::int64_t base = offset.commit_timestamp;
    if (is_empty_group && group.state_since()) base = group.state_since()->millis_since_epoch();
    const bool expired = offset.expire_timestamp
                             ? now >= *offset.expire_timestamp
                             : now - base >= config_.offsets_retention.count_millis();
    if (expired) {
      turn.result.records.push_back(offset_tombstone({id, key.first, key.second}));
    } else {
      none_left = false;
    }
  }
  return none_left;
}

}  // namespace ottla::coordinator
