// Who votes in the quorum, and by which listeners the voters are reached (KIP-853). A set from the
// log names each voter's directory, so that a node that has lost its disk is another voter; one
// from the configuration (controller.quorum.voters) leaves the directories open.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/raft/fetch.h"

namespace ottla::raft {

struct VoterEndpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const VoterEndpoint&) const = default;
};

// The levels of kraft.version that a voter can run with.
struct KRaftVersions {
  std::int16_t min = 0;
  std::int16_t max = 0;
  [[nodiscard]] bool contains(std::int16_t level) const { return min <= level && level <= max; }
  bool operator==(const KRaftVersions&) const = default;
};
// Of this build.
inline constexpr KRaftVersions supported_kraft_versions{0, 1};
// From this level of kraft.version on the log says who votes, and that can change.
inline constexpr std::int16_t first_with_voters_in_log = 1;

struct Voter {
  ReplicaKey key;
  std::vector<VoterEndpoint> endpoints;
  KRaftVersions versions = {};
  bool operator==(const Voter&) const = default;
  [[nodiscard]] const VoterEndpoint* endpoint(std::string_view listener) const;
};

class VoterSet {
 public:
  VoterSet() = default;
  explicit VoterSet(const std::vector<Voter>& voters);

  // By their ids.
  [[nodiscard]] const std::map<BrokerId, Voter>& all() const { return voters_; }
  [[nodiscard]] std::vector<BrokerId> ids() const;
  [[nodiscard]] std::size_t size() const { return voters_.size(); }
  [[nodiscard]] bool empty() const { return voters_.empty(); }
  [[nodiscard]] const Voter* find(BrokerId id) const;
  // Whether the replica is a voter: of the directory that the set names, where it names one.
  [[nodiscard]] bool contains(const ReplicaKey& replica) const;
  // It is in the set, with other listeners or levels.
  [[nodiscard]] bool needs_update(const Voter& voter) const;
  [[nodiscard]] bool all_support(std::int16_t kraft_version) const;

  // The set with one change; nothing where it cannot be made: an id twice, a voter that is not
  // there, the last one removed.
  [[nodiscard]] std::optional<VoterSet> with(const Voter& voter) const;
  [[nodiscard]] std::optional<VoterSet> without(const ReplicaKey& voter) const;
  [[nodiscard]] std::optional<VoterSet> with_update(const Voter& voter) const;
  // Takes the directory from the update, too.
  [[nodiscard]] std::optional<VoterSet> with_update_of_id(const Voter& voter) const;

  bool operator==(const VoterSet&) const = default;

 private:
  std::map<BrokerId, Voter> voters_;
};

// As Kafka's messages name a replica, where one is reached, and a set of voters by their keys.
[[nodiscard]] std::string describe(const ReplicaKey& replica);
[[nodiscard]] std::string describe(const std::vector<VoterEndpoint>& endpoints);
[[nodiscard]] std::string describe_keys(const VoterSet& voters);

}  // namespace ottla::raft
