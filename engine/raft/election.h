// The votes of one election, or of one round of pre-votes (KIP-996): who is asked, who granted, who
// refused. The candidate's own vote counts from the start.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/raft/voter_set.h"

namespace ottla::raft {

class Election {
 public:
  Election(const VoterSet& voters, BrokerId candidate);

  // A voter's answer; the last one counts. Not a voter: no effect.
  void record(BrokerId voter, bool granted);

  // A majority has granted, or so many have refused that none can any more.
  [[nodiscard]] bool is_won() const { return count(Vote::granted) >= majority(); }
  [[nodiscard]] bool is_lost() const {
    return count(Vote::granted) + count(Vote::unrecorded) < majority();
  }
  // Those who have not answered yet, and those who granted, by id.
  [[nodiscard]] std::vector<BrokerId> unrecorded() const { return with(Vote::unrecorded); }
  [[nodiscard]] std::vector<BrokerId> granting() const { return with(Vote::granted); }

 private:
  enum class Vote : std::uint8_t { unrecorded, granted, rejected };
  [[nodiscard]] std::size_t count(Vote vote) const;
  [[nodiscard]] std::vector<BrokerId> with(Vote vote) const;
  [[nodiscard]] std::size_t majority() const { return votes_.size() / 2 + 1; }

  std::map<BrokerId, Vote> votes_;
};

}  // namespace ottla::raft
