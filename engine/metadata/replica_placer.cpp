#include "engine/metadata/replica_placer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ottla::metadata {

namespace {

// Fisher and Yates, as java.util.Collections.shuffle walks it.
template <class T>
void shuffle(std::vector<T>& items, Prng& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

// A rack's brokers of one state. Each epoch hands every broker out at most once, starting one
// further on than the epoch before.
class BrokerRing {
 public:
  void add(BrokerId id) { brokers_.push_back(id); }
  [[nodiscard]] std::size_t size() const { return brokers_.size(); }
  void start(Prng& random) {
    std::sort(brokers_.begin(), brokers_.end());
    if (!brokers_.empty()) offset_ = random.below(brokers_.size());
  }
  // The next epoch may bear the number of the last one, and is another all the same.
  void mix(Prng& random) {
    shuffle(brokers_, random);
    index_ = 0;
  }

  std::optional<BrokerId> next(std::size_t epoch) {
    if (brokers_.empty()) return std::nullopt;
    if (epoch_ != epoch) {
      epoch_ = epoch;
      index_ = 0;
      offset_ = (offset_ + 1) % brokers_.size();
    }
    if (index_ >= brokers_.size()) return std::nullopt;
    return brokers_[(index_++ + offset_) % brokers_.size()];
  }

 private:
  std::vector<BrokerId> brokers_;
  std::size_t epoch_ = 0;
  std::size_t index_ = 0;
  std::size_t offset_ = 0;
};

struct Rack {
  BrokerRing unfenced;
  BrokerRing fenced;

  std::optional<BrokerId> next(std::size_t epoch) {
    if (const auto id = unfenced.next(epoch)) return id;
    return fenced.next(epoch);
  }
};

class RackList {
 public:
  RackList(const std::vector<UsableBroker>& brokers, Prng& random) : random_(random) {
    for (const UsableBroker& broker : brokers) {
      Rack& rack =
          racks_[broker.rack];  // Brokers without a rack are a rack of their own, the first.
      (broker.fenced ? rack.fenced : rack.unfenced).add(broker.id);
    }
    for (auto& [name, rack] : racks_) {
      rack.unfenced.start(random_);
      rack.fenced.start(random_);
      unfenced_brokers_ += rack.unfenced.size();
      order_.push_back(&rack);
    }
    if (!order_.empty()) offset_ = random_.below(order_.size());
  }

  [[nodiscard]] std::size_t unfenced_brokers() const { return unfenced_brokers_; }

  std::vector<BrokerId> place(std::size_t replication_factor) {
    if (epoch_ == unfenced_brokers_) {
      // As many assignments as there are brokers: mix, so that they do not repeat.
      mix();
      epoch_ = 0;
    }
    if (offset_ == order_.size()) offset_ = 0;
    std::vector<BrokerId> replicas;
    std::size_t first_rack = offset_;
    while (replicas.empty()) {
      if (const auto leader = order_[first_rack]->unfenced.next(epoch_)) {
        replicas.push_back(*leader);
      } else {
        first_rack = (first_rack + 1) % order_.size();
      }
    }
    place_followers(first_rack, replication_factor, replicas);
    ++epoch_;
    ++offset_;
    return replicas;
  }

 private:
  // Goes round the racks from the offset, passing once over the rack that gave the leader.
  void place_followers(std::size_t first_rack, std::size_t replication_factor,
                       std::vector<BrokerId>& replicas) {
    std::size_t rack = offset_;
    bool passed_first = false;
    while (replicas.size() < replication_factor) {
      if (rack == order_.size()) rack = 0;
      if (rack == first_rack && !passed_first) {
        passed_first = true;
        ++rack;
        continue;
      }
      if (const auto follower = order_[rack]->next(epoch_)) replicas.push_back(*follower);
      ++rack;
    }
  }

  void mix() {
    shuffle(order_, random_);
    for (Rack* rack : order_) {
      rack->unfenced.mix(random_);
      rack->fenced.mix(random_);
    }
  }

  Prng& random_;
  std::map<std::optional<std::string>, Rack> racks_;
  std::vector<Rack*> order_;
  std::size_t unfenced_brokers_ = 0;
  std::size_t epoch_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace

Result<Placement, std::string> place_replicas(const std::vector<UsableBroker>& brokers,
                                              std::int32_t partitions,
                                              std::int32_t replication_factor, Prng& random) {
  RackList racks(brokers, random);
  if (replication_factor <= 0) {
    return failure(
        fmt::format("Invalid replication factor {}: the replication factor must be positive.",
                    replication_factor));
  }
  if (racks.unfenced_brokers() == 0)
    return failure(std::string("All brokers are currently fenced."));
  const auto factor = static_cast<std::size_t>(replication_factor);
  if (factor > brokers.size()) {
    return failure(
        fmt::format("The target replication factor of {} cannot be reached because only {} "
                    "broker(s) are registered.",
                    replication_factor, brokers.size()));
  }
  Placement placement;
  for (std::int32_t i = 0; i < partitions; ++i) placement.push_back(racks.place(factor));
  return placement;
}

}  // namespace ottla::metadata
