#include "engine/raft/voter_set.h"

#include <algorithm>

namespace ottla::raft {

const VoterEndpoint* Voter::endpoint(std::string_view listener) const {
  const auto at = std::find_if(endpoints.begin(), endpoints.end(),
                               [&](const auto& each) { return each.listener == listener; });
  return at == endpoints.end() ? nullptr : &*at;
}

VoterSet::VoterSet(const std::vector<Voter>& voters) {
  for (const Voter& voter : voters) voters_.emplace(voter.key.id, voter);
}

std::vector<BrokerId> VoterSet::ids() const {
  std::vector<BrokerId> ids;
  for (const auto& [id, voter] : voters_) ids.push_back(id);
  return ids;
}

const Voter* VoterSet::find(BrokerId id) const {
  const auto at = voters_.find(id);
  return at == voters_.end() ? nullptr : &at->second;
}

bool VoterSet::contains(const ReplicaKey& replica) const {
  const Voter* voter = find(replica.id);
  return voter != nullptr && voter->key.matches(replica);
}

bool VoterSet::needs_update(const Voter& voter) const {
  return contains(voter.key) && *find(voter.key.id) != voter;
}

bool VoterSet::all_support(std::int16_t kraft_version) const {
  return std::all_of(voters_.begin(), voters_.end(), [=](const auto& entry) {
    return entry.second.versions.contains(kraft_version);
  });
}

std::optional<VoterSet> VoterSet::with(const Voter& voter) const {
  VoterSet changed = *this;
  if (!changed.voters_.emplace(voter.key.id, voter).second) return std::nullopt;
  return changed;
}

std::optional<VoterSet> VoterSet::without(const ReplicaKey& voter) const {
  const Voter* found = find(voter.id);
  if (found == nullptr || found->key != voter || size() == 1) return std::nullopt;
  VoterSet changed = *this;
  changed.voters_.erase(voter.id);
  return changed;
}

std::optional<VoterSet> VoterSet::with_update(const Voter& voter) const {
  return contains(voter.key) ? with_update_of_id(voter) : std::nullopt;
}

std::optional<VoterSet> VoterSet::with_update_of_id(const Voter& voter) const {
  if (find(voter.key.id) == nullptr) return std::nullopt;
  VoterSet changed = *this;
  changed.voters_[voter.key.id] = voter;
  return changed;
}

std::string describe(const ReplicaKey& replica) {
  const std::string directory =
      replica.directory.is_zero() ? "<undefined>" : replica.directory.to_string();
  return "ReplicaKey(id=" + std::to_string(replica.id.value()) + ", directoryId=" + directory + ")";
}

std::string describe(const std::vector<VoterEndpoint>& endpoints) {
  std::string text = "Endpoints(endpoints={";
  for (const VoterEndpoint& each : endpoints) {
    if (&each != &endpoints.front()) text += ", ";
    text += "ListenerName(" + each.listener + ")=" + each.host +
            "/<unresolved>:" + std::to_string(each.port);
  }
  return text + "})";
}

std::string describe_keys(const VoterSet& voters) {
  std::string text = "[";
  for (const auto& [id, voter] : voters.all()) {
    if (text.size() > 1) text += ", ";
    text += describe(voter.key);
  }
  return text + "]";
}

}  // namespace ottla::raft
