// Makes logs durable: each as a segment of it is full, and all before a clean shutdown. A sync
// takes time; the log's recovery point moves as it ends.
#pragma once

#include <map>
#include <set>

#include "engine/broker/data/replica.h"
#include "engine/env/disk.h"

namespace ottla::broker {

class LogFlusher {
 public:
  // Syncs what the log holds by now; once more after the sync that is under way, if there is one.
  void flush(Replica& replica);
  // The partition's files go: its syncs do not matter any more.
  void forget(const PartitionKey& key);

  // Node::on_disk. `find` gives the replica of a key, or null.
  template <class Find>
  void on_disk(DiskOperationId operation, const DiskResult<void>& result, const Find& find) {
    const auto at = under_way_.find(operation);
    if (at == under_way_.end()) return;
    Replica* replica = find(at->second);
    if (replica == nullptr) {
      under_way_.erase(at);
    } else {
      step_ended(at, *replica, result);
    }
  }
  [[nodiscard]] bool idle() const { return under_way_.empty(); }

 private:
  using UnderWay = std::map<DiskOperationId, PartitionKey>;
  void step_ended(UnderWay::iterator at, Replica& replica, const DiskResult<void>& result);

  UnderWay under_way_;
  std::set<PartitionKey> again_;
  DiskOperationId next_{1};
};

}  // namespace ottla::broker
