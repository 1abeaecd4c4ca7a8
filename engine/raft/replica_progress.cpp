#include "engine/raft/replica_progress.h"

#include "engine/base/planted.h"

#include <algorithm>
#include <functional>

namespace ottla::raft {

ReplicaProgress::ReplicaProgress(ReplicaKey local, const VoterSet& voters, Offset epoch_start)
    : local_(local), epoch_start_(epoch_start) {
  set_voters(voters);
}

bool ReplicaProgress::is_voter(const ReplicaKey& replica) const {
  const auto at = voters_.find(replica.id);
  return at != voters_.end() && at->second.key.matches(replica);
}

ReplicaProgress::State& ReplicaProgress::state_of(const ReplicaKey& replica) {
  State& state = is_voter(replica) ? voters_[replica.id] : observers_[replica];
  if (state.key.id == no_broker) state.key = replica;
  return state;
}

void ReplicaProgress::set_voters(const VoterSet& voters) {
  std::map<BrokerId, State> changed;
  for (const auto& [id, voter] : voters.all()) {
    const auto known = voters_.find(id);
    const bool stays = known != voters_.end() && known->second.key.matches(voter.key);
    State state = stays ? known->second : State{};
    if (const auto observed = observers_.find(voter.key); !stays && observed != observers_.end())
      state = observed->second;
    if (stays) voters_.erase(known);
    observers_.erase(voter.key);
    state.key = voter.key;
    changed.emplace(id, state);
  }
  for (const auto& [id, state] : voters_) observers_.emplace(state.key, state);
  voters_ = std::move(changed);
  recompute_high_watermark();
}

void ReplicaProgress::update_local(Offset synced_end, Instant) {
  State& local = state_of(local_);
  local.end_offset = std::max(local.end_offset, synced_end);
  recompute_high_watermark();
}

void ReplicaProgress::update_replica(ReplicaKey replica, Offset fetch_offset, Offset leader_end,
                                     Instant now) {
  std::erase_if(observers_, [now](const auto& entry) {
    return entry.second.last_fetch && now - *entry.second.last_fetch > observer_session;
  });
  State& state = state_of(replica);

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
  if (is_voter(replica)) recompute_high_watermark();
}

bool ReplicaProgress::is_caught_up(const ReplicaKey& observer, Instant now) const {
  constexpr Duration hour = Duration::seconds(3600);
  const auto at = observers_.find(observer);
  if (at == observers_.end()) return false;
  const State& state = at->second;
  return state.last_caught_up && state.last_fetch && now - *state.last_fetch < hour;
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
    if (!state.key.matches(local_)) others.push_back({state.end_offset, state.key});
  }
  std::stable_sort(others.begin(), others.end(),
                   [](const auto& one, const auto& other) { return one.first > other.first; });
  std::vector<ReplicaKey> keys;
  for (const auto& [end, key] : others) keys.push_back(key);
  return keys;
}

ReplicaStatus ReplicaProgress::status_of(const State& state, Instant now) const {
  const bool self = state.key.matches(local_);
  return {.replica = state.key,
          .log_end_offset = state.end_offset,
          .last_fetch = self ? std::optional(now) : state.last_fetch,
          .last_caught_up = self ? std::optional(now) : state.last_caught_up};
}

std::vector<ReplicaStatus> ReplicaProgress::voters(Instant now) const {
  std::vector<ReplicaStatus> rows;
  for (const auto& [id, state] : voters_) rows.push_back(status_of(state, now));
  return rows;
}

std::vector<ReplicaStatus> ReplicaProgress::observers(Instant now) const {
  std::vector<ReplicaStatus> rows;
  for (const auto& [key, state] : observers_) {
    if (state.last_fetch && now - *state.last_fetch > observer_session) continue;
    rows.push_back(status_of(state, now));
  }
  return rows;
}

}  // namespace ottla::raft
