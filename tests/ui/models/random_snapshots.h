// A sequence of snapshots in which everything changes, from a seed: topics, groups and members come
// and go and change places, leaders move, lags grow, values go stale.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/prng.h"
#include "engine/observe/snapshot.h"

namespace ottla::test {

class RandomSnapshots {
 public:
  explicit RandomSnapshots(std::uint64_t seed) : random_(seed) {}
  std::shared_ptr<const observe::Snapshot> next();

 private:
  observe::PartitionState partition(std::int32_t index);
  observe::GroupState group(std::string name);
  template <class T>
  void shuffle(std::vector<T>& items);

  Prng random_;
  Instant now_ = scenario_epoch;
};

}  // namespace ottla::test
