// The last half minute of every partition of every group, and what it says about the consumers.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/observe/snapshot.h"
#include "ui/models/lag_verdict.h"

namespace ottla::ui {

class LagTracker {
 public:
  // Samples are this far apart; snapshots between them are passed over.
  static constexpr Duration sample_every = Duration::seconds(1);

  // Takes a sample of each partition. Time that goes back (a seek) starts over.
  void observe(const observe::Snapshot& snapshot);

  [[nodiscard]] LagVerdict verdict(const std::string& group, const std::string& topic,
                                   PartitionIndex partition) const;
  // The worst of its partitions'; unknown for a group that is not there.
  [[nodiscard]] LagVerdict verdict(const std::string& group) const;

 private:
  using PartitionKey = std::pair<std::string, PartitionIndex>;
  struct Watched {
    std::vector<LagSample> window;
    LagVerdict verdict = LagVerdict::unknown;
  };

  void sample(const observe::GroupState& group, Instant now);

  std::map<std::string, std::map<PartitionKey, Watched>, std::less<>> groups_;
  std::optional<Instant> last_sample_;
};

}  // namespace ottla::ui
