#include "engine/raft/replica_progress.h"

#include "engine/base/planted.h"

#include <algorithm>
#include <functional>

namespace ottla::raft {

ReplicaProgress::ReplicaProgress(BrokerId local, std::vector<BrokerId> voters, Offset epoch_start)
    : local_(local), epoch_start_(epoch_start) {
  for (const BrokerId voter : voters) voters_.emplace(voter, State{});
}

void ReplicaProgress::update_local(Offset synced_end, Instant) {
  const auto local = voters_.find(local_);
  if (local == voters_.end()) return;
  local->second.end_offset = std::max(local->second.end_offset, synced_end);
  recompute_high_watermark();
}

void ReplicaProgress::update_replica(ReplicaKey replica, Offset fetch_offset, Offset leader_end,
                                     Instant now) {
  std::erase_if(observers_, [now](const auto& entry) {
    return entry.second.last_fetch && now - *entry.second.last_fetch > observer_session;
  });
  const auto voter = voters_.find(replica.id);
  State& state = voter != voters_.end() ? voter->second : observers_[replica];
  state.directory = replica.directory;

  // A replica that has what the leader had at the fetch before was caught up at that time:
  // otherwise one that is a round trip behind a busy leader would never count as caught up.
  if (fetch_offset >= leader_end) {
    state.last_caught_up = now;
  } else if (state.leader_end_at_last_fetch > Offset{0} &&
             fetch_offset >= state.leader_end_at_last_fetch) {
    state.last_caught_up = std::max(state.last_caught_up, state.last_fetch);
  }
  state.last_fetch = now;
  state.end_offset = fetch_offset;
  state.leader_end_at_last_fetch = leader_end;
  if (voter != voters_.end()) recompute_high_watermark();
}

void ReplicaProgress::recompute_high_watermark() {
  std::vector<Offset> ends;
  for (const auto& [id, state] : voters_) ends.push_back(state.end_offset);
  std::sort(ends.begin(), ends.end(), std::greater<>());
  const Offset majority_has = ends[planted(Plant::commit_alone) ? 0 : ends.size() / 2];
  if (majority_has <= epoch_start_) return;
  if (!high_watermark_ || majority_has > *high_watermark_) high_watermark_ = majority_has;
}

std::vector<ReplicaKey> ReplicaProgress::successors() const {
  std::vector<std::pair<Offset, ReplicaKey>> others;
  for (const auto& [id, state] : voters_) {
    if (id != local_) others.push_back({state.end_offset, {id, state.directory}});
  }
  std::stable_sort(others.begin(), others.end(),
                   [](const auto& one, const auto& other) { return one.first > other.first; });
  std::vector<ReplicaKey> keys;
  for (const auto& [end, key] : others) keys.push_back(key);
  return keys;
}

std::vector<ReplicaStatus> ReplicaProgress::voters(Instant now) const {
  std::vector<ReplicaStatus> rows;
  for (const auto& [id, state] : voters_) {
    const bool self = id == local_;
    rows.push_back({.replica = {id, state.directory},
                    .log_end_offset = state.end_offset,
                    .last_fetch = self ? std::optional(now) : state.last_fetch,
                    .last_caught_up = self ? std::optional(now) : state.last_caught_up});
  }
  return rows;
}

std::vector<ReplicaStatus> ReplicaProgress::observers(Instant now) const {
  std::vector<ReplicaStatus> rows;
  for (const auto& [key, state] : observers_) {
    if (state.last_fetch && now - *state.last_fetch > observer_session) continue;
    rows.push_back({.replica = key,
                    .log_end_offset = state.end_offset,
                    .last_fetch = state.last_fetch,
                    .last_caught_up = state.last_caught_up});
  }
  return rows;
}

}  // namespace ottla::raft
