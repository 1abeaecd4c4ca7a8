// Voters for tests of the quorum machine, each with a directory of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/raft/voter_set.h"

namespace ottla::raft::test {

inline Voter voter_of(BrokerId id) {
  return {.key = {id, Uuid{7, static_cast<std::uint64_t>(id.value())}},
          .endpoints = {{"CONTROLLER", "node-" + std::to_string(id.value()), 9093}},
          .versions = supported_kraft_versions};
}
// As the log names them.
inline VoterSet voters_of(const std::vector<BrokerId>& ids) {
  std::vector<Voter> voters;
  voters.reserve(ids.size());
  for (const BrokerId id : ids) voters.push_back(voter_of(id));
  return VoterSet(voters);
}
// As controller.quorum.voters does.
inline VoterSet static_voters_of(const std::vector<BrokerId>& ids) {
  std::vector<Voter> voters;
  voters.reserve(ids.size());
  for (const BrokerId id : ids) {
    Voter voter = voter_of(id);
    voter.key.directory = {};
    voter.versions = {};
    voters.push_back(std::move(voter));
  }
  return VoterSet(voters);
}

}  // namespace ottla::raft::test
