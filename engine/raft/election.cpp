#include "engine/raft/election.h"

#include <algorithm>

namespace ottla::raft {

Election::Election(const VoterSet& voters, BrokerId candidate) {
  for (const BrokerId voter : voters.ids()) votes_[voter] = Vote::unrecorded;
  record(candidate, true);
}

void Election::record(BrokerId voter, bool granted) {
  const auto at = votes_.find(voter);
  if (at != votes_.end()) at->second = granted ? Vote::granted : Vote::rejected;
}

std::size_t Election::count(Vote vote) const {
  return static_cast<std::size_t>(std::count_if(
      votes_.begin(), votes_.end(), [vote](const auto& entry) { return entry.second == vote; }));
}

std::vector<BrokerId> Election::with(Vote vote) const {
  std::vector<BrokerId> voters;
  for (const auto& [voter, cast] : votes_) {
    if (cast == vote) voters.push_back(voter);
  }
  return voters;
}

}  // namespace ottla::raft
